import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { openDatabase } from '../../src/store/postgres/connection/open-client.ts';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import { DATABASE_FORMAT, MIGRATIONS } from '../../src/store/postgres/schema/migrations.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact, anAgent, testDeps } from '../support/fixtures.ts';
import { freshFolder } from '../support/folders.ts';
import { created, said } from '../support/port.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { aDatabaseStore } from '../support/store.ts';
import { ids, saved, write } from '../support/writes.ts';

let server: PostgresServer;
let homes = 0;
beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
});
afterAll(() => server.remove());

const aSchema = () => `${server.url()}?schema=schema_${++homes}`;

function opened(url: string): Store {
  const store = aDatabaseStore(url, { ...testDeps(), newId: createIds(() => new Date()) });
  onTestFinished(() => store.close());
  return store;
}

/** Runs statements as the owner of a database. */
async function asOwner(url: string, ...statements: string[]): Promise<void> {
  const { config, schema } = databaseOf(url);
  const client = new pg.Client(config);
  await client.connect();
  try {
    await client.query(`set search_path to ${schema}`);
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What a query finds, as the owner of a database. */
async function rowsOf(url: string, query: string): Promise<unknown[]> {
  const client = await openDatabase(databaseOf(url));
  const { rows } = await client.query(query);
  await client.end();
  return rows;
}

/** Makes a database with other terms than the server's own. Gives the URL of it. */
async function aDatabase(terms: string): Promise<string> {
  const name = `other_${++homes}`;
  await asOwner(server.url(), `create database ${name} template template0 ${terms}`);
  return server.url(name);
}

/** Makes a schema as the first format has it, as the owner did then. */
async function firstFormat(url: string): Promise<void> {
  const { schema } = databaseOf(url);
  const [first = []] = MIGRATIONS;
  await asOwner(
    url,
    `create schema ${schema}`,
    'create table format (is_only boolean primary key default true check (is_only), version integer not null)',
    'create table migrations (version integer primary key, at timestamptz not null default clock_timestamp())',
    ...first,
    'insert into migrations (version) values (1)',
    'insert into format (version) values (1)',
  );
}

describe('a schema that is brought forward', () => {
  it('from the first format does all that a new one does', async () => {
    const url = aSchema();
    await firstFormat(url);
    expect(await migrateSchema(url)).toEqual({ from: 1, to: DATABASE_FORMAT });
    const store = opened(url);
    await write(store, saved('a'));
    await write(store, { type: 'contact_deleted', contact_id: 'a', stand_in: 'erased_1', run_ids: [] });
    expect(await store.forget('test')).toBe(true);
    expect(await store.check()).toMatchObject({ faults: [], warnings: [] });
  });

  it('says of every agent, run and conversation before which team’s it is', async () => {
    const [older, whole] = [aSchema(), aSchema()];
    await migrateSchema(whole);
    await firstFormat(older);
    // What jsonb can't hold, and what only looks like it.
    const description = 'a\0b\ud800c \\u0000 \\\ud800';
    const agent = { ...anAgent({ id: 'ag_1', description }), owner: 'p_1', team: 2 };
    await write(opened(whole), saved('a'), { type: 'agent_saved', agent }, created('run_1', { agent_id: 'ag_1' }));
    const { schema } = databaseOf(whole);
    await asOwner(
      older,
      `insert into commits select * from ${schema}.commits`,
      `update head set (n, sha) = (select n, sha from ${schema}.head)`,
    );
    await migrateSchema(older);
    for (const url of [older, whole])
      expect(await rowsOf(url, 'select agent_id, team, id from agent_teams join agent_work using (agent_id)')).toEqual([
        { agent_id: 'ag_1', team: 2, id: 'run_1' },
      ]);
  });

  it('to a newer format takes no commit any more of a process that has worked on it', async () => {
    const url = aSchema();
    await migrateSchema(url);
    const [writer, reader] = [opened(url), opened(url)];
    await write(writer, saved('a'));
    expect(await ids(reader)).toEqual(['a']);
    // What a newer version does when it migrates.
    await asOwner(url, 'update format set version = version + 1', 'update head set epoch = epoch + 1');
    const newer = { code: 'STORE_ERROR', message: expect.stringContaining('newer Countersign') };
    await expect(write(writer, saved('b'))).rejects.toMatchObject(newer);
    await expect(ids(reader)).rejects.toMatchObject(newer);
    await asOwner(url, 'update format set version = version - 1');
    expect(await ids(opened(url))).toEqual(['a']);
  });

  it('begins another epoch, by which those that work on it notice that', async () => {
    const url = aSchema();
    const epoch = async () => {
      const client = await openDatabase(databaseOf(url));
      const { rows } = await client.query<{ epoch: number }>('select epoch from head');
      await client.end();
      return rows[0]?.epoch;
    };
    await firstFormat(url);
    expect(await epoch()).toBe(0);
    await migrateSchema(url);
    expect(await epoch()).toBe(1);
    await migrateSchema(url);
    expect(await epoch()).toBe(1);
  });
});

describe('a database', () => {
  it('that can’t hold every text gets no schema', async () => {
    const url = await aDatabase(`encoding 'LATIN1' locale_provider libc locale 'C'`);
    const refused = { code: 'STORE_ERROR', message: expect.stringContaining('encoding LATIN1') };
    await expect(migrateSchema(url)).rejects.toMatchObject(refused);
  });

  it('of odd settings takes commits of several processes at once, and has them on its disk', async () => {
    const url = await aDatabase(`encoding 'UTF8' locale 'C'`);
    const { database } = databaseOf(url).config;
    await migrateSchema(url);
    await asOwner(
      url,
      `alter database ${database} set default_transaction_isolation to 'serializable'`,
      `alter database ${database} set lock_timeout to 1`,
      `alter database ${database} set synchronous_commit to off`,
    );
    const names = Array.from({ length: 40 }, (_, at) => `c${String(at).padStart(2, '0')}`);
    const stores = [opened(url), opened(url), opened(url), opened(url)];
    await Promise.all(
      names.map((id, at) => stores[at % stores.length]?.commit('test', () => ({ events: [saved(id)], value: 0 }))),
    );
    expect((await ids(opened(url))).sort()).toEqual(names);
    const client = await openDatabase(databaseOf(url));
    onTestFinished(() => client.end());
    const { rows } = await client.query<{ synchronous_commit: string }>('show synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('of Turkish finds the conversations about a contact as any other', async () => {
    const url = await aDatabase(`encoding 'UTF8' locale_provider icu icu_locale 'tr-TR' locale 'C'`);
    await migrateSchema(url);
    const store = opened(url);
    const contact = aContact({ id: 'ct_ira', email: 'ira@example.com' });
    await write(store, { type: 'contacts_saved', contacts: [contact] }, said('th_1', 'What of IRA@EXAMPLE.COM?'));
    expect(await store.read((view) => view.tracesOf(contact).thread_ids)).toEqual(['th_1']);
  });
});
