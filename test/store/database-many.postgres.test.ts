import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { DatabaseAccess } from '../../src/store/postgres/access/database-access.ts';
import { POSTGRES_TUNING, type PostgresTuning } from '../../src/store/postgres/access/postgres-tuning.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact, testDeps } from '../support/fixtures.ts';
import { freshFolder } from '../support/folders.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { aDatabaseStore } from '../support/store.ts';
import { saved, visited, write } from '../support/writes.ts';

const COUNT = 10_050;
/** More than twice as many as a total tells. */
const MANY = 22_000;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
});
afterAll(() => server.remove());

const depsOf = () => ({ ...testDeps(), newId: createIds(() => new Date()) });

async function homeOf(schema: string): Promise<string> {
  const url = `${server.url()}?schema=${schema}`;
  await migrateSchema(url);
  return url;
}

async function aHomeOfMany(schema: string, count = COUNT): Promise<Store> {
  const store = aDatabaseStore(await homeOf(schema), depsOf());
  onTestFinished(() => store.close());
  const contacts = Array.from({ length: count }, (_, i) => {
    // NUL is what no column for an index can hold.
    const note = i === 5 || i === 5_505 ? '\0' : '';
    const rank = i < 10 || i >= 50_000 ? 2 : 1;
    return aContact({ id: `c${i}`, score: i, city: `City ${i % 3}`, is_old: i < 11_000, note, rank });
  });
  await write(store, { type: 'contacts_saved', contacts });
  return store;
}

describe('a page of more contacts than are counted', () => {
  it('says that there are at least so many, and to its end how it goes on', async () => {
    const store = await aHomeOfMany('many');
    const first = await store.find.contacts({}, { limit: 50, offset: 0 });
    expect(first).toMatchObject({ total: 10_000, isAtLeast: true });
    expect(first.rows[0]?.id).toBe(`c${COUNT - 1}`);
    const oldest = await store.find.contacts({ oldestFirst: true }, { limit: 50, offset: 0 });
    expect(oldest).toMatchObject({ total: 10_000, isAtLeast: true });
    expect(await store.find.contacts({}, { limit: 50, offset: 9_990 })).toMatchObject({
      total: 10_040,
      isAtLeast: true,
    });
    const last = await store.find.contacts({}, { limit: 50, offset: 10_000 });
    expect(last).toMatchObject({ total: COUNT });
    expect(last).not.toHaveProperty('isAtLeast');
    expect(last.rows).toHaveLength(50);
  });

  it('tells the total of a search up to 10,000, however many contacts are looked at for it', async () => {
    const store = await aHomeOfMany('totals', MANY);
    const found = (filter: Record<string, unknown>) => store.find.contacts({ filter }, { limit: 5, offset: 0 });
    for (const filter of [
      { city: 'City 1' },
      { score: { $gte: 100, $lt: 7_433 } },
      { city: { $in: ['City 1'], $ne: 'City 2' } },
    ]) {
      const { rows, total, ...rest } = await found(filter);
      expect([rows.length, total, rest]).toEqual([5, 7_333, {}]);
    }
    expect(await found({ score: { $gte: 0, $lt: 10_000 } })).not.toHaveProperty('isAtLeast');
    for (const filter of [{ score: { $gte: 0 } }, { city: { $in: ['City 0', 'City 2'] } }])
      expect(await found(filter)).toMatchObject({ total: 10_000, isAtLeast: true });
  });

  it('is found where it stands far from where the search begins, and counted with what no index holds', async () => {
    const store = await aHomeOfMany('skewed', MANY);
    const ids = async (filter: Record<string, unknown>, oldestFirst = false) => {
      const { rows, ...total } = await store.find.contacts({ filter, oldestFirst }, { limit: 3, offset: 1 });
      return { ids: rows.map(({ id }) => id), ...total };
    };
    expect(await ids({ is_old: true })).toEqual({
      ids: ['c10998', 'c10997', 'c10996'],
      total: 10_000,
      isAtLeast: true,
    });
    expect(await ids({ is_old: false }, true)).toEqual({
      ids: ['c11001', 'c11002', 'c11003'],
      total: 10_000,
      isAtLeast: true,
    });
    expect(await ids({ is_old: true, city: 'City 2' }, true)).toEqual({ ids: ['c5', 'c8', 'c11'], total: 3_666 });
    expect(await ids({ score: { $gte: 5_000, $lt: 6_000 } })).toEqual({
      ids: ['c5998', 'c5997', 'c5996'],
      total: 1_000,
    });
    expect(await ids({ note: '\0' })).toEqual({ ids: ['c5'], total: 2 });
  });

  it('has a total of what no index helps with among the next 50,000, as in a home of files', async () => {
    const store = await aHomeOfMany('further', 50_100);
    const total = async (limit: number) => {
      const { rows, ...rest } = await store.find.contacts({ filter: { rank: { $gt: 1 } } }, { limit, offset: 0 });
      return { count: rows.length, ...rest };
    };
    expect(await total(100)).toEqual({ count: 100, total: 110 });
    expect(await total(99)).toEqual({ count: 99, total: 109, isAtLeast: true });
    expect(await total(1)).toEqual({ count: 1, total: 100, isAtLeast: true });
  });

  it('is found whole by what no index helps with, from either end, whichever stretch of the contacts it is in', async () => {
    const store = await aHomeOfMany('stretches');
    const page = { limit: 3, offset: 0 };
    const ids = async (filter: Record<string, unknown>, oldestFirst: boolean) => {
      const { rows, total } = await store.find.contacts({ filter, oldestFirst }, page);
      return { ids: rows.map(({ id }) => id), total };
    };
    expect(await ids({ score: { $lt: 2 } }, false)).toEqual({ ids: ['c1', 'c0'], total: 2 });
    expect(await ids({ score: { $gte: COUNT - 2 } }, true)).toEqual({
      ids: [`c${COUNT - 2}`, `c${COUNT - 1}`],
      total: 2,
    });
    expect(await ids({ score: { $gte: COUNT } }, false)).toEqual({ ids: [], total: 0 });
    expect(await ids({ city: 'City 1', score: { $lt: 5 } }, false)).toEqual({ ids: ['c4', 'c1'], total: 2 });
    const targets = await store.find.targets({ filter: { score: { $gte: 2 } }, limit: 2, agent_id: 'ag_test' });
    expect(targets).toEqual({ ids: ['c2', 'c3'], matched: COUNT - 2 });
  });
});

describe('the memory of a process', () => {
  const MOST = 1_000_000;
  const LONG = 'x'.repeat(100_000);

  /** How many of 40 contacts with a long event each are in memory, once all of these were written. */
  async function keptOf(schema: string, tuning: Partial<PostgresTuning>): Promise<number> {
    const database = databaseOf(await homeOf(schema));
    const access = new DatabaseAccess(database, depsOf(), { ...POSTGRES_TUNING, ...tuning }, undefined);
    onTestFinished(() => access.close());
    for (let i = 0; i < 40; i++)
      await access.commit('test', () => ({ events: [visited(`c${i}`, LONG)], value: undefined }));
    return access.memory.rows.activity.ids().length;
  }

  it('lets go of what it has written itself, by how much that is', async () => {
    expect(await keptOf('let_go', { memoryBytes: MOST, looksInUse: 0 })).toBeLessThanOrEqual(MOST / LONG.length);
  });

  it('holds what is in use, however much that is', async () => {
    expect(await keptOf('in_use', { memoryBytes: MOST, looksInUse: 1_000 })).toBe(40);
  });
});

describe('an erasure', () => {
  it('that two calls of one process carry out at once fails for neither', async () => {
    const store = aDatabaseStore(await homeOf('at_once'), depsOf());
    onTestFinished(() => store.close());
    await write(store, saved('noor'));
    for (let i = 0; i < 300; i++) await write(store, visited('noor', 'x'.repeat(2_000)));
    await write(store, { type: 'contact_deleted', contact_id: 'noor', stand_in: 'erased_1', run_ids: [] });
    const calls = Array.from({ length: 3 }, () => store.forget('test'));
    expect(await Promise.all(calls)).toEqual([true, true, true]);
    expect(await store.check()).toMatchObject({ faults: [], warnings: [] });
  });
});
