import { z } from 'zod';
import { decideShown, shownQuestion } from '../src/engine/review/bulk.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { reviewToken } from '../src/mcp/fields.ts';
import { prove } from '../src/mcp/forms/prove.ts';

export const reviewActionsTool = defineTool({
  name: 'review_actions',
  title: 'Review actions',
  description:
    'Decides in one go exactly the rows that list_pending_actions showed under review_token. skipped lists, with the reason, rows that changed or were decided since, and those that need a stronger proof of the person. Where no row is left, it is a CONFLICT.',
  toolset: 'review',
  hints: ACTS,
  input: z.strictObject({
    decision: z.enum(['approve', 'reject']),
    review_token: reviewToken,
    reason: z.string().max(2000).optional(),
  }),
  output: { decided: 'integer', skipped: 'array' },
  async handler(args, call) {
    const { house, by } = call;
    if (args.decision === 'reject') return decideShown(house, by, args);
    const { question, asked } = await shownQuestion(house, args.review_token);
    if (!question) return decideShown(house, by, { ...args, asked });
    const { via, decision, reason } = await prove(call, question);
    return decideShown(house, by, { ...args, decision, via, asked, reason: args.reason ?? reason });
  },
});
