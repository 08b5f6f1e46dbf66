import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import { errorCode } from '../../../files/durable.ts';
import { databaseOf } from '../connection/database-url.ts';
import { openDatabase } from '../connection/open-client.ts';

/** The first of the two keys of the lock that a move holds; the other is the schema's name. */
const LOCK = 20_260_715;
/** So often, with such a pause, a move asks for the lock that one before it may still hold. */
const TRIES = 50;
const PAUSE_MS = 200;
/** What PostgreSQL says of a table or a schema that isn't there. */
const MISSING: ReadonlySet<string> = new Set(['42P01', '3F000']);

/** What a database answered, or that it didn't, as a STORE_ERROR: drivers quote no password. */
export function moveError(error: unknown, shown: string): AppError {
  if (error instanceof AppError) return error;
  const code = errorCode(error) ?? '';
  const why = error instanceof Error && error.message !== '' ? error.message : code;
  if (MISSING.has(code)) return new AppError('STORE_ERROR', `There is no home in ${shown}. Nothing was changed.`);
  return new AppError(
    'STORE_ERROR',
    `${shown} can't be used: ${why}. A move that was under way goes on with the same command.`,
  );
}

/** Takes the lock that one move at a time has. It goes with the connection, however this process ends. */
async function takeLock(client: Client, schema: string, shown: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as taken', [
      LOCK,
      schema,
    ]);
    if (rows[0]?.taken === true) return;
    await wait(PAUSE_MS);
  }
  throw new AppError('STORE_ERROR', `Another countersign migrate works on ${shown}. Wait until it ends.`);
}

/**
 * Connects to a database as the owner of its schema, for a move alone, does the work, and ends the connection. Throws AppError
 * STORE_ERROR that names the database without its password.
 */
export async function withDatabase<T>(
  { url, ownerUrl = url }: { url: string; ownerUrl?: string },
  work: (client: Client, shown: string) => Promise<T>,
): Promise<T> {
  const { schema, shown } = databaseOf(url);
  let client: Client | undefined;
  try {
    client = await openDatabase({ ...databaseOf(ownerUrl), schema });
    await takeLock(client, schema, shown);
    return await work(client, shown);
  } catch (error) {
    throw moveError(error, shown);
  } finally {
    await client?.end().catch(() => undefined);
  }
}
