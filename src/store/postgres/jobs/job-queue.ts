import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { ConstructorOptions, PgBoss } from 'pg-boss';
import { isObject } from '../../../domain/base/json.ts';
import { errorCode } from '../../../files/durable.ts';
import type { Database } from '../connection/database-url.ts';

/** The queue of calls to runs. A job holds the id of a run, and nothing else. */
export const RUN_CALLS = 'runs';

/** The longest name that the library takes for a schema, less what is added here. */
const LONGEST = 45;
const DIGEST_LETTERS = 8;
/** A call that nobody took within so many seconds is of no use: who looks by itself has found the run by then. */
const KEPT_S = 60;
const DAY_S = 86_400;
const MISSING: ReadonlySet<string> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** The schema in which a home's jobs stand, beside that of its rows. */
export function jobsSchemaOf({ schema }: Pick<Database, 'schema'>): string {
  if (schema.length <= LONGEST) return `${schema}_jobs`;
  const digest = createHash('sha256').update(schema).digest('hex').slice(0, DIGEST_LETTERS);
  return `${schema.slice(0, LONGEST - DIGEST_LETTERS - 1)}_${digest}_jobs`;
}

/** What an error of the library says: some are objects with a message. */
export function bossWords(error: unknown): string {
  return isObject(error) && typeof error.message === 'string' ? error.message : String(error);
}

/** Makes an instance of the job queue that writes nothing about the machine; undefined where the package isn't installed. */
export async function bossOf(database: Database, terms: ConstructorOptions): Promise<PgBoss | undefined> {
  try {
    const library = await import('pg-boss');
    return new library.PgBoss({
      ...{ schema: jobsSchemaOf(database), schedule: false, migrate: false, createSchema: false },
      ...{ registerInstance: false, reindex: false, monitorVacuum: false, openTelemetry: { enabled: false } },
      // No job waits for another one, for which the library would look every few seconds.
      ...{ maintenanceIntervalSeconds: KEPT_S, flowIntervalSeconds: DAY_S },
      ...terms,
    });
  } catch (error) {
    if (MISSING.has(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** What a role may do with jobs: they hold nothing that isn't in the rows. */
function rightsOf(schema: string, role: string): string {
  return `grant usage on schema ${schema} to ${role};
    grant select, insert, update, delete on all tables in schema ${schema} to ${role};
    grant execute on all functions in schema ${schema} to ${role}`;
}

/** Has the library use a connection that is there: one statement after the other, and none in a transaction that has failed. */
function over(client: Client): NonNullable<ConstructorOptions['db']> {
  let last: Promise<unknown> = Promise.resolve();
  return {
    executeSql(text: string, values?: unknown[]) {
      // Several statements at once can't have values.
      const done = last.then(() => client.query(text, values?.length ? values : undefined));
      last = done.catch(() => client.query('rollback').catch(() => undefined));
      return done;
    },
  };
}

/** Why the processes of a role that is connected can't call each other, in words; undefined where they can. Changes nothing. */
export async function queueLack(client: Client, database: Database): Promise<string | undefined> {
  const none = 'there is no queue of jobs; countersign doctor --init makes it';
  const boss = await bossOf(database, { db: over(client), supervise: false });
  if (!boss) return 'the package pg-boss is missing; npm install pg-boss brings it';
  boss.on('error', () => undefined);
  try {
    if (!(await boss.isInstalled())) return none;
    await boss.start();
    return (await boss.getQueue(RUN_CALLS)) ? undefined : none;
  } catch (error) {
    return `the queue of jobs can't be used (${bossWords(error)}); countersign doctor --init of the newest version in use mends it`;
  } finally {
    await boss.stop({ graceful: false });
  }
}

/**
 * Makes the queue beside a home's schema, or brings it forward, as the owner who is connected, and gives a role (in quotes) its rights.
 * Does nothing where the package isn't installed: processes look for runs by themselves then.
 */
export async function makeQueue(
  client: Client,
  database: Database,
  { role, createSchema }: { role: string; createSchema: boolean },
): Promise<void> {
  const boss = await bossOf(database, { db: over(client), supervise: false, migrate: true, createSchema });
  if (!boss) return;
  let failure: unknown;
  boss.on('error', (error) => {
    failure ??= error;
  });
  try {
    await boss.start();
    const terms = { notify: true, retryLimit: 0, retentionSeconds: KEPT_S, deleteAfterSeconds: KEPT_S };
    if (await boss.getQueue(RUN_CALLS)) await boss.updateQueue(RUN_CALLS, terms);
    else await boss.createQueue(RUN_CALLS, terms);
  } finally {
    await boss.stop({ graceful: false });
  }
  if (failure !== undefined) throw failure;
  await client.query(rightsOf(jobsSchemaOf(database), role));
}
