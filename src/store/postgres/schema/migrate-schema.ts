import type { Client } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import { type Database, databaseOf } from '../connection/database-url.ts';
import { openDatabase } from '../connection/open-client.ts';
import { jobsSchemaOf, makeQueue } from '../jobs/job-queue.ts';
import { RIGHTS } from './migration-1.ts';
import { DATABASE_FORMAT, MIGRATIONS } from './migrations.ts';
import { newerFormat } from './newer-format.ts';

/** What became of a schema: its format before, 0 where there was none, and now. `lack`: why processes can't call each other, in words. */
export type SchemaMigrated = { from: number; to: number; lack?: string };

/** The first of the two keys of the lock under which one process at a time migrates; the other is the schema's name. */
const LOCK = 20_260_714;

/** A step over millions of rows takes its time, and so does waiting for another process's: the usual limits don't hold, in ms. */
const patient = { query_timeout: 6 * 3_600_000 };

const asIdentifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

const FORMAT = `
create table if not exists format (is_only boolean primary key default true check (is_only), version integer not null);
create table if not exists migrations (version integer primary key, at timestamptz not null default clock_timestamp());
`;

async function formatOf(client: Client): Promise<number> {
  await client.query(FORMAT);
  const { rows } = await client.query<{ version: number }>('select version from format');
  return rows[0]?.version ?? 0;
}

/** A role that may make no schemas is refused also where the schema is there: so that is asked first. */
async function hasSchema(client: Client, schema: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [schema]);
  return rowCount === 1;
}

/** Gives the role of the processes its rights. */
async function grant(client: Client, schema: string, role: string): Promise<void> {
  const to = asIdentifier(role);
  await client.query(`grant usage on schema ${asIdentifier(schema)} to ${to}`);
  for (const { on, may } of RIGHTS) await client.query(`grant ${may} on ${on.map(asIdentifier).join(', ')} to ${to}`);
  await client.query(`grant execute on all functions in schema ${asIdentifier(schema)} to ${to}`);
}

/** Lines are UTF-8, and their digests are of that: a database in another encoding can't hold each of them. */
async function demandUtf8(client: Client): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('show server_encoding');
  const encoding = rows[0]?.server_encoding ?? '';
  if (encoding !== 'UTF8')
    throw new AppError(
      'STORE_ERROR',
      `The database has the encoding ${encoding}, which can't hold every text. Nothing was made in it. Make one with: create database NAME encoding 'UTF8' template template0`,
    );
}

async function migrate(client: Client, { schema }: Database, role: string): Promise<SchemaMigrated> {
  await demandUtf8(client);
  await client.query('set local statement_timeout to 0');
  await client.query({
    text: 'select pg_advisory_xact_lock($1, hashtext($2))',
    values: [LOCK, schema],
    ...patient,
  });
  if (!(await hasSchema(client, schema))) await client.query(`create schema ${asIdentifier(schema)}`);
  await client.query(`set local search_path to ${asIdentifier(schema)}`);
  const from = await formatOf(client);
  if (from > DATABASE_FORMAT) throw newerFormat(from, DATABASE_FORMAT);
  for (const [at, steps] of MIGRATIONS.entries()) {
    if (at < from) continue;
    for (const step of steps) await client.query({ text: step, ...patient });
    await client.query('insert into migrations (version) values ($1)', [at + 1]);
  }
  await client.query(
    'insert into format (version) values ($1) on conflict (is_only) do update set version = excluded.version',
    [DATABASE_FORMAT],
  );
  // Whoever works on the database now notices by its epoch that it has another format, before it writes again.
  if (from > 0 && from < DATABASE_FORMAT) await client.query('update head set epoch = epoch + 1');
  await client.query(`alter function erase_lines(jsonb, bigint[]) set search_path to ${asIdentifier(schema)}, pg_temp`);
  await client.query(`revoke all on all functions in schema ${asIdentifier(schema)} from public`);
  await grant(client, schema, role);
  return { from, to: DATABASE_FORMAT };
}

/** Makes the queue of jobs beside a schema that is there. Without it processes find runs all the same, but later. */
async function addQueue(client: Client, database: Database): Promise<Pick<SchemaMigrated, 'lack'>> {
  const jobs = jobsSchemaOf(database);
  try {
    // Until the connection ends: whoever makes it at the same time finds it made.
    await client.query({
      text: 'select pg_advisory_lock($1, hashtext($2))',
      values: [LOCK, database.schema],
      ...patient,
    });
    const createSchema = !(await hasSchema(client, jobs));
    await makeQueue(client, database, { role: asIdentifier(database.role), createSchema });
    return {};
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      lack: `The queue of jobs could not be made in the schema ${jobs} (${why}), and without it workers find a run some seconds later. Let the role that owns ${database.schema} make schemas in this database, or make ${jobs} for it, which it has to own, and run countersign doctor --init again.`,
    };
  }
}

/**
 * Makes the schema that `url` names, or brings it forward to the format of this version, and gives `url`'s role its rights. It
 * connects by `ownerUrl` where there is one. Several processes may do so at once. Throws AppError STORE_ERROR.
 */
export async function migrateSchema(url: string, ownerUrl: string = url): Promise<SchemaMigrated> {
  const database = databaseOf(url);
  const client = await openDatabase(databaseOf(ownerUrl));
  try {
    await client.query('begin');
    const migrated = await migrate(client, database, database.role);
    await client.query('commit');
    return { ...migrated, ...(await addQueue(client, database)) };
  } finally {
    await client.end();
  }
}
