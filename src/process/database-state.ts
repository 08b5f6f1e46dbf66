import { AppError } from '../domain/base/errors.ts';
import { errorCode } from '../files/durable.ts';
import { databaseLack, databasesOf } from './database.ts';
import type { DatabaseSettings, Settings } from './environment.ts';

/** The oldest PostgreSQL that will do, as the server counts its versions. */
const OLDEST = 15;
const VERSIONS = 10_000;
/** The server's code for a role that may not do something. */
const MAY_NOT = '42501';

/** Who keeps teams apart. PostgreSQL holds no role to the policies of what it owns, and no superuser. */
const BY_DATABASE = 'teams: kept apart by the database too';
const BY_PROGRAM =
  'teams: kept apart by the program alone, because the role owns the schema or passes over its policies; a role of its own is better';

/** What there is to say of a database: where it is, what is in it, and what keeps it from being used. */
export type DatabaseState = { lines: string[]; faults: string[] };

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function whereItIs(settings: DatabaseSettings): string {
  const { config, schema, role } = databasesOf(settings).database;
  const { host, port, database, ssl } = config;
  const encrypted = ssl === false ? 'on this machine' : 'its certificate is checked';
  return `database: ${database} at ${host}, port ${port} (${encrypted}), role ${role}, schema ${schema}`;
}

async function whatIsIn({ url }: DatabaseSettings): Promise<DatabaseState> {
  const { schemaState } = await import('../store/postgres/schema/schema-state.ts');
  const { DATABASE_FORMAT } = await import('../store/postgres/schema/migrations.ts');
  const { newerFormat } = await import('../store/postgres/schema/newer-format.ts');
  const { server, serverVersion, format, isBound, queueLack } = await schemaState(url);
  const faults = [];
  if (serverVersion < OLDEST * VERSIONS)
    faults.push(`the database is PostgreSQL ${server}, and Countersign needs ${OLDEST} or later`);
  if (format === undefined)
    faults.push('the database has no schema of Countersign yet: countersign doctor --init makes it');
  else if (format < DATABASE_FORMAT)
    faults.push(`the schema has format ${format}, and this version ${DATABASE_FORMAT}: run countersign doctor --init`);
  else if (format > DATABASE_FORMAT) faults.push(newerFormat(format, DATABASE_FORMAT).message);
  const found = format === undefined ? 'no schema yet' : `schema of format ${format}`;
  const lines = [`database server: PostgreSQL ${server}, ${found}`];
  if (format === DATABASE_FORMAT) lines.push(isBound ? BY_DATABASE : BY_PROGRAM);
  if (format === DATABASE_FORMAT && queueLack !== undefined)
    lines.push(`runs: workers look for them by themselves, because ${queueLack}`);
  return { lines, faults };
}

/** Looks at the database that the settings name, and changes nothing. Undefined where they name none. Never throws. */
export async function databaseState(settings: Settings): Promise<DatabaseState | undefined> {
  const { database } = settings;
  if (database === undefined) return undefined;
  const lines: string[] = [];
  try {
    lines.push(whereItIs(database));
    const lack = databaseLack(settings);
    if (lack !== undefined) return { lines, faults: [lack] };
    const found = await whatIsIn(database);
    return { lines: [...lines, ...found.lines], faults: found.faults };
  } catch (error) {
    return { lines, faults: [`the database can't be used: ${reason(error)}`] };
  }
}

/** Why the schema could not be made, and what to do where the role may not. */
function notMade(error: unknown, role: string, isOwners: boolean): AppError {
  if (error instanceof AppError) return error;
  const why = `The schema could not be made: ${reason(error)}.`;
  if (errorCode(error) !== MAY_NOT) return new AppError('STORE_ERROR', why);
  const others = isOwners ? 'that owns it' : 'that owns it, by COUNTERSIGN_DATABASE_OWNER_URL';
  return new AppError('STORE_ERROR', `${why} The role ${role} may not: name the role ${others}.`);
}

/**
 * Makes the schema in the database that the settings name, or brings it forward, as the role that owns it. Gives what was
 * done, in words. Throws AppError STORE_ERROR.
 */
export async function initDatabase(settings: Settings): Promise<string> {
  const given = settings.database;
  if (given === undefined)
    throw new AppError(
      'STORE_ERROR',
      'doctor --init makes the schema in the database that COUNTERSIGN_DATABASE_URL names, and that is not set.',
    );
  const lack = databaseLack(settings);
  if (lack !== undefined) throw new AppError('STORE_ERROR', lack);
  const { database, owner } = databasesOf(given);
  if (owner.config.database !== database.config.database)
    throw new AppError(
      'STORE_ERROR',
      `COUNTERSIGN_DATABASE_OWNER_URL names the database ${owner.config.database}, and COUNTERSIGN_DATABASE_URL ${database.config.database}: they have to name the same one.`,
    );
  const { migrateSchema } = await import('../store/postgres/schema/migrate-schema.ts');
  const {
    from,
    to,
    lack: noQueue,
  } = await migrateSchema(given.url, given.ownerUrl).catch((error: unknown) => {
    throw notMade(error, owner.role, given.ownerUrl !== undefined);
  });
  const done = from === to ? 'is there' : from === 0 ? 'is made' : `is brought from format ${from}`;
  const said = `The schema ${database.schema} ${done}, of format ${to}; ${database.role} has its rights.`;
  return noQueue === undefined ? said : `${said} ${noQueue}`;
}
