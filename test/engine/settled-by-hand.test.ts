import { describe, expect, it } from 'vitest';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import type { Action, ActionRef } from '../../src/domain/runs/run.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { locate } from '../../src/engine/review/locate.ts';
import { Desk, EMAIL, NOTE } from '../support/desk.ts';

/** An action that was approved and done: an email in the outbox, or a note. */
async function done(propose: typeof EMAIL | typeof NOTE): Promise<{ desk: Desk; ref: ActionRef; agent_id: string }> {
  const desk = new Desk();
  await desk.contact();
  const agent_id = await desk.agent({}, [propose]);
  const run_id = await desk.run(agent_id);
  const { digest } = await desk.row(run_id);
  const ref = { run_id, contact_id: 'ann', action_index: 0 };
  await approve(desk.on.house, 'maya', { ...ref, expected_digest: digest, via: 'human' }, 10);
  return { desk, ref, agent_id };
}

const statusOf = ({ on }: Desk, ref: ActionRef) => on.house.read((view) => locate(view, ref).action.status);

/** Commits a change of an action that was done, as a part of the product that is at fault would. */
function commit(
  { desk, ref, agent_id }: Awaited<ReturnType<typeof done>>,
  change: Pick<ActionChange, 'to' | 'via'> & { set?: Partial<Action> },
) {
  const { set = {}, to, via } = change;
  const whole: ActionChange = {
    ...{ ...ref, agent_id, from: 'executed', to, auto_approved: false, at: desk.iso(), set },
    ...(via === undefined ? {} : { via }),
  };
  return desk.on.house.commit('maya', () => ({
    events: [{ type: 'actions_changed', changes: [whole] }],
    value: undefined,
  }));
}

describe('what is done', () => {
  it.each([
    ['by a plain call', { to: 'failed', via: 'client' }],
    ['by nobody', { to: 'failed' }],
    ['by an agent’s policy', { to: 'executed', via: 'policy' }],
    ['together with another decision', { to: 'executed', via: 'human', set: { decided_via: 'human' } }],
    [
      'as an email that a server took',
      { to: 'executed', via: 'human', set: { result: { channel: 'smtp', note: 'x' } } },
    ],
    ['so that it goes again', { to: 'approved', via: 'human' }],
  ] as const)('stays as it is, although it lies in the outbox, %s', async (_who, change) => {
    const made = await done(EMAIL);
    expect(await statusOf(made.desk, made.ref)).toBe('executed');
    await expect(commit(made, change)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await statusOf(made.desk, made.ref)).toBe('executed');
  });

  it('stays as it is where it isn’t in the outbox, whoever says so', async () => {
    const made = await done(NOTE);
    await expect(commit(made, { to: 'failed', via: 'human' })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('is settled where it lies in the outbox, by a person', async () => {
    const made = await done(EMAIL);
    await commit(made, { to: 'failed', via: 'human', set: { error: { code: 'NOT_SENT', message: 'kept' } } });
    expect(await statusOf(made.desk, made.ref)).toBe('failed');
  });
});
