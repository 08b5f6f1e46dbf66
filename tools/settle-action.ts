import { z } from 'zod';
import { AppError } from '../src/domain/base/errors.ts';
import { isTooLong } from '../src/domain/text/form-lines.ts';
import { actionShape } from '../src/engine/base/shown/action.ts';
import { retryQuestion } from '../src/engine/review/questions.ts';
import { settleAction } from '../src/engine/review/settle.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { actionContact, actionIndex, expectedDigest, runId } from '../src/mcp/fields.ts';
import { prove } from '../src/mcp/forms/prove.ts';

export const settleActionTool = defineTool({
  name: 'settle_action',
  title: 'Settle action',
  description:
    'Says what came of an attempt whose outcome is unknown: sent or not_sent, as the person found out. retry tries an unknown or failed action again, with the same idempotency key, and needs expected_digest: the digest of the row that the person saw in list_pending_actions (a failed one: status failed).',
  toolset: 'review',
  scopes: ['agents:approve'],
  hints: ACTS,
  input: z.strictObject({
    run_id: runId,
    contact_id: actionContact,
    action_index: actionIndex,
    outcome: z.enum(['sent', 'not_sent', 'retry']),
    expected_digest: expectedDigest.optional(),
    note: z.string().max(2000).optional(),
  }),
  output: { action: { one: actionShape } },
  async handler(args, call) {
    const { house, by } = call;
    if (args.outcome !== 'retry') return { action: await settleAction(house, by, args) };
    const question = await retryQuestion(house, args);
    const { via, decision } = await prove(call, question);
    if (decision === 'reject')
      throw new AppError(
        'FORBIDDEN',
        'The person decided against a retry. Nothing was changed: settle it as sent or not_sent.',
      );
    const shown = { expected_digest: question.digest, via, isTooLong: isTooLong(question.text) };
    return { action: await settleAction(house, by, { ...args, ...shown }) };
  },
});
