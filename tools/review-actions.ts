import { z } from 'zod';
import { decideShown } from '../src/engine/review/bulk.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { approveByForms } from '../src/mcp/forms/bulk-rounds.ts';

export const reviewActionsTool = defineTool({
  name: 'review_actions',
  title: 'Review actions',
  description:
    'Decides in one go exactly the rows that list_pending_actions showed under review_token. If one of them changed since, nothing is decided and the CONFLICT names it. skipped lists rows that were not decided and why; a review_token in the result stands for those of them that a next call can show the person.',
  toolset: 'review',
  hints: ACTS,
  input: z.strictObject({
    decision: z.enum(['approve', 'reject']),
    review_token: z.string().min(1).describe('From list_pending_actions'),
    reason: z.string().max(2000).optional(),
  }),
  output: { review_token: 'string', decided: 'integer', skipped: 'array' },
  async handler(args, call) {
    return args.decision === 'approve' ? approveByForms(call, args) : decideShown(call.house, call.by, args);
  },
});
