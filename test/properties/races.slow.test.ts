import fc from 'fast-check';
import { describe, it } from 'vitest';
import { nameOf } from '../../src/domain/base/author.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { saveAgent, saveContact } from '../support/model/commands.ts';
import { answerOf, Office } from '../support/model/office.ts';
import { approveOne, lookAt } from '../support/model/review-commands.ts';
import { begin, ON_ALL, ON_ONE, ON_RUNS, ON_SURROUNDINGS, type Rival, type Stage } from '../support/model/rivals.ts';
import { type Mood, type Settings, State } from '../support/model/state.ts';
import { expectJustice, type Told } from '../support/model/verdict.ts';
import { triggerAgent } from '../support/model/work-commands.ts';
import { cases, outlasting, PATIENCE } from '../support/property.ts';

const HERE = { place: 0, mood: 'accepts' } as const;
const FIRST = { among: 'pending', n: 0 } as const;
const PLAINLY = { isEdited: false, look: undefined, via: 'human' } as const;
const SETTINGS: Settings = {
  status: 'active',
  propose: [
    { type: 'webhook', text: 'one' },
    { type: 'note', text: 'two' },
    { type: 'webhook', text: 'three' },
  ],
  ...{ capabilities: ['notes', 'webhook'], auto_approve: [], min_proof: undefined, expires_after_hours: 1 },
  ...{ cooldown_days: undefined, max_per_contact_per_week: undefined, hook: '/one' },
};

const rival: fc.Arbitrary<Rival> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constantFrom(...ON_ONE), row: fc.nat({ max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom(...ON_ALL) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom(...ON_SURROUNDINGS) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom(...ON_RUNS, 'recover') }) },
);
const rivals = fc.array(fc.record({ rival, place: fc.nat({ max: 1 }) }), { minLength: 2, maxLength: 7 });

/**
 * What happened to the first action before the race: nothing, or an attempt that a process or receiver didn't finish.
 */
const BEGINNINGS = {
  nothing: [],
  'a dead approval': [approveOne(FIRST, PLAINLY, { ...HERE, stop: 'approved' })],
  'a dead attempt': [approveOne(FIRST, PLAINLY, { ...HERE, stop: 'executing' })],
  'an attempt of unknown outcome': [approveOne(FIRST, PLAINLY, { ...HERE, mood: 'breaks off' })],
  'a failed attempt': [approveOne(FIRST, PLAINLY, { ...HERE, mood: 'refuses' })],
};
type Beginning = keyof typeof BEGINNINGS;
const UNFINISHED = ['a dead approval', 'a dead attempt', 'an attempt of unknown outcome', 'a failed attempt'] as const;

/** Recovery by both processes, which takes part in the race where an attempt is unfinished. */
const RECOVERIES = [0, 1].map((place) => ({ rival: { does: 'recover' } as const, place }));

/** Prepares a race: three actions of one contact, most of them waiting, on a page that every rival was shown. */
async function prepare(office: Office, beginning: Beginning): Promise<Stage> {
  const state = new State(office.clock);
  const steps = [
    saveContact('c1', { email: 'c1@one.example' }, HERE),
    saveAgent('Ada', { wanted: SETTINGS, changed: [] }, HERE),
    triggerAgent('Ada', ['c1'], false, HERE),
    lookAt(0, 'maya'),
    ...BEGINNINGS[beginning],
    lookAt(0, 'maya'),
  ];
  for (const step of steps) await step.run(state, office);
  // The leases of processes that stopped end here, so that others may take over what they left.
  for (const { frost } of office.frozen.values()) frost.lapse();
  const [before, page] = state.looks;
  const [run] = state.runs;
  if (!before || !page || !run) throw new Error('nothing waits');
  return { office, agent: 'Ada', run: run.id, before, page };
}

type Order = { at: readonly { rival: Rival; place: number }[]; mood: Mood; scheduler: fc.Scheduler };

/** Starts all rivals at once. The scheduler chooses whose read, write or request goes next. */
async function race(stage: Stage, { at, mood, scheduler }: Order): Promise<Told[]> {
  const { office } = stage;
  office.mood = mood;
  office.turnstile = (what) => scheduler.schedule(Promise.resolve(), what);
  const calls = at.map(async ({ rival, place }, index): Promise<Told> => {
    // All are the person who was shown the page, through clients of their own.
    const by = { user: stage.page.caller, client: `rival ${index}` };
    return { rival, by: nameOf(by), answer: await answerOf(begin(stage, office.at(place).house, by, rival)) };
  });
  const told = await scheduler.waitFor(Promise.all(calls));
  await scheduler.waitFor(office.calm());
  office.turnstile = () => undefined;
  // A last recovery finishes whatever the race left unfinished.
  await office.act(0, recover, mood);
  return told;
}

describe('many calls at once', () => {
  it('come to one decision on each action, in any order; who loses is told it, and receivers get it once', {
    timeout: PATIENCE,
  }, async () => {
    const moods = fc.constantFrom<Mood[]>('accepts', 'accepts', 'refuses', 'breaks off');
    const beginnings = fc.constantFrom<Beginning[]>('nothing', 'nothing', 'nothing', ...UNFINISHED);
    const { run, done } = outlasting(
      async (at: Order['at'], mood: Mood, beginning: Beginning, scheduler: fc.Scheduler) => {
        const office = await Office.open(2);
        try {
          const stage = await prepare(office, beginning);
          const all = beginning === 'nothing' ? at : [...at, ...RECOVERIES];
          await expectJustice(stage, await race(stage, { at: all, mood, scheduler }));
        } finally {
          await office.leave();
        }
      },
    );
    await fc.assert(fc.asyncProperty(rivals, moods, beginnings, fc.scheduler(), run), cases(25)).finally(done);
  });
});
