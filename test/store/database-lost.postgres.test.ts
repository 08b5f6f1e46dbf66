import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { View } from '../../src/domain/state/view.ts';
import { DatabaseConnections } from '../../src/store/postgres/connection/connections.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { openDatabase } from '../../src/store/postgres/connection/open-client.ts';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import type { Store } from '../../src/store/store.ts';
import { testDeps } from '../support/fixtures.ts';
import { freshFolder } from '../support/folders.ts';
import { openLossyProxy } from '../support/postgres/lossy-proxy.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { aDatabaseStore } from '../support/store.ts';
import { ids, saved } from '../support/writes.ts';

let server: PostgresServer;
let homes = 0;
beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
});
afterAll(() => server.remove());

/** The URL of a new home, whose role owns it. */
async function aDatabaseHome(): Promise<string> {
  const url = `${server.url()}?schema=home_${++homes}`;
  await migrateSchema(url);
  return url;
}

function opened(url: string): Store {
  const store = aDatabaseStore(url, { ...testDeps(), newId: createIds(() => new Date()) });
  onTestFinished(() => store.close());
  return store;
}

/** Keeps commits from being written. `rows` tells how many wait; `hold` ends with the database. */
async function heldUp(url: string) {
  const holder = await openDatabase(databaseOf(url));
  await holder.query('begin; select from head for update; set local idle_in_transaction_session_timeout to 0');
  const looking = await openDatabase(databaseOf(url));
  const waiting = `select count(*)::integer as count from pg_stat_activity where wait_event_type = 'Lock' and query like 'select append(%'`;
  return {
    rows: async () => (await looking.query<{ count: number }>(waiting)).rows[0]?.count,
    hold: holder.query('select pg_sleep(25)').catch(() => undefined),
  };
}

/** A decision to save a contact that nobody has saved yet. */
function once(id: string) {
  return (view: View) => {
    if (view.contact(id)) throw new Error(`${id} was saved before`);
    return { events: [saved(id)], value: id };
  };
}

describe('a commit whose answer is lost', () => {
  it('is acknowledged where it was kept, and not written again', async () => {
    const url = await aDatabaseHome();
    const proxy = await openLossyProxy(server.port);
    const store = opened(url.replace(`:${server.port}/`, `:${proxy.port}/`));
    await store.commit('test', once('a'));
    // A message that names the statement: its text was sent before.
    proxy.loseAnswerTo('\0append\0');
    expect(await store.commit('test', once('b'))).toBe('b');
    expect(proxy.lost()).toBe(1);
    await store.commit('test', once('c'));
    expect(await ids(opened(url))).toEqual(['a', 'b', 'c']);
    expect(await opened(url).audit()).toMatchObject({ commits: 3, faults: [] });
  });
});

describe('a connection that stays open and passes nothing on', () => {
  it('is given up, and the call goes on by another one', async () => {
    const url = await aDatabaseHome();
    const proxy = await openLossyProxy(server.port);
    const store = opened(url.replace(`:${server.port}/`, `:${proxy.port}/`));
    await store.commit('test', once('a'));
    proxy.swallow();
    expect(await store.commit('test', once('b'))).toBe('b');
    expect(await ids(store)).toEqual(['a', 'b']);
  });

  it('is found out before work that may take its time is given to it', async () => {
    const proxy = await openLossyProxy(server.port);
    const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
    const connections = new DatabaseConnections(() => openDatabase(databaseOf(url)), 1_000, 0);
    onTestFinished(() => connections.close());
    const asked = () => connections.untilDone((client) => client.query<{ one: number }>('select 1 as one'));
    await asked();
    proxy.swallow();
    expect((await asked()).rows).toEqual([{ one: 1 }]);
  });
});

describe('a database that stops', () => {
  it('at once and starts again keeps all that was acknowledged, and everybody goes on', async () => {
    const url = await aDatabaseHome();
    const stores = [opened(url), opened(url)];
    const acknowledged: string[] = [];
    let isOver = false;
    let count = 0;
    const work = async (store: Store) => {
      while (!isOver) acknowledged.push(await store.commit('test', once(`c${++count}`)));
    };
    const working = Promise.all(stores.flatMap((store) => [work(store), work(store)]));
    for (let rounds = 0; rounds < 2; rounds++) {
      const before = acknowledged.length;
      await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 20);
      await server.end('immediate');
      await server.start();
      const after = acknowledged.length;
      await expect.poll(() => acknowledged.length).toBeGreaterThan(after + 20);
    }
    isOver = true;
    await working;
    const there = await ids(opened(url));
    expect(acknowledged.filter((id) => !there.includes(id))).toEqual([]);
    expect(there).toHaveLength(acknowledged.length);
    expect(await opened(url).audit()).toMatchObject({ commits: acknowledged.length, faults: [] });
  });

  it('and stays away makes a call fail, and the next one after it is back does not', async () => {
    const url = await aDatabaseHome();
    const store = aDatabaseStore(url, { ...testDeps(), newId: createIds(() => new Date()) }, { patienceMs: 200 });
    onTestFinished(() => store.close());
    await store.commit('test', once('a'));
    await server.end('immediate');
    const failing = store.commit('test', once('b'));
    await expect(failing).rejects.toMatchObject({ code: 'STORE_ERROR', message: expect.not.stringContaining('pw-of') });
    await expect(ids(store)).rejects.toMatchObject({ code: 'STORE_ERROR' });
    await server.start();
    await store.commit('test', once('c'));
    expect(await ids(store)).toEqual(['a', 'c']);
  });

  it('while a commit is on its way leaves open whether that was kept, and says so', async () => {
    const url = await aDatabaseHome();
    const store = aDatabaseStore(url, { ...testDeps(), newId: createIds(() => new Date()) }, { patienceMs: 200 });
    onTestFinished(() => store.close());
    await store.commit('test', once('a'));
    const { rows, hold } = await heldUp(url);
    const failing = store.commit('test', once('b')).catch((error: unknown) => error);
    await expect.poll(rows).toBe(1);
    await server.end('immediate');
    expect(await failing).toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining('may have been written'),
    });
    await hold;
    await server.start();
    expect(await ids(opened(url))).toEqual(['a']);
  });
});
