import { z } from 'zod';
import { actionShape } from '../src/engine/base/shown/action.ts';
import { reject } from '../src/engine/review/reject.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { actionContact, actionIndex, expectedDigest, runId } from '../src/mcp/fields.ts';

export const rejectActionTool = defineTool({
  name: 'reject_action',
  title: 'Reject action',
  description:
    "Rejects one pending action: it will not happen, and the same one is blocked from then on. Give the reason in the person's words; later runs are told it. It also takes back an approved one that waits (for its time or a later try, or while the brake is on).",
  toolset: 'review',
  scopes: ['agents:approve'],
  hints: { ...CHANGES, idempotent: false },
  input: z.strictObject({
    run_id: runId,
    contact_id: actionContact,
    action_index: actionIndex,
    reason: z.string().max(2000).optional(),
    expected_digest: expectedDigest.optional(),
  }),
  output: { action: { one: actionShape } },
  handler: async (args, { house, by }) => ({ action: await reject(house, by, args) }),
});
