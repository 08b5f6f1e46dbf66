import { z } from 'zod';
import { decideShown } from '../src/engine/pending.ts';
import { demandProof } from '../src/engine/proof.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';

export const reviewActionsTool = defineTool({
  name: 'review_actions',
  title: 'Review actions',
  description:
    'Decides in one go exactly the rows that list_pending_actions showed under review_token. If one of them changed since, nothing is decided and the CONFLICT names it. skipped lists what needs a stronger proof of the person.',
  toolset: 'review',
  hints: ACTS,
  input: z.strictObject({
    decision: z.enum(['approve', 'reject']),
    review_token: z.string().min(1).describe('From list_pending_actions'),
    reason: z.string().max(2000).optional(),
  }),
  output: { decided: 'integer', skipped: 'array' },
  handler: (args, { house, by }) =>
    decideShown(house, by, args, ({ agent }) => demandProof(agent, house.deps.env, 'Approving this action')),
});
