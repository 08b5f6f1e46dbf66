import { describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { RawRow, RowSource } from '../../src/domain/import/raw-row.ts';
import { surveyOf } from '../../src/domain/import/raw-row.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { importParts } from '../../src/engine/contacts/import-parts.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { endInTurns } from '../../src/store/turns.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { inProcess } from '../support/in-process.ts';
import { aStore } from '../support/store.ts';

const MANY = 10_500;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const linesOf = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');

/** A house whose store begins a new place with every few contacts. */
function houseOfPlaces(): House {
  const home = aHome();
  const now = () => new Date();
  const deps = { ...testDeps(home), now, newId: createIds(now) };
  const house = createHouse(aStore(home, deps, { segmentBytes: 10_000 }), deps);
  onTestFinished(() => closeHouse(house));
  return house;
}

describe('the events of a large import', () => {
  const idAt = (n: number) => `${(n * 7_919) % 600}-id`;

  it('come place by place of their contacts, each of them once', async () => {
    const house = houseOfPlaces();
    for (const from of [0, 200, 400])
      await importContacts(house, 'somebody', { contacts: numbers(200).map((n) => ({ id: idAt(from + n) })) });
    const rowAt = (at: number): RawRow => ({
      ...{ row: at + 1, at, kind: 'event', text: false },
      cells: { contact_id: idAt((at * 31) % 600), type: 'page' },
    });
    const source: RowSource = {
      *batches() {
        for (let at = 0; at < MANY; at += 500) yield numbers(500).map((n) => rowAt(at + n));
      },
      again: ({ at }) => [rowAt(at)],
      end: MANY,
    };
    const rows: RawRow[] = [];
    let last: { isLast: boolean; done: number } | undefined;
    for await (const part of importParts(house, source, await endInTurns(surveyOf(source)))) {
      rows.push(...part.rows);
      last = part;
    }
    const places = await house.store.places(
      'id',
      rows.map(({ cells }) => String(cells.contact_id)),
    );
    expect(new Set(places).size).toBe(3);
    expect(places.filter((place, index) => place !== places[index - 1])).toHaveLength(3);
    expect(new Set(rows.map(({ row }) => row)).size).toBe(MANY);
    expect(last).toMatchObject({ isLast: true, done: MANY });
  });

  it('are told with their errors in the order of the rows, contacts among them', async () => {
    const { house } = inProcess();
    const ALL = 12_000;
    const lineAt = (n: number) => {
      if (n % 1_000 === 999) return { id: `c${n}`, email: 'no address' };
      if (n % 1_000 === 500) return { contact_id: `c${ALL - n}`, type: 'page', timestamp: 'never' };
      return n % 2 === 0 ? { id: `c${n}` } : { contact_id: `c${ALL - n - 1}`, type: 'page', name: `${n}` };
    };
    const made = await importContacts(house, 'somebody', { csv: linesOf(numbers(ALL).map(lineAt)), format: 'jsonl' });
    expect(made).toMatchObject({ error_count: 24 });
    expect(JSON.parse(JSON.stringify(made.errors))).toEqual(
      numbers(20).map((n) => ({ row: (n + 1) * 500 + (n % 2 === 0 ? 1 : 0), message: expect.any(String) })),
    );
  });

  it('are all found where lines hold several calls', async () => {
    const { house } = inProcess();
    const call = (n: number) =>
      n % 4 === 3
        ? { type: 'identify', userId: `u${n % 300}`, traits: { email: `u${n % 300}@calls.example` } }
        : { type: 'track', event: 'Opened', userId: `u${n % 300}`, messageId: `m${n}` };
    const batches = numbers(1_400).map((line) => ({ batch: numbers(8).map((n) => call(line * 8 + n)) }));
    const made = await importContacts(house, 'somebody', { csv: linesOf(batches), format: 'segment' });
    expect(made).toMatchObject({ created: 300, events_recorded: 8_400, error_count: 0 });
    const events = await house.read((view) => view.activity('u4').events.map(({ message_id }) => message_id));
    expect(events.toSorted()).toEqual(
      numbers(38)
        .map((n) => `m${4 + n * 300}`)
        .toSorted(),
    );
  });

  it('let other calls be answered while they are put in order', async () => {
    const { house } = inProcess();
    const order: string[] = [];
    const rowAt = (at: number): RawRow => ({
      ...{ row: at + 1, at, kind: 'event', text: false },
      cells: { contact_id: `c${at % 700}`, type: 'page' },
    });
    const source: RowSource = {
      *batches() {
        for (let at = 0; at < MANY; at += 500) {
          order.push('rows');
          yield numbers(500).map((n) => rowAt(at + n));
        }
      },
      again: ({ at }) => [rowAt(at)],
      end: MANY,
    };
    const parts = importParts(house, source, { contacts: 0, events: MANY, columns: [] });
    let isOver = false;
    const first = parts.next().then(() => {
      isOver = true;
    });
    while (!isOver) {
      await house.read((view) => view.contact('c0'));
      order.push('answer');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await first;
    expect(order.filter((what) => what === 'rows')).toHaveLength(MANY / 500);
    expect(order.filter((what, index) => what === 'rows' && order[index - 1] === 'rows')).toEqual([]);
  });
});

describe('the same events, few or among very many', () => {
  const STORED = [
    ...numbers(6).map((n) => ({ id: `known-${n}`, email: `known-${n}@one.example` })),
    ...numbers(6).map((n) => ({ email: `only-${n}@one.example` })),
  ];

  /** A row of each kind in turn; which it is depends on the number alone. */
  function eventAt(n: number): Record<string, unknown> {
    const k = (n * 7) % 11;
    const who = [
      { contact_id: `known-${k % 6}` },
      { email: `only-${k % 6}@one.example` },
      { contact_id: `new-${k % 6}`, email: `only-${k % 6}@one.example` },
      { contact_id: `new-${k % 6}` },
      { contact_id: `other-${k}`, email: `other-${k}@one.example` },
      { email: `other-${k}@one.example` },
      { contact_id: `other-${k}` },
      { contact_id: `Known-${k % 6}@one.example` },
      {},
    ][n % 9];
    const type = n % 13 === 12 ? {} : { type: 'track', name: n % 17 === 16 ? 'Unsubscribed' : `Saw ${n % 3}` };
    const time = n % 5 === 0 ? {} : { timestamp: n % 23 === 22 ? 'late' : `2026-02-0${1 + (n % 4)}T08:00:00Z` };
    return { ...who, ...type, ...time };
  }
  const ROWS = numbers(420).map(eventAt);
  const filler = (n: number) => ({ contact_id: `filler-${n % 901}`, type: 'page', name: `${n}` });

  /** All that is told of the contacts that the rows are about. Ids that the house gave differ from house to house. */
  function told(view: View) {
    const own = (id: string | undefined) => (id?.startsWith('ct_') ? view.contact(id)?.email : id);
    const contacts = view.find.contacts({ limit: 5_000, offset: 0 }).rows.filter(({ id }) => !id.startsWith('filler'));
    return {
      contacts: contacts
        .map(({ id, email, do_not_email }) => ({
          ...{ id: own(id), email, do_not_email },
          events: view
            .activity(id)
            .events.map(({ name, timestamp }) => `${name} ${timestamp < '2026-03' ? timestamp : 'now'}`)
            .toSorted(),
        }))
        .toSorted((one, other) => `${one.id} ${one.email}`.localeCompare(`${other.id} ${other.email}`)),
      others: ['new-0', 'new-1', 'new-2', 'new-3', 'new-4', 'new-5', 'other-1'].map((id) => own(view.aliasOf(id))),
    };
  }

  it('mean the same', async () => {
    const [few, many] = [inProcess().house, houseOfPlaces()];
    for (const house of [few, many]) await importContacts(house, 'somebody', { contacts: STORED });
    const [made, among] = [
      await importContacts(few, 'somebody', { events: ROWS }),
      await importContacts(many, 'somebody', {
        events: numbers(MANY).map((n) => (n % 25 === 24 ? (ROWS[(n - 24) / 25] ?? filler(n)) : filler(n))),
      }),
    ];
    const FILLING = MANY - ROWS.length;
    expect(made).toMatchObject({ error_count: expect.any(Number), created: expect.any(Number) });
    expect(among).toMatchObject({
      ...{ created: Number(made.created) + 901, events_recorded: Number(made.events_recorded) + FILLING },
      ...{ error_count: made.error_count, updated: made.updated, unchanged: made.unchanged },
    });
    expect(await many.read(told)).toEqual(await few.read(told));
  });
});
