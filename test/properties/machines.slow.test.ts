import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Step, saveAgent, saveContact } from '../support/model/commands.ts';
import { History } from '../support/model/history.ts';
import { Office } from '../support/model/office.ts';
import { compare, receivedBy } from '../support/model/picture.ts';
import { type Settings, State } from '../support/model/state.ts';
import { settings, steps } from '../support/model/whims.ts';
import { cases, outlasting, PATIENCE } from '../support/property.ts';
import { agentsIn, runsIn } from '../support/store.ts';
import { whole } from '../support/whole.ts';

const HERE = { place: 0, mood: 'accepts' } as const;

/** The first steps of every sequence: they make two contacts and two agents. */
function opening([ada, bo]: [Settings, Settings]): Step[] {
  return [
    saveContact('c1', { email: 'c1@one.example' }, HERE),
    saveContact('c2', { email: 'c2@one.example' }, HERE),
    saveAgent('Ada', { wanted: { ...ada, status: 'active' }, changed: [] }, HERE),
    saveAgent('Bo', { wanted: bo, changed: [] }, HERE),
  ];
}

/** The whole state as a restarted process reads it, with its snapshots or (`isBare`) without any. */
async function reread(office: Office, ids: string[], isBare: boolean): Promise<unknown> {
  await office.restart(0, () => {
    if (isBare) office.removeSnapshots();
  });
  return office.at(0).house.read((view) => [...whole(view, ids)]);
}

/** Checks at the end: restarts change nothing, the log is sound, nothing was sent twice, and the model agrees. */
async function expectSound(state: State, office: Office): Promise<void> {
  const { house } = office.at(1);
  const named = await house.read((view) => [...runsIn(view), ...agentsIn(view)].map(({ id }) => id));
  const ids = [...named, 'c1', 'c2', 'c3'];
  const before = await house.read((view) => [...whole(view, ids)]);
  expect(await reread(office, ids, false)).toEqual(before);
  expect(await reread(office, ids, true)).toEqual(before);
  expect((await house.store.audit()).faults).toEqual([]);
  new History(office.home).expectLawful(receivedBy(office));
  await compare(state, office);
}

describe('any sequence of calls, crashes and restarts', () => {
  it('leaves every process in the state that a simple model predicts, and sends nothing twice', {
    timeout: PATIENCE,
  }, async () => {
    const { run, done } = outlasting(async (agents: [Settings, Settings], commands: Iterable<Step>) => {
      const office = await Office.open(2);
      try {
        const state = new State(office.clock);
        for (const step of opening(agents)) await step.run(state, office);
        await fc.asyncModelRun(() => ({ model: state, real: office }), commands);
        await expectSound(state, office);
      } finally {
        await office.leave();
      }
    });
    // Long sequences from the first case on: short ones reach few states.
    const sequences = fc.noBias(fc.commands(steps, { maxCommands: 40, size: 'max' }));
    await fc.assert(fc.asyncProperty(fc.tuple(settings, settings), sequences, run), cases(6)).finally(done);
  });
});
