import { z } from 'zod';
import { decideElsewhere, decideShown } from '../src/engine/review/bulk.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { reviewToken } from '../src/mcp/fields.ts';
import { approveByForms, type Outcome } from '../src/mcp/forms/bulk-rounds.ts';

export const reviewActionsTool = defineTool({
  name: 'review_actions',
  title: 'Review actions',
  description:
    'Decides in one go exactly the rows that list_pending_actions showed under review_token. skipped lists, with the reason, rows that changed or were decided since, and those that need a stronger proof of the person; a review_token in the result stands for those that a next call can show the person. Where no row is left, it is a CONFLICT.',
  toolset: 'review',
  scopes: ['agents:approve'],
  hints: ACTS,
  input: z.strictObject({
    decision: z.enum(['approve', 'reject']),
    review_token: reviewToken,
    reason: z.string().max(2000).optional(),
  }),
  output: { review_token: 'string', next: 'string', decided: 'integer', skipped: 'array' },
  async handler(args, call) {
    const { house, by } = call;
    const { review_token, ...outcome }: Outcome =
      args.decision === 'approve' ? await approveByForms(call, args) : await decideShown(house, by, args);
    const next = decideElsewhere(house.deps, outcome.skipped);
    return { ...(review_token ? { review_token } : {}), ...(next === undefined ? {} : { next }), ...outcome };
  },
});
