import { z } from 'zod';
import { decideShown, shownQuestion } from '../src/engine/review/bulk.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { prove } from '../src/mcp/forms/prove.ts';

export const reviewActionsTool = defineTool({
  name: 'review_actions',
  title: 'Review actions',
  description:
    'Decides in one go exactly the rows that list_pending_actions showed under review_token. If one of them changed since, nothing is decided and the CONFLICT names it. skipped lists rows that need a stronger proof of the person.',
  toolset: 'review',
  hints: ACTS,
  input: z.strictObject({
    decision: z.enum(['approve', 'reject']),
    review_token: z.string().min(1).describe('From list_pending_actions'),
    reason: z.string().max(2000).optional(),
  }),
  output: { decided: 'integer', skipped: 'array' },
  async handler(args, call) {
    const { house, by } = call;
    const question = args.decision === 'approve' ? await shownQuestion(house, args.review_token) : undefined;
    if (!question) return decideShown(house, by, args);
    const { via, decision, reason } = await prove(call, question);
    return decideShown(house, by, { ...args, decision, via, reason: args.reason ?? reason });
  },
});
