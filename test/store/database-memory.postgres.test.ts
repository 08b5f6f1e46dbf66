import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { saveCore } from '../../src/store/postgres/access/core-row.ts';
import { DatabaseAccess } from '../../src/store/postgres/access/database-access.ts';
import { POSTGRES_TUNING } from '../../src/store/postgres/access/postgres-tuning.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import type { Store } from '../../src/store/store.ts';
import { anAgent, testDeps } from '../support/fixtures.ts';
import { freshFolder } from '../support/folders.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { aDatabaseStore } from '../support/store.ts';
import { ids, saved, visited, write } from '../support/writes.ts';

let server: PostgresServer;
let homes = 0;
beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
});
afterAll(() => server.remove());

const depsOf = () => ({ ...testDeps(), newId: createIds(() => new Date()) });

async function aDatabaseHome(): Promise<string> {
  const url = `${server.url()}?schema=memory_${++homes}`;
  await migrateSchema(url);
  return url;
}

function opened(url: string): Store {
  const store = aDatabaseStore(url, depsOf());
  onTestFinished(() => store.close());
  return store;
}

/** The same as the store has inside, to look at its memory or to change it. */
function inside(url: string): DatabaseAccess {
  const access = new DatabaseAccess(databaseOf(url), depsOf(), POSTGRES_TUNING, undefined);
  onTestFinished(() => access.close());
  return access;
}

/** A connection of the database's owner. */
async function owner(url: string): Promise<pg.Client> {
  const client = new pg.Client(databaseOf(url).config);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`set search_path to ${databaseOf(url).schema}`);
  return client;
}

/** Keeps commits from being written. Gives what tells how many wait, and what lets them go on. */
async function held(url: string) {
  const [holding, looking] = [await owner(url), await owner(url)];
  await holding.query('begin');
  await holding.query('select from head for update');
  const waiting = `select count(*)::integer as count from pg_stat_activity where wait_event_type = 'Lock' and query like 'select append(%'`;
  return {
    waiting: async () => (await looking.query<{ count: number }>(waiting)).rows[0]?.count,
    release: () => holding.query('commit'),
  };
}

describe('a commit that is being written', () => {
  it('is in what a look of the same process has read meanwhile', async () => {
    const store = opened(await aDatabaseHome());
    await write(store, saved('a'));
    const url = `${server.url()}?schema=memory_${homes}`;
    const hold = await held(url);
    const alias = {
      type: 'contacts_saved' as const,
      contacts: [],
      aliases: [['also-b', 'b'] satisfies [string, string]],
    };
    const writing = write(store, saved('b'), alias);
    await expect.poll(hold.waiting).toBe(1);
    const look = () =>
      store.read((view) => [
        view.contact('b')?.id,
        view.contactsAt('b@example.com').map(({ id }) => id),
        view.aliasOf('also-b'),
      ]);
    expect(await look()).toEqual([undefined, [], undefined]);
    await hold.release();
    await writing;
    expect(await look()).toEqual(['b', ['b'], 'b']);
  });

  it('takes deleted contacts out of what a look has read meanwhile', async () => {
    const url = await aDatabaseHome();
    const store = opened(url);
    await write(store, saved('a'), { type: 'contacts_saved', contacts: [], aliases: [['also-a', 'a']] });
    const hold = await held(url);
    const deletion = { type: 'contact_deleted' as const, contact_id: 'a', stand_in: 'erased_1', run_ids: [] };
    const writing = write(store, deletion);
    await expect.poll(hold.waiting).toBe(1);
    const look = () => store.read((view) => [view.aliasOf('also-a'), view.contactsAt('a@example.com').length]);
    expect(await look()).toEqual(['a', 1]);
    await hold.release();
    await writing;
    expect(await look()).toEqual([undefined, 0]);
  });

  it('is in memory that was made anew meanwhile', async () => {
    const url = await aDatabaseHome();
    const access = inside(url);
    const decide = (...events: Parameters<typeof write>[1][]) =>
      access.commit('test', () => ({ events, value: undefined }));
    await decide(saved('a'));
    const hold = await held(url);
    const writing = decide({ type: 'agent_saved', agent: anAgent() });
    await expect.poll(hold.waiting).toBe(1);
    access.memory.begin({ n: 0, sha: '', epoch: 0, unsealed: 0 }, {});
    expect(await access.read((view) => view.commits())).toBe(1);
    await hold.release();
    await writing;
    expect(await access.read((view) => [view.commits(), view.agent('ag_test')?.id])).toEqual([2, 'ag_test']);
  });

  it('is not acknowledged where the database refuses it, also while nobody else can commit', async () => {
    const url = await aDatabaseHome();
    const access = inside(url);
    const { memory } = access;
    let { head } = memory;
    let [isWrong, tries] = [true, 0];
    // As an answer of before that comes late would have it.
    Object.defineProperty(memory, 'head', {
      get: () => head,
      set: (next: typeof head) => {
        head = isWrong ? { ...next, epoch: next.epoch + 1 } : next;
      },
    });
    await access.commit('test', () => {
      isWrong = ++tries < 6;
      return { events: [saved('a')], value: undefined };
    });
    expect(tries).toBeGreaterThan(5);
    expect(await ids(opened(url))).toEqual(['a']);
  });
});

describe('what a start reads first', () => {
  it('is not written into a database that was restored to before it', async () => {
    const url = await aDatabaseHome();
    const access = inside(url);
    const decide = (...events: Parameters<typeof write>[1][]) =>
      access.commit('test', () => ({ events, value: undefined }));
    await decide(saved('a'));
    await decide({ type: 'agent_saved', agent: anAgent() });
    await access.saveNow();
    const admin = await owner(url);
    const kept = async () =>
      (await admin.query<{ n: string }>('select n from documents')).rows.map(({ n }) => Number(n));
    expect(await kept()).toEqual([2]);
    // The database goes back by one commit just then.
    await admin.query('delete from documents; delete from commits where n = 2');
    const { n, sha } = access.memory.head;
    await admin.query('insert into commits (n, sha, line) values ($1, $2, $3)', [n, 'of another time', '{}']);
    expect(sha).not.toBe('of another time');
    await saveCore(access.connections, access.memory);
    expect(await kept()).toEqual([]);
  });

  it('is written again before a start has many megabytes of commits to read beside it', async () => {
    const url = await aDatabaseHome();
    const store = aDatabaseStore(url, depsOf());
    for (let count = 0; count < 8; count++) await write(store, visited(`c${count}`, 'x'.repeat(1 << 20)));
    await store.close();
    const { rows } = await (await owner(url)).query<{ bytes: string }>(
      'select coalesce(sum(length(line)), 0) as bytes from commits where n > (select n from documents)',
    );
    expect(Number(rows[0]?.bytes)).toBeLessThan(3 << 20);
  });

  it('is enough for a process that finds lines of before rewritten', async () => {
    const url = await aDatabaseHome();
    const [store, onlooker] = [opened(url), opened(url)];
    await write(store, saved('early'));
    await write(store, saved('noor'), visited('noor', 'prices'));
    expect(await ids(onlooker)).toEqual(['early', 'noor']);
    await write(store, saved('vera'), visited('vera', 'prices'));
    await write(store, { type: 'contact_deleted', contact_id: 'vera', stand_in: 'erased_1', run_ids: [] });
    expect(await store.forget('test')).toBe(true);
    // Whoever read the whole log again would come by this.
    await (await owner(url)).query(`update commits set line = 'damaged' where n = 1`);
    expect(await ids(onlooker)).toEqual(['early', 'noor']);
    expect(await onlooker.read((view) => view.erasures().pending.size)).toBe(0);
  });
});

describe('many large commits of others', () => {
  it('come in parts of a few MB, and all of them come', async () => {
    const url = await aDatabaseHome();
    const [store, other] = [opened(url), opened(url)];
    await other.read((view) => view.commits());
    const text = 'x'.repeat(1 << 20);
    for (let count = 0; count < 9; count++) await write(store, visited(`c${count}`, text));
    const { rows } = await (await owner(url)).query<{ lines: string[] }>('select lines from news(0, 0, 500)');
    expect(rows[0]?.lines.join('').length).toBeLessThan(5 << 20);
    expect(await other.read((view) => view.commits())).toBe(await store.read((view) => view.commits()));
    expect(await other.read((view) => view.activity('c8').events.length)).toBe(1);
  });

  it('come one by one where each is larger than that', async () => {
    const url = await aDatabaseHome();
    const [store, other] = [opened(url), opened(url)];
    await other.read((view) => view.commits());
    const text = 'x'.repeat(5 << 20);
    for (let count = 0; count < 2; count++) await write(store, visited(`c${count}`, text));
    expect(await other.read((view) => view.commits())).toBe(await store.read((view) => view.commits()));
    expect(await other.read((view) => view.activity('c1').events.length)).toBe(1);
  });
});

describe('the looks of one call', () => {
  it('see all that was committed before it, also while the process is still reading that', async () => {
    const url = await aDatabaseHome();
    const many = aDatabaseStore(url, depsOf(), { snapshotEvery: 1_000_000 });
    onTestFinished(() => many.close());
    const wanted = Array.from({ length: 1_600 }, (_, i) => write(many, saved(`c${i}`)));
    await Promise.all(wanted);
    const newest = await many.read((view) => view.commits());
    expect(newest).toBeGreaterThanOrEqual(1_600);
    const fresh = opened(url);
    const seen = await fresh.oneCall(async () => {
      let isOver = false;
      const first = fresh
        .read((view) => view.commits())
        .finally(() => {
          isOver = true;
        });
      const looks = [first];
      while (!isOver) {
        looks.push(fresh.read((view) => view.commits()));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return Promise.all(looks);
    });
    expect([...new Set(seen)]).toEqual([newest]);
  });

  it('may miss what others commit meanwhile, but not in a call within the call', async () => {
    const url = await aDatabaseHome();
    const [store, other] = [opened(url), opened(url)];
    const n = () => store.read((view) => view.commits());
    const work = async () => [await n(), await write(other, saved('late')), await store.oneCall(n)];
    expect((await store.oneCall(work)).at(-1)).toBe(await other.read((view) => view.commits()));
  });
});
