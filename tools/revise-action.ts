import { z } from 'zod';
import { actionShape } from '../src/engine/base/shown/action.ts';
import { revise } from '../src/engine/runs/revise.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { actionContact, actionIndex, runId } from '../src/mcp/fields.ts';
import { revisionStep } from '../src/mcp/next-step.ts';

/** A model's answer is waited for so long within the call. */
const WAIT_SECONDS = 10;

export const reviseActionTool = defineTool({
  name: 'revise_action',
  title: 'Revise action',
  description:
    "Sends one pending action back to whoever proposed it, with feedback in the person's words: the action is cancelled, and the new draft waits in its place (superseded_by). The assistant gets it by next_evaluation; a model is asked at once. What a rule or a chat proposed is a CONFLICT: edit it with approve_action. At most 5 times for a contact of a run.",
  toolset: 'review',
  scopes: ['agents:approve'],
  hints: { ...CHANGES, idempotent: false },
  input: z.strictObject({
    run_id: runId,
    contact_id: actionContact,
    action_index: actionIndex,
    feedback: z.string().min(1).max(2000).regex(/\S/, 'how the person wants it, in words'),
  }),
  output: { action: { one: actionShape }, next: 'string' },
  async handler(args, { house, by, signal }) {
    const returned = await revise(house, by, args, { seconds: WAIT_SECONDS, signal });
    return { action: returned.action, next: revisionStep(args.run_id, returned) };
  },
});
