import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Author, nameOf } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import type { View } from '../../domain/state/view.ts';
import { makeFolder, replaceFile } from '../../files/durable.ts';
import type { Decision } from '../store.ts';
import type { Documents } from './documents/documents.ts';
import { Shelf } from './documents/shelf.ts';
import { numberOfSnapshot } from './documents/snapshot.ts';
import { Touched } from './documents/touched.ts';
import type { StoreTerms } from './documents/view.ts';
import { demandOneHistory } from './history.ts';
import type { HomePaths } from './home.ts';
import type { Commit } from './log/commit.ts';
import { CommitLog, type SetAside } from './log/log.ts';
import { twice } from './rehearsal.ts';

/** A home while it is open: the end of its log, and the documents that were asked for. */
export class OpenHome {
  private readonly log: CommitLog;
  private readonly paths: HomePaths;
  private readonly deps: Pick<Deps, 'now' | 'log'>;
  private readonly shelf: Shelf;
  private readonly runsTwice: boolean;
  private ours = false;
  /** A newest commit that can't be read, until its bytes are kept elsewhere. */
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
  }

  /** What is kept, for whoever walks through all of a kind. */
  get documents(): Documents {
    return this.shelf.documents;
  }

  look<T>(look: (view: View) => T): T {
    const { view } = this.shelf;
    return this.runsTwice ? twice(() => look(view)) : look(view);
  }

  /** Snapshots on disk are far behind, for want of a process that wrote them. */
  get wantsSaving(): boolean {
    return this.shelf.wantsSaving;
  }

  catchUp(): void {
    this.log.catchUp((commit) => this.shelf.take(commit, this.ours));
  }

  commit<T>(author: Author, decide: (view: View) => Decision<T>): T {
    const onCommit = (commit: Commit) => this.shelf.take(commit, this.ours);
    for (;;) {
      const { events, value } = this.look(decide);
      if (events.length === 0) return value;
      this.setAside();
      this.shelf.loadErased(events);
      this.ours = true;
      const won = this.log.append({ at: this.deps.now().toISOString(), by: nameOf(author), events }, onCommit);
      this.ours = false;
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

  /** Ends the log's segment; gives the first number of the next one. */
  seal(author: Author): number {
    this.log.seal(this.deps.now().toISOString(), nameOf(author), (commit) => this.shelf.take(commit, this.ours));
    return this.log.end.segment;
  }

  /** Writes the snapshots anew that are from before an erasure. */
  async saveErased(): Promise<void> {
    await this.shelf.saveErased();
  }

  /** After a failure what is in memory isn't to be believed, nor written. */
  abandon(): void {
    this.shelf.abandon();
    this.close();
  }

  close(): void {
    this.log.close();
  }

  /** The commit before is kept whatever becomes of the seal; the next one tries again. */
  private trySeal(author: string, onCommit: (commit: Commit) => void): void {
    try {
      this.log.sealIfLarge(this.deps.now().toISOString(), author, onCommit);
    } catch (error) {
      this.deps.log.warn({ error: String(error) }, 'a log segment could not be sealed');
    }
  }

  /** On a full or read-only disk the bytes stay in the log, and reading goes on. */
  private trySetAside(): void {
    try {
      this.setAside();
    } catch (error) {
      const log = this.aside?.file;
      this.deps.log.warn({ error: String(error), log }, 'an unreadable newest commit could not be set aside yet');
    }
  }

  /** Keeps the bytes of a newest commit that can't be read, and forgets snapshots that had taken it in. */
  private setAside(): void {
    const { aside } = this;
    if (!aside) return;
    const name = `after-commit-${aside.after}-${createHash('sha256').update(aside.bytes).digest('hex').slice(0, 12)}.txt`;
    const file = path.join(this.paths.aside, name);
    makeFolder(this.paths.aside);
    replaceFile(file, aside.bytes);
    this.forgetSnapshotsAfter(aside.after);
    this.aside = undefined;
    this.deps.log.warn(
      { log: aside.file, kept: file, commit: aside.after + 1 },
      `commit ${aside.after + 1}, the newest, can't be read; it was dropped, its bytes are kept in ${file}, and everything before it is there`,
    );
  }

  private forgetSnapshotsAfter(n: number): void {
    for (const entry of fs.readdirSync(this.paths.state, { recursive: true, encoding: 'utf8' })) {
      const snapshot = path.join(this.paths.state, entry);
      const at = entry.endsWith('.json') ? numberOfSnapshot(snapshot) : undefined;
      if (at !== undefined && at > n) fs.rmSync(snapshot, { force: true });
    }
  }
}
