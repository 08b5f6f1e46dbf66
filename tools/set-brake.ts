import { z } from 'zod';
import { mayAnyOf } from '../src/domain/access/scopes.ts';
import { AppError } from '../src/domain/base/errors.ts';
import { brakeShape } from '../src/engine/base/shown/brake.ts';
import { brakeQuestion, LONGEST_REASON, noFormForBrake, readBrake, setBrake } from '../src/engine/review/set-brake.ts';
import { resumeWork } from '../src/engine/upkeep/recovery.ts';
import { ACTS, type Call, defineTool } from '../src/mcp/define-tool.ts';
import { askPerson } from '../src/mcp/forms/prove.ts';

const APPROVERS_ONLY =
  'Taking the brake off needs a token with the scope agents:approve: what was approved goes on then. Nothing was changed.';

/** Takes the brake off, if the person says so in a form: whatever else a plain call may decide, this it may not. */
async function takeOff({ house, by, ...call }: Call, reason: string | undefined) {
  const question = await brakeQuestion(house);
  if (!question) return readBrake(house);
  if (!call.asking.canAsk) throw noFormForBrake(house.deps);
  const { via, decision } = await askPerson({ house, by, ...call }, question);
  if (decision === 'reject')
    throw new AppError('FORBIDDEN', 'The person decided that the brake stays on. Nothing was changed.');
  const brake = await setBrake(house, by, { on: false, reason, via });
  resumeWork(house);
  return brake;
}

export const setBrakeTool = defineTool({
  name: 'set_brake',
  title: 'Set brake',
  description:
    'The emergency brake for every agent and process of this home. on true, at once: nothing is evaluated, fired or executed, and a run under way stops after its contact in hand; reading, rejecting and authoring go on, and approvals wait. Use it when the person says stop. on false needs the person: a form asks them; then runs go on, and what was approved is looked at again and done.',
  toolset: 'review',
  scopes: ['agents:trigger', 'agents:approve'],
  hints: { ...ACTS, idempotent: true },
  input: z.strictObject({ on: z.boolean(), reason: z.string().max(LONGEST_REASON).optional() }),
  output: { brake: { one: () => brakeShape } },
  async handler({ on, reason }, call) {
    const { house, by } = call;
    if (!on && !mayAnyOf(by, ['agents:approve'])) throw new AppError('FORBIDDEN', APPROVERS_ONLY);
    return { brake: on ? await setBrake(house, by, { on, reason, via: 'client' }) : await takeOff(call, reason) };
  },
});
