import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import type { Store } from '../../src/store/store.ts';
import { Chance } from '../support/chance.ts';
import { testDeps } from '../support/fixtures.ts';
import { whateverOfAll } from '../support/life.ts';
import { PlainFold } from '../support/plain-fold.ts';
import { cases, outlasting, PATIENCE, passingHome } from '../support/property.ts';
import { aStore } from '../support/store.ts';
import { namesIn } from '../support/verified.ts';
import { whole } from '../support/whole.ts';

const PLACES = 3;
const place = fc.nat({ max: PLACES - 1 });
const seed = fc.nat();
/** Small limits: segments, snapshots and memory are full after a few commits instead of after months. */
const tuning: fc.Arbitrary<Tuning> = fc.record({
  segmentBytes: fc.integer({ min: 500, max: 8_000 }),
  saveAfterMs: fc.constantFrom(1, 2, 10_000),
  smallBytes: fc.nat({ max: 2_000 }),
  memoryBytes: fc.nat({ max: 8_000 }),
  muchBytes: fc.nat({ max: 3_000 }),
  farBytes: fc.constantFrom(0, 4_000, 40_000, 64 << 20),
  runsTwice: fc.constant(true),
  raises: fc.constant(true),
});
type Step =
  | { does: 'commit' | 'look' | 'wait' | 'lose snapshots' | 'forget'; place: number; seed: number }
  | { does: 'be overtaken'; place: number; seed: number; by: number }
  | { does: 'reopen'; place: number; tuning: Tuning };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ does: fc.constant('commit' as const), place, seed }) },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constantFrom('look', 'wait', 'lose snapshots', 'lose snapshots', 'forget'),
      place,
      seed,
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('be overtaken' as const), place, seed, by: place }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('reopen' as const), place, tuning }) },
);

/** The events of a commit, and its number. */
type Written = { n: number; events: Event[] };

/** Several stores on one home, and a plain fold of the events that they acknowledged. */
class SharedHome {
  readonly home = passingHome();
  readonly plain = new PlainFold();
  readonly #stores: Store[];
  readonly #ids = new Set<string>();
  #count = 0;

  constructor(tunings: readonly Tuning[]) {
    this.#stores = tunings.map((each, index) => this.#open(index, each));
  }

  async run(step: Step): Promise<void> {
    if (step.does === 'reopen') {
      await this.at(step.place).close();
      this.#stores[step.place] = this.#open(step.place, step.tuning);
    } else if (step.does === 'wait') await new Promise((resolve) => setTimeout(resolve, 1 + (step.seed % 4)));
    else if (step.does === 'lose snapshots') this.#loseSnapshots(new Chance(step.seed));
    else if (step.does === 'forget') await this.at(step.place).forget('life');
    else if (step.does === 'look') await this.expectSame(step.place);
    else await this.#commit(step.place, step.seed, step.does === 'be overtaken' ? step.by : undefined);
  }

  /** Checks that a store reads the same state as the plain fold. */
  async expectSame(place: number): Promise<void> {
    const actual = await this.at(place).read((view) => whole(view, this.#ids));
    const expected = whole(this.plain.view, this.#ids);
    // The digests of rewritten segments are the store's own, so the plain fold can't have them.
    for (const state of [actual, expected]) state.delete('erasures');
    expect([...actual]).toEqual([...expected]);
  }

  async close(): Promise<void> {
    try {
      for (const store of this.#stores) await store.close();
    } finally {
      fs.rmSync(this.home, { recursive: true, force: true });
    }
  }

  at(place: number): Store {
    const store = this.#stores[place];
    if (!store) throw new Error('there is no such place');
    return store;
  }

  #open(index: number, tuned: Tuning): Store {
    const deps = testDeps();
    return aStore(this.home, { ...deps, newId: (prefix) => `${prefix}_${index}${deps.newId('x')}` }, tuned);
  }

  /** Commits random events. The store `faster`, if given, commits in between, so that one of them has to decide again. */
  async #commit(place: number, seed: number, faster: number | undefined): Promise<void> {
    let meanwhile: Promise<Written> | undefined;
    const mine = await this.#write(place, seed, () => {
      if (faster !== undefined && faster !== place) meanwhile ??= this.#write(faster, seed + 1, () => undefined);
    });
    const both = [mine, await meanwhile].flatMap((written) => written ?? []);
    for (const { events } of both.sort((one, other) => one.n - other.n)) {
      this.plain.take(events);
      for (const name of events.flatMap(namesIn)) this.#ids.add(name);
    }
  }

  async #write(place: number, seed: number, beforeDeciding: () => void): Promise<Written> {
    const id = `n${this.#count++}`;
    let written: Written = { n: 0, events: [] };
    await this.at(place).commit('life', (view) => {
      beforeDeciding();
      const stamp = { id, at: new Date(1_772_000_000_000 + this.#count * 1_000).toISOString(), filler: 100 };
      const key: Event = { type: 'key_used', tool: 'life', key: id, digest: '', id, at: stamp.at };
      written = { n: view.commits() + 1, events: [...whateverOfAll(view, new Chance(seed), stamp), key] };
      return { events: written.events, value: undefined };
    });
    return written;
  }

  /** Deletes some snapshots, as a person may. */
  #loseSnapshots(chance: Chance): void {
    const state = path.join(this.home, 'state');
    if (!fs.existsSync(state)) return;
    const names = fs.readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
    for (const name of chance.some(names, 1 + chance.below(4))) fs.rmSync(path.join(state, name));
  }
}

describe('several stores on one home', () => {
  it('read the same state as a plain fold of what they acknowledged, after restarts, with any limits, and without snapshots', {
    timeout: PATIENCE,
  }, async () => {
    const tunings = fc.array(tuning, { minLength: PLACES, maxLength: PLACES });
    const { run, done } = outlasting(async (tuned: Tuning[], steps: Step[]) => {
      const home = new SharedHome(tuned);
      try {
        for (const each of steps) await home.run(each);
        for (let place = 0; place < PLACES; place++) await home.expectSame(place);
      } finally {
        await home.close();
      }
    });
    const sequences = fc.noBias(fc.array(step, { maxLength: 120, size: 'max' }));
    await fc.assert(fc.asyncProperty(tunings, sequences, run), cases(6)).finally(done);
  });
});
