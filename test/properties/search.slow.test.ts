import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contact } from '../../src/domain/contacts/contact.ts';
import { compileContactFilter } from '../../src/domain/contacts/contact-filter.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import type { Store } from '../../src/store/store.ts';
import { anyDocument, anyFilter } from '../support/any-filter.ts';
import { aContact, testDeps } from '../support/fixtures.ts';
import { at, created, evaluated } from '../support/port.ts';
import { cases, outlasting, PATIENCE, passingHome } from '../support/property.ts';
import { aStore } from '../support/store.ts';

const PLACES = 2;
const place = fc.nat({ max: PLACES - 1 });
const id = fc.nat({ max: 11 }).map((n) => `ct_${n}`);
/** As JSON has it: -0 is 0 there. */
const fields = anyDocument.map((document): Record<string, unknown> => JSON.parse(JSON.stringify(document)));
const saved = fc.tuple(id, fields).map(([id, some]) => ({ id, email: `${id}@example.com`, ...some }));
const filter = fc.oneof(
  { weight: 6, arbitrary: anyFilter },
  fc.constantFrom<Record<string, unknown>>(
    { email: '<CT_3@Example.com>' },
    { email: { $in: ['ct_1@example.com', 'CT_2@example.com'] } },
    { $or: [{ id: 'ct_4' }, { email: { $regex: '^ct_5' } }], lastname: 'de Vries' },
    { company: { $exists: true }, 'linkedin_url.x': null },
  ),
);
const page = fc.record({ limit: fc.integer({ min: 1, max: 4 }), offset: fc.nat({ max: 4 }) });
/** Small limits: a stretch has few contacts, and few documents stay in memory. */
const tuning = fc.record({
  segmentBytes: fc.constantFrom(300, 2_000, 20_000),
  saveAfterMs: fc.constantFrom(1, 10_000),
  smallBytes: fc.constantFrom(0, 10_000),
  memoryBytes: fc.constantFrom(0, 2_000, 1 << 20),
});
type Step =
  | { does: 'save'; place: number; contacts: (Partial<Contact> & { id: string })[] }
  | { does: 'delete' | 'evaluate'; place: number; id: string }
  | { does: 'reopen'; place: number; tuning: Partial<Tuning> }
  | { does: 'search'; place: number; filter: Record<string, unknown>; page: { limit: number; offset: number } };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('save'),
      place,
      contacts: fc.array(saved, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('delete', 'evaluate'), place, id }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('reopen'), place, tuning }) },
  { weight: 10, arbitrary: fc.record({ does: fc.constant('search'), place, filter, page }) },
);

/** Two stores on one home, and what a plain look at all of its contacts finds. */
class SearchedHome {
  readonly #home = passingHome();
  readonly #stores: Store[];
  readonly #contacts = new Map<string, Contact>();
  readonly #evaluated = new Map<string, string>();
  #count = 0;

  constructor(tunings: readonly Partial<Tuning>[]) {
    this.#stores = tunings.map((each) => this.#open(each));
  }

  async run(step: Step): Promise<void> {
    if (step.does === 'reopen') {
      await this.#at(step.place).close();
      this.#stores[step.place] = this.#open(step.tuning);
    } else if (step.does === 'save') await this.#save(step.place, step.contacts);
    else if (step.does === 'search') await this.#search(this.#at(step.place), step.filter, step.page);
    else if (step.does === 'evaluate') await this.#evaluate(step.place, step.id);
    else if (this.#contacts.delete(step.id)) {
      this.#evaluated.delete(step.id);
      await this.#write(step.place, {
        type: 'contact_deleted',
        contact_id: step.id,
        run_ids: [],
        agent_ids: ['ag_test'],
      });
    }
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
    fs.rmSync(this.#home, { recursive: true, force: true });
  }

  #at(place: number): Store {
    const store = this.#stores[place];
    if (!store) throw new Error('there is no such place');
    return store;
  }

  #open(tuned: Partial<Tuning>): Store {
    return aStore(this.#home, testDeps(), tuned);
  }

  async #write(place: number, ...events: Event[]): Promise<void> {
    await this.#at(place).commit('test', () => ({ events, value: undefined }));
  }

  async #save(place: number, some: readonly (Partial<Contact> & { id: string })[]): Promise<void> {
    const contacts = some.map((contact) => aContact(contact));
    for (const contact of contacts) this.#contacts.set(contact.id, contact);
    await this.#write(place, { type: 'contacts_saved', contacts });
  }

  async #evaluate(place: number, id: string): Promise<void> {
    if (!this.#contacts.has(id)) return;
    const [run, when] = [`run_${this.#count++}`, at(this.#count)];
    this.#evaluated.set(id, when);
    await this.#write(place, created(run), evaluated(run, id, [], { at: when }));
  }

  async #search(store: Store, filter: Record<string, unknown>, page: { limit: number; offset: number }): Promise<void> {
    const found = [...this.#contacts.values()].filter(compileContactFilter(filter, 'filter'));
    const rows = found.toReversed().slice(page.offset, page.offset + page.limit);
    expect(await store.find.contacts({ filter }, page)).toEqual({ rows, total: found.length });
    const last = (contact: Contact) => this.#evaluated.get(contact.id) ?? '';
    const ids = found.toSorted((one, other) => (last(one) < last(other) ? -1 : Number(last(one) > last(other))));
    const targets = await store.find.targets({ agent_id: 'ag_test', filter, limit: page.limit });
    expect(targets).toEqual({ ids: ids.slice(0, page.limit).map((contact) => contact.id), matched: found.length });
  }
}

describe('a search by any filter', () => {
  it('finds what a plain look at all contacts finds, again and again, while two processes change them and restart', {
    timeout: PATIENCE,
  }, async () => {
    const { run, done } = outlasting(async (tunings: Partial<Tuning>[], steps: Step[]) => {
      const home = new SearchedHome(tunings);
      try {
        for (const each of steps) await home.run(each);
        // The same search twice: the second one may take what the first has found.
        for (const each of [...steps, ...steps]) if (each.does === 'search') await home.run(each);
      } finally {
        await home.close();
      }
    });
    const tunings = fc.array(tuning, { minLength: PLACES, maxLength: PLACES });
    await fc.assert(fc.asyncProperty(tunings, fc.array(step, { minLength: 5, maxLength: 25 }), run), cases(150));
    await done();
  });
});
