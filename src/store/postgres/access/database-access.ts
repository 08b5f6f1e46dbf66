import { AsyncLocalStorage } from 'node:async_hooks';
import type { Author } from '../../../domain/base/author.ts';
import type { Deps } from '../../../domain/base/deps.ts';
import type { View } from '../../../domain/state/view.ts';
import { LeanHeap } from '../../lean-heap.ts';
import type { Decision, StepBack } from '../../store.ts';
import { DatabaseConnections } from '../connection/connections.ts';
import type { Database } from '../connection/database-url.ts';
import { databaseError } from '../connection/faults.ts';
import { openDatabase } from '../connection/open-client.ts';
import { Memory } from '../memory/memory.ts';
import { Committer } from './committer.ts';
import { DatabaseClock } from './database-clock.ts';
import type { PostgresTuning } from './postgres-tuning.ts';
import { Refresher } from './refresh.ts';
import { type Remembering, SeenHeads } from './seen-heads.ts';

/** An import passes many times what it writes through the heap. Growth by less than half takes more time, and saves little. */
const LEAN = { much: 2 << 20, percent: 50, mostNew: 16 << 20 };

/** A home in a database as one process has it: its connections, what it has in memory, and what it commits. */
export class DatabaseAccess {
  readonly connections: DatabaseConnections;
  readonly holder: string;
  readonly memory: Memory;
  readonly seen: SeenHeads;
  /** Is told of what passes through the process, so that a million things take little memory. */
  readonly heap = new LeanHeap(LEAN);
  private readonly database: Database;
  private readonly tuning: PostgresTuning;
  private readonly refresher: Refresher;
  private readonly committer: Committer;
  private readonly log: Deps['log'];
  private saving: Promise<void> | undefined;
  /** The call that a look is a part of. What goes on once its answer is given is no part of it any more. */
  private readonly calls = new AsyncLocalStorage<{ began: number; isOver: boolean }>();

  constructor(
    database: Database,
    deps: Pick<Deps, 'now' | 'newId' | 'log' | 'followClock'>,
    tuning: PostgresTuning,
    remembering: Remembering | undefined,
  ) {
    this.database = database;
    this.tuning = tuning;
    this.log = deps.log;
    this.holder = deps.newId('proc');
    const clock = new DatabaseClock(deps.followClock, tuning);
    this.connections = new DatabaseConnections(async () => {
      const client = await openDatabase(database);
      await clock.ask(client).catch((error: unknown) => {
        client.end().catch(() => undefined);
        throw error;
      });
      this.seen.doubt();
      return client;
    }, tuning.patienceMs);
    this.seen = new SeenHeads(this.connections, database, remembering, deps.log);
    this.memory = new Memory(this.holder, tuning.runsTwice);
    this.refresher = new Refresher(this.memory, this.connections, { tuning, seen: this.seen, clock, heap: this.heap });
    const terms = { tuning, holder: this.holder, now: deps.now, seen: this.seen };
    this.committer = new Committer(this.memory, this.refresher, this.connections, terms);
  }

  /** Runs a look over the newest state, as often as it asks for what isn't in memory yet. */
  read<T>(look: (view: View) => T): Promise<T> {
    return this.doing('Reading', async () => {
      const call = this.calls.getStore();
      if (!call || call.isOver || !this.refresher.isAsOf(call.began)) await this.refresher.refresh();
      for (;;) {
        const outcome = this.memory.look(look);
        if (outcome === 'missed') {
          await this.refresher.load();
          continue;
        }
        this.memory.release(this.tuning);
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      }
    });
  }

  oneCall<T>(work: () => Promise<T>): Promise<T> {
    const call = { began: performance.now(), isOver: false };
    return this.calls.run(call, work).finally(() => {
      call.isOver = true;
    });
  }

  commit<T>(author: Author, decide: (view: View) => Decision<T>, follows?: StepBack): Promise<T> {
    return this.doing('Writing', async () => {
      const value = await this.committer.commit(author, decide, follows);
      this.memory.release(this.tuning);
      this.saving ??= this.save(false).finally(() => {
        this.saving = undefined;
      });
      return value;
    });
  }

  /** Commits what follows from a step back, and takes what the database has from then on for what was seen. */
  async acceptOlder(author: Author, back: StepBack, decide: (view: View) => Decision<unknown>): Promise<void> {
    await this.commit(author, decide, back);
    this.seen.accept(back);
    this.refresher.noteHead();
    this.seen.write();
  }

  /** Has a failure of the database told as an AppError STORE_ERROR. */
  async doing<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw databaseError(error, doing, this.database.shown);
    }
  }

  /** Writes what a process reads first, so that no older one is read. */
  async saveNow(): Promise<void> {
    await this.saving;
    await this.refresher.refresh();
    await this.refresher.saveIfDue(true);
  }

  async close(): Promise<void> {
    this.heap.close();
    await this.committer.idle();
    await this.saving;
    this.seen.write();
    await this.connections.close();
  }

  private async save(isForced: boolean): Promise<void> {
    try {
      await this.refresher.saveIfDue(isForced);
    } catch (error) {
      this.log.warn(
        { error: String(error) },
        'what a start reads first could not be written; the commits have everything',
      );
    }
  }
}
