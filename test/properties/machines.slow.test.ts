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

/** Two agents and two contacts to begin with. */
function opening([ada, bo]: [Settings, Settings]): Step[] {
  return [
    saveContact('c1', { email: 'c1@one.example' }, HERE),
    saveContact('c2', { email: 'c2@one.example' }, HERE),
    saveAgent('Ada', { ...ada, status: 'active' }, [], HERE),
    saveAgent('Bo', bo, [], HERE),
  ];
}

/** What a fresh process reads, with the snapshots that there are or without any. */
async function reread(office: Office, ids: string[], isBare: boolean): Promise<unknown> {
  await office.restart(0, () => {
    if (isBare) office.removeSnapshots();
  });
  return office.at(0).house.read((view) => [...whole(view, ids)]);
}

/** What has to hold in the end, whatever happened. */
async function expectOrder(state: State, office: Office): Promise<void> {
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

describe('whatever people and processes do', () => {
  it('leaves every process with what a small model says, and sends nothing twice', { timeout: PATIENCE }, async () => {
    const { run, done } = outlasting(async (agents: [Settings, Settings], commands: Iterable<Step>) => {
      const office = await Office.open(2);
      try {
        const state = new State(office.clock);
        for (const step of opening(agents)) await step.run(state, office);
        await fc.asyncModelRun(() => ({ model: state, real: office }), commands);
        await expectOrder(state, office);
      } finally {
        await office.leave();
      }
    });
    // Long stories from the start: short ones come to little.
    const stories = fc.noBias(fc.commands(steps, { maxCommands: 40, size: 'max' }));
    await fc.assert(fc.asyncProperty(fc.tuple(settings, settings), stories, run), cases(6)).finally(done);
  });
});
