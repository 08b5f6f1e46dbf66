import { type Database, databaseOf } from '../store/postgres/connection/database-url.ts';
import { type DatabaseSettings, isLeftUnset, type Settings } from './environment.ts';

const NEEDED = [22, 12] as const;

/** Why this Node can't work with a database; undefined where it can. An older one is good enough for the embedded store. */
export function nodeLack(version: string, why = 'COUNTERSIGN_DATABASE_URL is set'): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return undefined;
  return `${why}, and PostgreSQL needs Node ${NEEDED.join('.')} or later; this is ${version}. Install a newer one from https://nodejs.org, or unset COUNTERSIGN_DATABASE_URL.`;
}

/** The same, for who asks for no settings: by the environment as it is. */
export function nodeLackIn(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return isLeftUnset(environment.COUNTERSIGN_DATABASE_URL) ? undefined : nodeLack(process.versions.node);
}

/** One of the two databases that settings name. Throws AppError STORE_ERROR that names the variable, and quotes no password. */
function named(variable: string, url: string): Database {
  try {
    return databaseOf(url);
  } catch (error) {
    if (error instanceof Error) error.message = `${variable}: ${error.message}`;
    throw error;
  }
}

/** The database that the settings name, and as whom its schema is made. Throws AppError STORE_ERROR where a URL can't be used. */
export function databasesOf({ url, ownerUrl = url }: DatabaseSettings): { database: Database; owner: Database } {
  const database = named('COUNTERSIGN_DATABASE_URL', url);
  return { database, owner: ownerUrl === url ? database : named('COUNTERSIGN_DATABASE_OWNER_URL', ownerUrl) };
}

/** Why this process can't work with the database that the settings name; undefined where it can, or they name none. */
export function databaseLack({ database }: Settings, nodeVersion: string = process.versions.node): string | undefined {
  if (database === undefined) return undefined;
  try {
    databasesOf(database);
    return nodeLack(nodeVersion);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Where the data is, for people: the home's folder, or the database without its password. */
export function dataPlace({ home, database }: Settings): string {
  return database === undefined ? home : databasesOf(database).database.shown;
}
