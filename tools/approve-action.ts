import { z } from 'zod';
import { isTooLong } from '../src/domain/text/form-lines.ts';
import { actionShape } from '../src/engine/base/shown/action.ts';
import { approve, whenItGoes } from '../src/engine/review/approve.ts';
import { approvalQuestion } from '../src/engine/review/questions.ts';
import { reject } from '../src/engine/review/reject.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { actionContact, actionIndex, expectedDigest, runId, waitSeconds } from '../src/mcp/fields.ts';
import { prove } from '../src/mcp/forms/prove.ts';

export const approveActionTool = defineTool({
  name: 'approve_action',
  title: 'Approve action',
  description:
    "Approves one pending action, after the person has seen it, and executes it once. expected_digest is the row's digest from list_pending_actions: another one is a CONFLICT that shows the row as it is now. Give recipient (the row's to) and subject too, where the row has them: the client's permission prompt then says what the yes is for; another one is a CONFLICT. To edit, give params: the whole new params, in the same shape. Where the client can show a form, the person is asked there. Gives the action, with its receipt in result.",
  toolset: 'review',
  scopes: ['agents:approve'],
  hints: ACTS,
  input: z.strictObject({
    run_id: runId,
    contact_id: actionContact,
    action_index: actionIndex,
    expected_digest: expectedDigest,
    recipient: z.string().max(2000).optional(),
    subject: z.string().max(2000).optional(),
    params: z.record(z.string(), z.unknown()).optional(),
    note: z.string().max(2000).optional(),
    wait_seconds: waitSeconds(30),
  }),
  output: { next: 'string', action: { one: actionShape } },
  async handler({ wait_seconds = 10, ...args }, call) {
    const { house, by } = call;
    const question = await approvalQuestion(house, args);
    const { via, decision } = await prove(call, question);
    const shown = { ...args, expected_digest: question.digest, via, isTooLong: isTooLong(question.text) };
    if (decision === 'reject') return { action: await reject(house, by, shown) };
    const action = await approve(house, by, shown, wait_seconds);
    const next = whenItGoes(action);
    return { ...(next === undefined ? {} : { next }), action };
  },
});
