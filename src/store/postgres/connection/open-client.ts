import type { Client } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import { errorCode } from '../../../files/durable.ts';
import type { Database } from './database-url.ts';
import { withinTime } from './within-time.ts';

/** A database that doesn't let a process in within so many ms is taken for one that isn't there. */
const CONNECT_MS = 5_000;
/** A statement that takes longer is given up, by the database and, where no answer comes, by this process. */
const STATEMENT_MS = 30_000;
const ANSWER_MS = 40_000;
/** A transaction that its process left open holds others up for no longer. */
const IDLE_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;
/** The type of bigint: counts, which are far below what a number holds. */
const BIGINT = 20;

const MISSING: ReadonlySet<string> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** Loads the driver. It is an optional dependency, which only this mode needs. Throws AppError STORE_ERROR where it is missing. */
export async function loadDriver() {
  try {
    return (await import('pg')).default;
  } catch (error) {
    if (!MISSING.has(errorCode(error) ?? '')) throw error;
    throw new AppError(
      'STORE_ERROR',
      'The package pg is missing, by which PostgreSQL is reached. Install it beside Countersign: npm install pg',
    );
  }
}

/**
 * What a connection goes by, whatever the database or the role has been set to: a commit that waits for another one sees what that
 * wrote, what was acknowledged is on the disk, and the session is the whole home's.
 */
function settingsFor(schema: string): string {
  return `set search_path to "${schema}"; set statement_timeout to ${STATEMENT_MS}; set lock_timeout to 0;
    set idle_in_transaction_session_timeout to ${IDLE_MS}; set default_transaction_isolation to 'read committed'; set countersign.team to '';
    set row_security to on;
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;
}

/**
 * Opens a connection of its own to a database; whoever asks for it ends it. A connection that breaks makes the statement
 * under way fail, and every later one.
 */
export async function openDatabase({ config, schema }: Database): Promise<Client> {
  const pg = await loadDriver();
  const client = new pg.Client({
    ...config,
    application_name: 'countersign',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: {
      getTypeParser: (oid, format) =>
        oid === BIGINT && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // Without a listener, a connection that breaks would end the process. Whoever waits for a statement gets the error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(withinTime(settingsFor(schema), []));
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}
