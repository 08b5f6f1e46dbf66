import { z } from 'zod';
import { settleAction } from '../src/engine/settle.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { actionIndex, contactId, runId } from '../src/mcp/fields.ts';

export const settleActionTool = defineTool({
  name: 'settle_action',
  title: 'Settle action',
  description:
    'Says what came of an attempt whose outcome is unknown: sent or not_sent, as the person found out. retry tries an unknown or failed one again, with the same idempotency key.',
  toolset: 'review',
  hints: ACTS,
  input: z.strictObject({
    run_id: runId,
    contact_id: contactId,
    action_index: actionIndex,
    outcome: z.enum(['sent', 'not_sent', 'retry']),
    note: z.string().max(2000).optional(),
  }),
  output: { action: 'object' },
  handler: async (args, { house, by }) => ({ action: await settleAction(house, by, args) }),
});
