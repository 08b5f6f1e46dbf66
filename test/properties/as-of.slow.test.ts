import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contact } from '../../src/domain/contacts/contact.ts';
import { chained } from '../../src/domain/decisions/decision.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { Store } from '../../src/store/store.ts';
import { Chance } from '../support/chance.ts';
import { testDeps } from '../support/fixtures.ts';
import { erase, type Stamp, whatever } from '../support/life.ts';
import { commitsIn, foldedAt, indexesIn, indexesOf, withoutDeleted } from '../support/past.ts';
import { cases, outlasting, PATIENCE, passingHome } from '../support/property.ts';
import { aStore, contactsIn } from '../support/store.ts';

const PLACES = 3;
const place = fc.nat({ max: PLACES - 1 });
const seed = fc.nat();
type Reopening = { does: 'reopen'; place: number; segmentBytes: number };
type Step = { does: 'commit' | 'ask' | 'forget' | 'spoil indexes'; place: number; seed: number } | Reopening;
const segmentBytes = fc.integer({ min: 500, max: 6_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ does: fc.constant('commit' as const), place, seed }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constantFrom('ask' as const, 'ask', 'forget', 'spoil indexes'), place, seed }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('reopen' as const), place, segmentBytes }) },
);

const NAMES = ['Ann', 'Bée', '小明', 'a "quoted" \\ name', '{"id":"ct_x"}', '\ud800'];

/** An import as the product writes one: many rows at once, other ids of them, and events that are older than some. */
function bulk(view: View, chance: Chance, { id, at }: Stamp): Event[] {
  const there = contactsIn(view);
  const rows = Array.from({ length: 1 + chance.below(5) }, (_, index): Contact => {
    const before = chance.below(2) === 0 ? chance.oneOf(there) : undefined;
    const known = { do_not_email: false, do_not_contact: false, created_at: at };
    const name = chance.oneOf(NAMES) ?? '';
    // Some ids come back after their contact was deleted, and then stand for somebody else.
    const own = chance.below(3) === 0 ? `again_${chance.below(4)}` : `${name}${id}-${index}`;
    return { ...known, ...(before ?? { id: own }), firstname: name, [name]: { 1: name }, updated_at: at };
  });
  const contacts = [...new Map(rows.map((row) => [row.id, row])).values()];
  // An import gives an id that stands for one contact to no other.
  const free = [0, 1, 2, 3, 4, 5].map((n) => `crm-${n}`).filter((alias) => view.aliasOf(alias) === undefined);
  const some = chance.some(free, chance.below(3));
  const aliases = some.flatMap((alias, at): [string, string][] => (contacts[at] ? [[alias, contacts[at].id]] : []));
  const events = contacts.flatMap((row) =>
    Array.from({ length: chance.below(4) }, () => ({
      ...{ contact_id: row.id, type: 'track', name: chance.oneOf(NAMES) ?? '', properties: { contact_id: 'crm-1' } },
      timestamp: new Date(1_772_000_000_000 + chance.below(50) * 1_000).toISOString(),
    })),
  );
  return [
    { type: 'contacts_saved', contacts, aliases },
    { type: 'events_recorded', events },
  ];
}

/** A person's decision about something that was proposed for a contact. */
function judged(view: View, chance: Chance, { id, at }: Stamp): Event[] {
  const contacts = contactsIn(view).filter((contact) => view.ledger(contact.id).length > 0);
  const contact_id = chance.oneOf(contacts)?.id;
  const action = chance.oneOf(view.ledger(contact_id ?? ''));
  if (contact_id === undefined || !action) return [];
  const personal = { contact_id, recipient: `${id}@example.com`, salt: id };
  const { run_id, action_index, agent_id } = action;
  const decision = chance.oneOf(['approved', 'rejected', 'cancelled'] as const) ?? 'approved';
  const draft = { at, decision, by: 'life', via: 'human' as const, agent_id, run_id, action_index, personal };
  return [{ type: 'decisions_recorded', entries: [chained(draft, view.decisionHead())] }];
}

function deed(view: View, chance: Chance, stamp: Stamp): Event[] {
  const drawn = chance.below(11);
  if (drawn < 3) return bulk(view, chance, stamp);
  if (drawn === 4) return judged(view, chance, stamp);
  return drawn === 3 ? erase(view, chance, stamp) : whatever(view, chance, stamp);
}

/** Several stores on one home, and what each commit said when it was written. */
class RememberedHome {
  readonly home = passingHome();
  readonly commits: Event[][] = [];
  readonly #stores: Store[];
  readonly #ids = new Set<string>(Array.from({ length: 6 }, (_, at) => `crm-${at}`));
  #count = 0;

  constructor(sizes: readonly number[]) {
    this.#stores = sizes.map((size, index) => this.#open(index, size));
  }

  async run(step: Step): Promise<void> {
    if (step.does === 'commit') return this.#commit(step.place, step.seed);
    if (step.does === 'spoil indexes') return this.#spoil(new Chance(step.seed));
    if (step.does === 'ask') return this.#ask(step.place, new Chance(step.seed));
    if (step.does === 'forget') return this.forget(step.place);
    if (step.does === 'reopen') return this.#reopen(step);
  }

  at(place: number): Store {
    const store = this.#stores[place];
    if (!store) throw new Error('there is no such place');
    return store;
  }

  /** Erases whom commits deleted. Nothing may tell of them then, before anybody asks again. */
  async forget(place: number): Promise<void> {
    expect(await this.at(place).forget('life')).toBe(true);
    this.#remember();
    const log = JSON.stringify(commitsIn(this.home));
    for (const id of this.#ids) if (!log.includes(JSON.stringify(id))) expect(indexesOf(this.home, id)).toEqual([]);
  }

  /** Every contact as of every commit. */
  async expectAll(place: number, by: (n: number) => Event[][]): Promise<void> {
    const ids = [...this.#ids];
    const newest = this.commits.length;
    const wanted = this.commits.flatMap((_, at) => ids.map((contact_id) => ({ commit: at + 1, contact_id })));
    const told = await this.at(place).asOf(wanted);
    for (let n = 1; n <= newest; n++) {
      const actual = told.slice((n - 1) * ids.length, n * ids.length);
      expect([n, ...actual]).toEqual([n, ...foldedAt(by(n), ids)]);
    }
  }

  async close(): Promise<void> {
    try {
      for (const store of this.#stores) await store.close();
    } finally {
      fs.rmSync(this.home, { recursive: true, force: true });
    }
  }

  async #reopen({ place, segmentBytes: size }: Reopening): Promise<void> {
    await this.at(place).close();
    this.#stores[place] = this.#open(place, size);
  }

  #open(index: number, size: number): Store {
    const deps = testDeps();
    const tuned = { segmentBytes: size, saveAfterMs: 5 };
    return aStore(this.home, { ...deps, newId: (prefix) => `${prefix}_${index}${deps.newId('x')}` }, tuned);
  }

  async #commit(place: number, seed: number): Promise<void> {
    const id = `n${this.#count++}`;
    const at = new Date(1_772_000_000_000 + this.#count * 1_000).toISOString();
    const key: Event = { type: 'key_used', tool: 'life', key: id, digest: '', id, at };
    await this.at(place).commit('life', (view) => {
      const events = [...deed(view, new Chance(seed), { id, at, filler: 100 }), key];
      return { events, value: undefined };
    });
    this.#remember();
  }

  /** Takes in the commits since, before any erasure rewrites them. */
  #remember(): void {
    for (const events of commitsIn(this.home, this.commits.length)) {
      this.commits.push(events);
      for (const event of events)
        if (event.type === 'contacts_saved') for (const { id } of event.contacts) this.#ids.add(id);
    }
  }

  async #ask(place: number, chance: Chance): Promise<void> {
    const n = 1 + chance.below(this.commits.length);
    if (this.commits.length === 0) return;
    const ids = chance.some([...this.#ids], 5);
    const told = await this.at(place).asOf(ids.map((contact_id) => ({ commit: n, contact_id })));
    expect([n, ...told]).toEqual([n, ...foldedAt(withoutDeleted(this.commits, n), ids)]);
  }

  /** Removes, tears and exchanges indexes, as a person, a power cut or a backup may. */
  #spoil(chance: Chance): void {
    for (const file of chance.some(indexesIn(this.home), 3)) {
      const other = chance.oneOf(indexesIn(this.home)) ?? file;
      const way = chance.below(3);
      if (way === 0) fs.rmSync(file);
      else if (way === 1) fs.truncateSync(file, chance.below(fs.statSync(file).size));
      else fs.copyFileSync(other, `${file}.new`);
      if (way === 2) fs.renameSync(`${file}.new`, file);
    }
  }
}

describe('contacts as they were', () => {
  it('are what a fresh fold of the commits up to then gives, without whom a later one deleted, whatever becomes of the indexes', {
    timeout: PATIENCE,
  }, async () => {
    const sizes = fc.array(segmentBytes, { minLength: PLACES, maxLength: PLACES });
    const { run, done } = outlasting(async (sized: number[], steps: Step[]) => {
      const home = new RememberedHome(sized);
      try {
        for (const each of steps) await home.run(each);
        await home.expectAll(0, (n) => withoutDeleted(home.commits, n));
        await home.forget(1);
        // The log itself tells the same now.
        const rewritten = commitsIn(home.home);
        for (const at of [0, 2]) await home.expectAll(at, (n) => rewritten.slice(0, n));
        expect(rewritten.length).toBe(home.commits.length);
      } finally {
        await home.close();
      }
    });
    const sequences = fc.noBias(fc.array(step, { maxLength: 70, size: 'max' }));
    await fc.assert(fc.asyncProperty(sizes, sequences, run), cases(6)).finally(done);
  });
});
