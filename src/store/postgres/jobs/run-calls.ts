import type { PgBoss } from 'pg-boss';
import type { Deps } from '../../../domain/base/deps.ts';
import type { Calls } from '../../store.ts';
import type { Database } from '../connection/database-url.ts';
import { bossOf, bossWords, RUN_CALLS } from './job-queue.ts';

/** One connection for statements, and one more for notices of new jobs where somebody listens. */
const CONNECTIONS = { max: 1, connectionTimeoutMillis: 5_000, query_timeout: 10_000 } as const;
/** Where no notice comes, as through a pooler, a process asks for jobs itself, in seconds. */
const ASKS_S = 2;

/** How the library connects: as this process does otherwise. Without a password it looks where every program of PostgreSQL does. */
function connectionOf({ config }: Database) {
  const { host, port, database, user, password, ssl, enableChannelBinding } = config;
  return {
    ...{ host, port, database, user, ssl, application_name: 'countersign' },
    ...(password === undefined ? {} : { password }),
    ...(enableChannelBinding === undefined ? {} : { enableChannelBinding }),
  };
}

/**
 * Calls of the processes to each other, by jobs that hold the id of a run. The rows decide: a call that comes twice or never
 * changes no more than when a process looks.
 */
export class RunCalls implements Calls {
  private readonly database: Database;
  private readonly log: Deps['log'];
  private boss: Promise<PgBoss | undefined> | undefined;
  private isClosed = false;

  constructor(database: Database, log: Deps['log']) {
    this.database = database;
    this.log = log;
  }

  call(runId: string, most: number): void {
    this.started(false)
      .then((boss) =>
        boss?.insert(
          RUN_CALLS,
          Array.from({ length: most }, () => ({ data: { run_id: runId } })),
        ),
      )
      .catch((error: unknown) => this.log.debug({ error: bossWords(error) }, 'other processes could not be called'));
  }

  async listen(wake: () => void): Promise<boolean> {
    const boss = await this.started(true);
    try {
      await boss?.work(RUN_CALLS, { pollingIntervalSeconds: ASKS_S }, async () => wake());
      return boss !== undefined;
    } catch (error) {
      this.log.debug({ error: bossWords(error) }, 'nobody can call this process; it looks for runs itself');
      return false;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const boss = await this.boss;
    await boss?.stop({ graceful: false }).catch(() => undefined);
  }

  /** The queue, once it is ready; undefined where the package or the queue isn't there. A process that listens does so before it calls. */
  private started(listens: boolean): Promise<PgBoss | undefined> {
    this.boss ??= this.start(listens).catch((error: unknown) => {
      // The next call tries again: the queue may be made, or the database be back by then.
      this.boss = undefined;
      this.log.debug({ error: bossWords(error) }, 'there is no queue of jobs; this process looks for runs itself');
      return undefined;
    });
    return this.boss;
  }

  private async start(listens: boolean): Promise<PgBoss | undefined> {
    const terms = { ...connectionOf(this.database), ...CONNECTIONS, supervise: true, useListenNotify: listens };
    const boss = this.isClosed ? undefined : await bossOf(this.database, terms);
    const note = (error: unknown) =>
      this.log.debug({ error: bossWords(error) }, 'the queue of jobs could not be reached');
    // An event of this name that nobody hears would end the process. Who lost its connection gets another one.
    boss?.on('error', note);
    try {
      await boss?.start();
    } catch (error) {
      await boss?.stop({ graceful: false });
      throw error;
    }
    // Old calls go at once, of which there may be many where no worker was for long.
    await boss?.supervise(RUN_CALLS).catch(note);
    return boss;
  }
}
