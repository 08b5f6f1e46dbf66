import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Author, nameOf, PRODUCT } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { View } from '../../domain/state/view.ts';
import { errorCode, makeFolder, replaceFile } from '../../files/durable.ts';
import type { Decision } from '../store.ts';
import type { Documents } from './documents/documents.ts';
import { Shelf } from './documents/shelf.ts';
import { numberOfSnapshot } from './documents/snapshot.ts';
import { Touched } from './documents/touched.ts';
import type { StoreTerms } from './documents/view.ts';
import { demandOneHistory } from './history.ts';
import { type HomePaths, isToBeRaised } from './home.ts';
import type { Commit } from './log/commit.ts';
import { CommitLog, type SetAside } from './log/log.ts';
import { raiseHome } from './raise.ts';
import { twice } from './rehearsal.ts';

/** An open home: the log, read to its end, and the documents that were asked for. */
export class OpenHome {
  private readonly log: CommitLog;
  private readonly paths: HomePaths;
  private readonly deps: Pick<Deps, 'now' | 'log'>;
  private readonly shelf: Shelf;
  private readonly runsTwice: boolean;
  /** The home has to be raised before anything is written to it. */
  private isOfBefore: boolean;
  /** True while this process writes: it then has to write the snapshots of what changes. */
  private isWriting = false;
  /** An unreadable newest commit, until its bytes are kept elsewhere. */
  private aside: SetAside | undefined;

  constructor(paths: HomePaths, deps: Pick<Deps, 'now' | 'log'>, writer: string, terms: StoreTerms) {
    this.paths = paths;
    this.deps = deps;
    this.log = new CommitLog(paths.log, { writer, segmentBytes: terms.tuning.segmentBytes });
    const known = new Touched(paths.state);
    this.aside = this.log.open(known.end);
    demandOneHistory(paths, this.log, known, this.aside !== undefined);
    const touched = this.aside ? new Touched(paths.state, this.log.n) : known;
    this.shelf = new Shelf(paths.state, this.log, touched, terms);
    this.runsTwice = terms.tuning.runsTwice;
    this.trySetAside();
    this.isOfBefore = isToBeRaised(paths);
    if (terms.tuning.raises) this.tryRaise();
  }

  /** The documents themselves, for searches through all of a kind. */
  get documents(): Documents {
    return this.shelf.documents;
  }

  look<T>(look: (view: View) => T): T {
    const { view } = this.shelf;
    return this.runsTwice ? twice(() => look(view)) : look(view);
  }

  /** Whether snapshots should be written soon. */
  get wantsSaving(): boolean {
    return this.shelf.wantsSaving;
  }

  catchUp(): void {
    this.log.catchUp((commit) => this.shelf.take(commit, this.isWriting));
  }

  commit<T>(author: Author, decide: (view: View) => Decision<T>): T {
    return this.write(author, decide, false);
  }

  private write<T>(author: Author, decide: (view: View) => Decision<T>, isBarrier: boolean): T {
    const onCommit = (commit: Commit) => this.shelf.take(commit, this.isWriting);
    for (;;) {
      const { events, value } = this.look(decide);
      if (events.length === 0) return value;
      if (this.isOfBefore) {
        this.raise();
        continue;
      }
      this.setAside();
      this.shelf.loadErased(events);
      this.isWriting = true;
      const draft = { at: this.deps.now().toISOString(), by: nameOf(author), events };
      const won = this.log.append(draft, onCommit, isBarrier);
      this.isWriting = false;
      if (!won) continue;
      this.trySeal(nameOf(author), onCommit);
      return value;
    }
  }

  release(): void {
    this.shelf.release();
  }

  /** Writes the snapshots that are due, letting other calls in between. */
  async save(): Promise<void> {
    await this.shelf.save();
  }

  /** Seals the log's segment. Returns the first commit number of the next one. */
  seal(author: Author): number {
    this.raise();
    this.log.seal(this.deps.now().toISOString(), nameOf(author), (commit) => this.shelf.take(commit, this.isWriting));
    return this.log.end.segment;
  }

  /** Writes all snapshots again that were made before an erasure. */
  async saveErased(): Promise<void> {
    await this.shelf.saveErased();
  }

  /** Closes the home after a failure. What is in memory may be wrong, so no snapshot is written from it. */
  abandon(): void {
    this.shelf.abandon();
    this.close();
  }

  close(): void {
    this.log.close();
  }

  /**
   * Seals a large segment. If that fails, nothing is lost: the commit before is on disk, and the next commit tries
   * again.
   */
  private trySeal(author: string, onCommit: (commit: Commit) => void): void {
    try {
      this.log.sealIfLarge(this.deps.now().toISOString(), author, onCommit);
    } catch (error) {
      this.deps.log.warn({ error: String(error) }, 'a log segment could not be sealed');
    }
  }

  /** Raises a home of an earlier format. On a full or read-only disk reading goes on, and a commit tries again. */
  private tryRaise(): void {
    try {
      this.raise();
    } catch (error) {
      if (error instanceof AppError || errorCode(error) === undefined) throw error;
      this.deps.log.warn({ error: String(error) }, 'the home could not be raised to the format of this version yet');
    }
  }

  private raise(): void {
    if (!this.isOfBefore) return;
    // Nothing else may be written before, but what raises the home.
    this.isOfBefore = false;
    try {
      const at = this.deps.now().toISOString();
      const write = (decide: (view: View) => Decision<void>, isBarrier: boolean) =>
        this.write(PRODUCT, decide, isBarrier);
      if (isToBeRaised(this.paths)) raiseHome(this.paths, at, write);
    } catch (error) {
      this.isOfBefore = true;
      throw error;
    }
  }

  /** Sets an unreadable newest commit aside. On a full or read-only disk it stays in the log, and reading goes on. */
  private trySetAside(): void {
    try {
      this.setAside();
    } catch (error) {
      const log = this.aside?.file;
      this.deps.log.warn({ error: String(error), log }, 'an unreadable newest commit could not be set aside yet');
    }
  }

  /** Keeps the bytes of an unreadable newest commit, and removes the snapshots that include it. */
  private setAside(): void {
    const { aside } = this;
    if (!aside) return;
    const name = `after-commit-${aside.after}-${createHash('sha256').update(aside.bytes).digest('hex').slice(0, 12)}.txt`;
    const file = path.join(this.paths.aside, name);
    makeFolder(this.paths.aside);
    replaceFile(file, aside.bytes);
    this.removeSnapshotsAfter(aside.after);
    this.aside = undefined;
    this.deps.log.warn(
      { log: aside.file, kept: file, commit: aside.after + 1 },
      `commit ${aside.after + 1}, the newest, can't be read; it was dropped, its bytes are kept in ${file}, and everything before it is there`,
    );
  }

  private removeSnapshotsAfter(n: number): void {
    for (const entry of fs.readdirSync(this.paths.state, { recursive: true, encoding: 'utf8' })) {
      const snapshot = path.join(this.paths.state, entry);
      const at = entry.endsWith('.json') ? numberOfSnapshot(snapshot) : undefined;
      if (at !== undefined && at > n) fs.rmSync(snapshot, { force: true });
    }
  }
}
