import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { openDatabase } from '../../src/store/postgres/connection/open-client.ts';
import { databaseLinesOf } from '../../src/store/postgres/move/database-lines.ts';
import { RowMaker } from '../../src/store/postgres/move/row-maker.ts';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import type { Store } from '../../src/store/store.ts';
import { Chance } from '../support/chance.ts';
import { testDeps } from '../support/fixtures.ts';
import { freshFolder } from '../support/folders.ts';
import { whateverOfAll } from '../support/life.ts';
import { PlainFold } from '../support/plain-fold.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { cases, outlasting, PATIENCE } from '../support/property.ts';
import { aDatabaseStore } from '../support/store.ts';
import { namesIn } from '../support/verified.ts';
import { whole } from '../support/whole.ts';

const PLACES = 3;
const place = fc.nat({ max: PLACES - 1 });
/** What some processes do at the same time: each commits something by chance, or looks at everything. */
const step = fc.array(
  fc.record({ does: fc.constantFrom('commit', 'commit', 'commit', 'look'), place, seed: fc.nat() }),
  {
    minLength: 1,
    maxLength: 4,
  },
);
/** What is made of the commits, and in which order it is told. */
const TABLES: readonly [table: string, order: string][] = [
  ...(['contacts', 'aliases'] as const).map((name): [string, string] => [name, 'id']),
  ...['activity', 'ledger'].map((name): [string, string] => [name, 'contact_id']),
  ...[
    ['addresses', 'key, contact_id'],
    ['evaluated', 'agent_id, contact_id'],
    ['runs', 'run_id'],
  ].map(([name = '', order = '']): [string, string] => [name, order]),
  ['run_people', 'contact_id, run_id'],
  ['results', 'run_id, contact_id'],
  ['messages', 'thread_id'],
  ['agent_files', 'agent_id'],
  ['agent_teams', 'agent_id'],
  ['agent_work', 'kind, id'],
  ['keys', 'key'],
  ['nonces', 'nonce'],
  ['decisions', 'seq'],
  ['redactions', 'seq'],
  ['mentions', 'name, n'],
];

let server: PostgresServer;
let homes = 0;
beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
});
afterAll(() => server.remove());

type Written = { n: number; events: Event[] };

/** Several processes on one home, and a plain fold of what they acknowledged. */
class LivedDatabase {
  readonly plain = new PlainFold();
  private readonly url: string;
  private readonly stores: Store[];
  private readonly ids = new Set<string>();
  private count = 0;

  constructor(url: string, memoryBytes: number) {
    this.url = url;
    const deps = { ...testDeps(), newId: createIds(() => new Date()) };
    const tuning = { memoryBytes, looksInUse: 0, snapshotEvery: 5, segmentBytes: 2_000 };
    this.stores = Array.from({ length: PLACES }, () => aDatabaseStore(url, deps, tuning));
  }

  /** Does what a step says, all of it at once. */
  async go(deeds: readonly { does: string; place: number; seed: number }[]): Promise<void> {
    const all = deeds.map(async ({ does, place: at, seed }) => {
      if (does === 'commit') return this.write(at, seed);
      await this.at(at).read((view) => whole(view, this.ids));
      return { n: 0, events: [] };
    });
    const written = await Promise.all(all);
    for (const { events } of written.sort((one, other) => one.n - other.n)) {
      if (events.length === 0) continue;
      this.plain.take(events);
      for (const name of events.flatMap(namesIn)) this.ids.add(name);
    }
  }

  private at(index: number): Store {
    const store = this.stores[index];
    if (!store) throw new Error('there is no such process');
    return store;
  }

  private async write(index: number, seed: number): Promise<Written> {
    const id = `n${this.count++}`;
    const stamp = { id, at: new Date(1_772_000_000_000 + this.count * 1_000).toISOString(), filler: 100 };
    let written: Written = { n: 0, events: [] };
    await this.at(index).commit('life', (view) => {
      const key: Event = { type: 'key_used', tool: 'life', key: id, digest: '', id, at: stamp.at };
      written = { n: view.commits() + 1, events: [...whateverOfAll(view, new Chance(seed), stamp), key] };
      return { events: written.events, value: undefined };
    });
    return written;
  }

  /** Holds what each process reads against the plain fold. */
  async expectSame(): Promise<void> {
    const expected = whole(this.plain.view, this.ids);
    for (const store of this.stores) {
      const actual = await store.read((view) => whole(view, this.ids));
      for (const state of [actual, expected]) state.delete('erasures');
      expect([...actual]).toEqual([...expected]);
    }
  }

  /** Holds the rows that the commits left against those that are made anew of them. */
  async expectSameRows(): Promise<void> {
    const client = await openDatabase(databaseOf(this.url));
    try {
      const before = await rowsIn(client);
      await new RowMaker(client).forward(databaseLinesOf(client).lines);
      expect(await rowsIn(client)).toEqual(before);
    } finally {
      await client.end();
    }
  }

  /** Erases the deleted ones, as one of the processes does. */
  async forget(): Promise<void> {
    for (const store of this.stores) await store.forget('life');
    expect(await this.at(0).check()).toMatchObject({ faults: [], warnings: [] });
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
  }
}

async function rowsIn(client: Client): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const [table, order] of TABLES) {
    const { rows } = await client.query<Record<string, unknown>>(`select * from ${table} order by ${order}`);
    found[table] = rows;
  }
  return found;
}

describe('several processes on one database', () => {
  it('read what a plain fold of their commits says, and leave rows that say the same', {
    timeout: PATIENCE,
  }, async () => {
    const { run, done } = outlasting(async (memoryBytes: number, steps: Parameters<LivedDatabase['go']>[0][]) => {
      const url = `${server.url()}?schema=life_${++homes}`;
      await migrateSchema(url);
      const home = new LivedDatabase(url, memoryBytes);
      try {
        for (const each of steps) await home.go(each);
        await home.expectSame();
        await home.expectSameRows();
        await home.forget();
        await home.expectSame();
      } finally {
        await home.close();
      }
    });
    const steps = fc.noBias(fc.array(step, { minLength: 15, maxLength: 25, size: 'max' }));
    await fc.assert(fc.asyncProperty(fc.constantFrom(0, 20_000, 64 << 20), steps, run), cases(3)).finally(done);
  });
});
