import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import { errorCode, storeError } from '../../files/durable.ts';
import { Behind } from './documents/snapshot.ts';
import type { StoreTerms } from './documents/view.ts';
import { type HomePaths, prepareHome } from './home.ts';
import { Rewritten } from './log/faults.ts';
import { OpenHome } from './open-home.ts';

type AccessDeps = Pick<Deps, 'now' | 'log'>;

/**
 * Opens a home when it is first needed, opens it again after a failure, and writes its snapshots some time after
 * changes.
 */
export class HomeAccess {
  private readonly paths: HomePaths;
  private readonly deps: AccessDeps;
  private readonly holder: string;
  private readonly terms: StoreTerms;
  private opened: OpenHome | undefined;
  private saveTimer: NodeJS.Timeout | undefined;
  /** Ends when the last save ends: one save runs at a time. */
  private saving: Promise<void> = Promise.resolve();

  constructor(paths: HomePaths, deps: AccessDeps, holder: string, terms: StoreTerms) {
    this.paths = paths;
    this.deps = deps;
    this.holder = holder;
    this.terms = terms;
  }

  /**
   * Runs a piece of work on the home as it is now. After a failure, the next piece of work opens the home again. `doing`
   * begins the message of an AppError STORE_ERROR: "Reading".
   */
  run<T>(doing: string, work: (home: OpenHome) => T): T {
    for (;;) {
      try {
        const home = this.open();
        home.catchUp();
        const value = work(home);
        home.release();
        if (home.wantsSaving) this.saveSoon();
        return value;
      } catch (error) {
        if (error instanceof Behind) continue;
        if (error instanceof Rewritten) {
          this.abandon();
          continue;
        }
        if (!(error instanceof AppError) || error.code === 'STORE_ERROR') this.abandon();
        throw error instanceof AppError || errorCode(error) === undefined ? error : storeError(error, doing);
      }
    }
  }

  /** Writes all snapshots again that were made before an erasure. */
  saveErased(): Promise<void> {
    const done = this.saving.then(() => this.saveErasedOnce());
    this.saving = done.catch(() => undefined);
    return done;
  }

  /** Writes the snapshots that are due, and closes the home. */
  async close(): Promise<void> {
    clearTimeout(this.saveTimer);
    await this.save();
    this.opened?.close();
    this.opened = undefined;
  }

  private open(): OpenHome {
    if (this.opened) return this.opened;
    prepareHome(this.paths);
    this.opened = new OpenHome(this.paths, this.deps, this.holder, this.terms);
    return this.opened;
  }

  /** Drops what is in memory, because it may be wrong. The next piece of work reads the files again. */
  private abandon(): void {
    this.opened?.abandon();
    this.opened = undefined;
  }

  private save(): Promise<void> {
    this.saving = this.saving.then(() => this.saveOnce());
    return this.saving;
  }

  private async saveOnce(): Promise<void> {
    try {
      this.opened?.catchUp();
      await this.opened?.save();
    } catch (error) {
      if (error instanceof Behind) return this.saveSoon();
      if (error instanceof Rewritten) return this.abandon();
      this.deps.log.warn({ error: String(error) }, 'snapshots could not be written; the log has everything');
    }
  }

  /** Tries again as often as newer commits or another erasure make what is in memory out of date. */
  private async saveErasedOnce(): Promise<void> {
    for (;;) {
      try {
        const home = this.run('Reading', (opened) => opened);
        await home.saveErased();
        if (home === this.opened) return;
      } catch (error) {
        if (error instanceof Rewritten) this.abandon();
        else if (!(error instanceof Behind)) throw error;
      }
    }
  }

  private saveSoon(): void {
    if (this.saveTimer) return;
    this.saveTimer = setTimeout(() => {
      this.saveTimer = undefined;
      this.save();
    }, this.terms.tuning.saveAfterMs);
    this.saveTimer.unref();
  }
}
