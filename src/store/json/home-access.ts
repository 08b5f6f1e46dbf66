import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import { errorCode, storeError } from '../../files/durable.ts';
import { LeanHeap } from '../lean-heap.ts';
import type { StoreTerms } from './documents/store-terms.ts';
import { type HomePaths, prepareHome } from './home.ts';
import { HomeMoved } from './home-mark.ts';
import { Rewritten } from './log/faults.ts';
import { OpenHome } from './open-home.ts';
import { Behind } from './snapshots/snapshot.ts';

/** So many bytes are written without snapshots at most. */
const MOST_UNSAVED = 48 << 20;
/** So many times as much as it should a process has in memory at most, while it writes very much. */
const MOST_HELD = 1.5;
/** Beyond this part of what it may have in memory, a process that writes very much drops what it no longer needs. */
const SOME_HELD = 0.25;
/** While a process writes so much between two looks, an import for example, no snapshot is written but by `keepUp`. */
const GROWING = 4 << 20;

type AccessDeps = Pick<Deps, 'now' | 'log'>;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** So much written in one go is much. A run over 10,000 contacts, or an import of as many, writes less. */
const LEAN = { much: 64 << 20, percent: 20, mostNew: 32 << 20 };

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
  private readonly heap = new LeanHeap(LEAN);
  private saveTimer: NodeJS.Timeout | undefined;
  /** The position of the log when the snapshots were written last, and when it was looked at last. */
  private savedAt = 0;
  private seenAt = 0;
  /** The position of the log when `keepUp` last found that much was written. */
  private keptUpAt = 0;
  /** Ends when the home is ready for use. */
  private readying: Promise<void> | undefined;
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
  async run<T>(doing: string, work: (home: OpenHome) => T): Promise<T> {
    for (;;) {
      let home: OpenHome | undefined;
      try {
        home = this.open();
        if (home.isBehind) {
          await this.makeReady(home);
          continue;
        }
        if (home.catchUpSegment()) {
          await turn();
          continue;
        }
        const value = work(home);
        home.release();
        if (home.wantsSaving) this.saveSoon();
        return value;
      } catch (error) {
        if (error instanceof HomeMoved) throw error;
        if (error instanceof Behind) continue;
        if (error instanceof Rewritten) {
          this.abandon(home);
          continue;
        }
        if (!(error instanceof AppError) || error.code === 'STORE_ERROR') this.abandon(home);
        throw error instanceof AppError || errorCode(error) === undefined ? error : storeError(error, doing);
      }
    }
  }

  private makeReady(home: OpenHome): Promise<void> {
    this.readying ??= home.ready().finally(() => {
      this.readying = undefined;
    });
    return this.readying;
  }

  /**
   * Ends at once, or, where this process has written much since, once snapshots are written: so the next process doesn't
   * have to read all of that from the log, and this one doesn't hold what it no longer needs.
   */
  async keepUp(): Promise<void> {
    const { held = 0, position = 0 } = this.opened ?? {};
    const { memoryBytes, muchBytes } = this.terms.tuning;
    const isMuch = position - this.keptUpAt >= muchBytes;
    if (isMuch) {
      this.keptUpAt = position;
      this.heap.goOn(position);
    }
    if (this.unsaved >= muchBytes && held > memoryBytes * MOST_HELD) await this.saveAll();
    else if (this.unsaved > MOST_UNSAVED) await this.save();
    // The size of a document is only known once it was written.
    else if (isMuch && held + this.unsaved > memoryBytes * SOME_HELD) await this.writing((home) => home.leaveBehind());
  }

  /** Keeps the heap small from here on, because very much is going to be read, and then written. */
  expectMuch(): void {
    this.heap.expectMuch();
  }

  /** Writes the snapshots of all that changed, so that the next process starts fast. */
  async settle(): Promise<void> {
    await this.saveAll();
    this.heap.end();
  }

  /** Never throws: what was committed is in the log, and whoever wrote it must not take it for lost. */
  private async saveAll(): Promise<void> {
    this.opened?.wantAllSaved();
    await this.save();
  }

  /** How many bytes were written or read since the snapshots were written. */
  private get unsaved(): number {
    return (this.opened?.position ?? 0) - this.savedAt;
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
    this.heap.close();
    await this.save();
    this.opened?.close();
    this.opened = undefined;
  }

  private open(): OpenHome {
    if (this.opened) return this.opened;
    prepareHome(this.paths);
    this.opened = new OpenHome(this.paths, this.deps, this.holder, this.terms);
    this.savedAt = this.opened.position;
    this.keptUpAt = this.savedAt;
    return this.opened;
  }

  /**
   * Drops what is in memory, because it may be wrong. The next piece of work reads the files again. Of several that waited
   * for the same home, only the first drops it: the next home isn't theirs to drop.
   */
  private abandon(home: OpenHome | undefined): void {
    home?.abandon();
    if (this.opened === home) this.opened = undefined;
  }

  private save(): Promise<void> {
    return this.writing(async (home) => {
      const { position } = home;
      await home.save();
      if (home === this.opened) this.savedAt = position;
    });
  }

  private writing(work: (home: OpenHome) => Promise<void>): Promise<void> {
    this.saving = this.saving.then(() => this.writeOnce(work));
    return this.saving;
  }

  private async writeOnce(work: (home: OpenHome) => Promise<void>): Promise<void> {
    const home = this.opened;
    try {
      if (!home || home.isBehind) return;
      home.catchUp();
      await work(home);
    } catch (error) {
      if (error instanceof Behind) return this.saveSoon();
      if (error instanceof Rewritten) return this.abandon(home);
      this.deps.log.warn({ error: String(error) }, 'snapshots could not be written; the log has everything');
    }
  }

  /** Tries again as often as newer commits or another erasure make what is in memory out of date. */
  private async saveErasedOnce(): Promise<void> {
    for (;;) {
      let home: OpenHome | undefined;
      try {
        home = await this.run('Reading', (opened) => opened);
        await home.saveErased();
        if (home === this.opened) return;
      } catch (error) {
        if (error instanceof Rewritten) this.abandon(home);
        else if (!(error instanceof Behind)) throw error;
      }
    }
  }

  private saveSoon(): void {
    if (this.saveTimer) return;
    this.saveTimer = setTimeout(() => {
      this.saveTimer = undefined;
      const { position = 0 } = this.opened ?? {};
      const isGrowing = position !== this.seenAt && this.unsaved > GROWING;
      this.seenAt = position;
      if (isGrowing) this.saveSoon();
      else this.save();
    }, this.terms.tuning.saveAfterMs);
    this.saveTimer.unref();
  }
}
