import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { ALL, type Page, type Rows } from '../../src/domain/state/queries.ts';
import { refKey } from '../../src/domain/state/state.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact, anAgent, anIdentity } from '../support/fixtures.ts';
import { anAction, at, created, evaluated, SharedHome, said } from '../support/port.ts';

/** A list of the port: what makes its item of a number, and how a page of it is read, as names of items. */
type List = { make: (n: number) => Event; read: (store: Store, page: Page) => Promise<Rows<string>> };

const named = <T>({ rows, total }: Rows<T>, nameOf: (row: T) => string) => ({ rows: rows.map(nameOf), total });
const inView = (look: (view: View, page: Page) => Rows<string>) => (store: Store, page: Page) =>
  store.read((view) => look(view, page));

const met = (n: number): Event => ({ type: 'contacts_saved', contacts: [aContact({ id: `ct_${n}` })] });
const LISTS: Record<string, List> = {
  agents: {
    make: (n) => ({ type: 'agent_saved', agent: anAgent({ id: `ag_${n}` }) }),
    read: inView((view, page) => named(view.find.agents({}, page), ({ id }) => id)),
  },
  runs: {
    make: (n) => created(`run_${n}`),
    read: inView((view, page) => named(view.find.runs({}, page), ({ id }) => id)),
  },
  contacts: { make: met, read: inView((view, page) => named(view.find.contacts(page), ({ id }) => id)) },
  'contacts that a query finds': {
    make: met,
    read: async (store, page) => named(await store.find.contacts({ query: 'ct_' }, page), ({ id }) => id),
  },
  threads: {
    make: (n) => said(`th_${n}`, 'hello', { at: at(n) }),
    read: inView((view, page) => named(view.find.threads({}, page), ({ thread_id }) => thread_id)),
  },
  identities: {
    make: (n) => ({ type: 'identity_saved', identity: anIdentity({ id: `id_${n}` }) }),
    read: inView((view, page) => named(view.find.identities(page), ({ id }) => id)),
  },
  // Those proposed last are made first, so that this list too begins with what was made last.
  'open actions': {
    make: (n) => evaluated('run_1', `ct_${n}`, [anAction(0, { proposed_at: at(99 - n) })]),
    read: inView((view, page) => named(view.find.open({}, page), refKey)),
  },
};

const COUNT = 5;
const PAGES: [string, Page, [from: number, to: number]][] = [
  ['the first two', { limit: 2, offset: 0 }, [0, 2]],
  ['the next two', { limit: 2, offset: 2 }, [2, 4]],
  ['what is left', { limit: 2, offset: 4 }, [4, 5]],
  ['more than there are', { limit: 100, offset: 1 }, [1, 5]],
  ['all', ALL, [0, 5]],
  ['all from a place on', { ...ALL, offset: 3 }, [3, 5]],
  ['none, but how many there are', { limit: 0, offset: 0 }, [0, 0]],
  ['what is beyond the end', { limit: 2, offset: 5 }, [0, 0]],
];

describe.each(Object.entries(LISTS))('a page of %s', (_name, { make, read }) => {
  it('has the rows that were asked for, in one order, and says how many there are', async () => {
    const home = new SharedHome();
    const store = home.open();
    expect(await read(store, ALL)).toEqual({ rows: [], total: 0 });
    for (let n = 1; n <= COUNT; n++) await home.write(make(n));
    const { rows: all } = await read(store, ALL);
    const numbers = all.map((name) => name.match(/\d+$/)?.[0]);
    expect(numbers).toEqual(['5', '4', '3', '2', '1']);
    const expected = PAGES.map(([what, , [from, to]]) => [what, { rows: all.slice(from, to), total: COUNT }]);
    const told = async (from: Store) =>
      Promise.all(PAGES.map(async ([what, page]) => [what, await read(from, page)] as const));
    expect(await told(store)).toEqual(expected);
    await home.closeAll();
    expect(await told(home.open())).toEqual(expected);
  });
});
