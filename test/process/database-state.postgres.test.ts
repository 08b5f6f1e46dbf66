import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseState, initDatabase } from '../../src/process/database-state.ts';
import { type Settings, settingsOf } from '../../src/process/environment.ts';
import { DATABASE_FORMAT as FORMAT, MIGRATIONS } from '../../src/store/postgres/schema/migrations.ts';
import { freshFolder } from '../support/folders.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';

const APP = { user: 'app', password: 'hunter2' };

async function sql(text: string, database = 'work', role?: typeof APP): Promise<void> {
  const client = new pg.Client({ connectionString: server.url(database, role) });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
  await sql("create role app login password 'hunter2'", 'postgres');
});
afterAll(() => server.remove());

/** An empty database, and the variables of a role that owns nothing in it, and of the one that does. */
async function aDatabase() {
  await sql('drop database if exists work', 'postgres');
  await sql('create database work', 'postgres');
  return { COUNTERSIGN_DATABASE_URL: server.url('work', APP), COUNTERSIGN_DATABASE_OWNER_URL: server.url('work') };
}

function settings(env: Record<string, string>): Settings {
  const found = settingsOf({ COUNTERSIGN_HOME: path.resolve('/nowhere'), ...env }, '/home/sam');
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

describe('a database', () => {
  it('is told by host, port, name and role, with what it lacks, and how its schema is made', async () => {
    const env = await aDatabase();
    const first = await databaseState(settings(env));
    expect(first?.lines).toEqual([
      `database: work at 127.0.0.1, port ${server.port} (on this machine), role app, schema countersign`,
      expect.stringMatching(/^database server: PostgreSQL \d+\.\d+, no schema yet$/),
    ]);
    expect(first?.faults).toEqual([
      'the database has no schema of Countersign yet: countersign doctor --init makes it',
    ]);
    expect(await initDatabase(settings(env))).toBe(
      `The schema countersign is made, of format ${FORMAT}; app has its rights.`,
    );
    const second = await databaseState(settings(env));
    expect(second?.lines[1]).toContain(`schema of format ${FORMAT}`);
    expect(second?.lines[2]).toBe('teams: kept apart by the database too');
    const asOwner = await databaseState(settings({ COUNTERSIGN_DATABASE_URL: env.COUNTERSIGN_DATABASE_OWNER_URL }));
    expect(asOwner?.lines[2]).toMatch(/^teams: kept apart by the program alone/);
    expect(second?.faults).toEqual([]);
    expect(await initDatabase(settings(env))).toContain(`is there, of format ${FORMAT}`);
  });

  it('of an older format is brought forward, and the role may use what is new in it', async () => {
    const env = await aDatabase();
    const [first = []] = MIGRATIONS;
    const format = 'create table format (is_only boolean primary key default true, version integer not null)';
    await sql(`create schema countersign; set search_path to countersign; ${format}; ${first.join(';')}`);
    await sql('insert into countersign.format (version) values (1)');
    expect((await databaseState(settings({ ...env, COUNTERSIGN_DATABASE_URL: server.url('work') })))?.faults).toEqual([
      `the schema has format 1, and this version ${FORMAT}: run countersign doctor --init`,
    ]);
    expect(await initDatabase(settings(env))).toBe(
      `The schema countersign is brought from format 1, of format ${FORMAT}; app has its rights.`,
    );
    const file = `insert into countersign.outbox (name, at, content) values ('a.eml', now(), 'x')`;
    await sql(`${file}; delete from countersign.outbox`, 'work', APP);
    expect((await databaseState(settings(env)))?.faults).toEqual([]);
  });

  it('whose role may make no schema of its own gets a queue of jobs in one that was made for it', async () => {
    await aDatabase();
    await sql('create schema countersign authorization app');
    const env = settings({ COUNTERSIGN_DATABASE_URL: server.url('work', APP) });
    const lack =
      /of format \d+; app has its rights\. The queue of jobs could not be made in the schema countersign_jobs \(permission denied/;
    expect(await initDatabase(env)).toMatch(lack);
    const without = await databaseState(env);
    expect([without?.lines[3], without?.faults]).toEqual([expect.stringContaining('there is no queue of jobs'), []]);
    await sql('create schema countersign_jobs authorization app');
    expect(await initDatabase(env)).toMatch(/app has its rights\.$/);
    expect((await databaseState(env))?.lines).toHaveLength(3);
  });

  it('is made by several at once, and each finds all of it', async () => {
    const env = settings(await aDatabase());
    const all = await Promise.all(Array.from({ length: 4 }, () => initDatabase(env)));
    for (const said of all) expect(said).toMatch(/app has its rights\.$/);
    expect((await databaseState(env))?.lines).toHaveLength(3);
  });

  it('with a queue of jobs of an older library, or closed to the role, says so until it is brought forward', async () => {
    const env = settings(await aDatabase());
    await initDatabase(env);
    for (const [change, lack] of [
      ['update countersign_jobs.version set version = version - 1', 'requires migrations'],
      ['revoke usage on schema countersign_jobs from app', 'permission denied'],
    ]) {
      await sql(change ?? '');
      const line = (await databaseState(env))?.lines[3];
      expect(line).toMatch(new RegExp(`queue of jobs can't be used \\(.*${lack}.*doctor --init`));
      expect(await initDatabase(env)).toMatch(/app has its rights\.$/);
      expect((await databaseState(env))?.lines).toHaveLength(3);
    }
  });

  it('gets a queue of jobs beside a schema of the longest name too', async () => {
    const env = await aDatabase();
    const named = (url: string) => `${url}?schema=${'a'.repeat(63)}`;
    const [url, owner] = [named(env.COUNTERSIGN_DATABASE_URL), named(env.COUNTERSIGN_DATABASE_OWNER_URL)];
    const long = settings({ COUNTERSIGN_DATABASE_URL: url, COUNTERSIGN_DATABASE_OWNER_URL: owner });
    expect(await initDatabase(long)).toMatch(/app has its rights\.$/);
    expect((await databaseState(long))?.lines).toHaveLength(3);
  });

  it('of a newer format is refused, and stays as it is', async () => {
    const env = await aDatabase();
    await initDatabase(settings(env));
    await sql('update countersign.format set version = 99');
    const newer = expect.stringContaining('was written by a newer Countersign (format 99');
    expect((await databaseState(settings(env)))?.faults).toEqual([newer]);
    await expect(initDatabase(settings(env))).rejects.toMatchObject({ code: 'STORE_ERROR', message: newer });
    expect((await databaseState(settings(env)))?.lines[1]).toContain('schema of format 99');
  });

  it('that can’t be reached, or doesn’t let the role in, is a fault that quotes no password', async () => {
    const env = await aDatabase();
    const wrong = server.url('work', { user: 'app', password: 'hunter3' });
    const refused = await databaseState(settings({ COUNTERSIGN_DATABASE_URL: wrong }));
    expect(refused?.faults).toEqual([expect.stringContaining('password authentication failed')]);
    await server.end();
    const away = await databaseState(settings(env));
    await server.start();
    expect(away?.faults).toEqual([expect.stringContaining('ECONNREFUSED')]);
    expect(JSON.stringify([refused, away])).not.toMatch(/hunter/);
  });

  it('of an owner’s URL that names another database gets no schema', async () => {
    const env = await aDatabase();
    const other = { ...env, COUNTERSIGN_DATABASE_OWNER_URL: server.url('postgres') };
    await expect(initDatabase(settings(other))).rejects.toThrow('they have to name the same one');
  });

  it('over a Unix socket is on this machine', async () => {
    const env = await aDatabase();
    const socket = `postgres://app:hunter2@/work?host=${encodeURIComponent(server.folder)}&port=${server.port}`;
    await initDatabase(settings(env));
    const { lines, faults } = (await databaseState(settings({ COUNTERSIGN_DATABASE_URL: socket }))) ?? {};
    expect([lines?.[0], faults]).toEqual([expect.stringContaining(`work at ${server.folder}, port`), []]);
  });
});
