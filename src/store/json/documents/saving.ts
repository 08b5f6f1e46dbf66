import fs from 'node:fs';
import path from 'node:path';
import type { Commit } from '../../log/commit.ts';
import type { CommitLog } from '../log/log.ts';
import type { Tuning } from '../log/tuning.ts';
import type { AnySlot } from '../snapshots/collection.ts';
import { Behind, isOfThisFormat, numberOfSnapshot } from '../snapshots/snapshot.ts';
import { type AnyCollection, type Documents, isCountless } from './documents.ts';
import type { Folders } from './folders.ts';
import type { Marks } from './marks.ts';

type Terms = { folders: Folders; log: CommitLog; tuning: Tuning };
/** A document that is in memory, and where its snapshot lies. */
export type KeptDocument = { slot: AnySlot; file: string; spread: number };
/** The documents of an open home, as far as saving them needs. */
type SavedShelf = {
  marks: Marks;
  documents: Documents;
  find: (key: string) => KeptDocument | undefined;
  take: (commit: Commit, isOurs: boolean) => void;
  release: () => void;
};

/** Whether the documents of a family tell where those of others are. */
function findsOthers({ name }: AnyCollection): boolean {
  return name === 'ids/' || name === 'addresses/';
}

/** Writes the snapshots of an open home's documents, and keeps its memory small. */
export class Saving {
  /** Whether snapshots should be written soon. */
  isWanted = false;
  private readonly shelf: SavedShelf;
  private readonly log: CommitLog;
  private readonly tuning: Tuning;
  readonly folders: Folders;
  /** Documents whose snapshots this process has to write. */
  private readonly stale = new Set<string>();
  private readonly filesToRemove = new Set<string>();
  private isAbandoned = false;
  private areAllWanted = false;

  constructor(shelf: SavedShelf, { folders, log, tuning }: Terms) {
    this.shelf = shelf;
    this.log = log;
    this.tuning = tuning;
    this.folders = folders;
  }

  /** A document has changed: its snapshot is to be written by this process. */
  add(key: string): void {
    this.stale.add(key);
  }

  /** Makes the next `save` write all that changed, however little that is. */
  wantAll(): void {
    this.isWanted = true;
    this.areAllWanted = true;
  }

  /** A document has gone, and so will its file. */
  remove(key: string, file: string): void {
    this.stale.delete(key);
    this.filesToRemove.add(file);
  }

  /** Stops writing snapshots, because what is in memory may be wrong. */
  abandon(): void {
    this.isAbandoned = true;
  }

  /** Writes all snapshots again that were made before an erasure. */
  async saveErased(): Promise<void> {
    const { marks } = this.shelf;
    this.folders.clearTemporaries();
    this.removeOrphans();
    for (const [key, { erased }] of marks.all()) {
      const found = erased === undefined ? undefined : this.shelf.find(key);
      if (!found || (numberOfSnapshot(found.file) ?? this.log.n) >= (erased ?? 0) || this.isAbandoned) continue;
      await this.write(key, found.slot);
    }
    this.folders.forget();
    this.shrink();
  }

  /**
   * Removes the snapshots that no document has any more, and those that earlier versions made of contacts: they have other
   * names or another meaning now, so nothing else would take from them who was erased since. A process of such a version,
   * where one still runs, makes them again from the log.
   */
  removeOrphans(): void {
    const { marks, documents } = this.shelf;
    for (const name of ['contacts', ...documents.byName.keys()]) {
      if (!name.endsWith('/')) this.folders.removeIfOfBefore(name);
      else
        this.folders.removeOrphans(name, (id, file) => {
          if (marks.at(name + id) === undefined) return false;
          return isCountless(name) || isOfThisFormat(file);
        });
    }
  }

  /** Writes the snapshots that are due, letting other calls in between. */
  async save(): Promise<void> {
    if (!this.isWanted) return;
    const small = this.areAllWanted ? Number.POSITIVE_INFINITY : this.tuning.smallBytes;
    this.isWanted = false;
    this.areAllWanted = false;
    this.folders.prepareTemporaries();
    try {
      for (const key of [...this.stale]) await this.saveOne(key, small);
      for (const file of this.filesToRemove) fs.rmSync(file, { force: true });
      this.filesToRemove.clear();
      if (!this.isAbandoned) await this.shelf.marks.touched.save(this.folders.temporaries, this.log.end);
      this.shelf.release();
    } catch (error) {
      if (error instanceof Behind) this.isWanted = true;
      throw error;
    } finally {
      this.folders.forget();
    }
    this.shrink();
  }

  /** Writes the snapshots of all documents that changed, due or not, while the log is read from its first commit on. */
  async saveEverything(): Promise<void> {
    this.folders.prepareTemporaries();
    for (const key of [...this.stale]) await this.saveOne(key);
    this.folders.forget();
    this.shrink();
  }

  /**
   * Writes and drops the documents that nobody needed since the last call, while very much is written: an import comes to
   * each of them once. Those that find all others stay.
   */
  async leaveBehind(): Promise<void> {
    this.folders.prepareTemporaries();
    try {
      for (const family of this.families().filter((each) => !findsOthers(each))) {
        for (const id of family.idle()) {
          const key = family.name + id;
          if (this.stale.has(key)) await this.saveOne(key, Number.POSITIVE_INFINITY);
          if (!this.stale.has(key)) family.forget(id);
        }
      }
    } finally {
      this.folders.forget();
    }
  }

  /** Writes one snapshot if it is due; without `small`, the home isn't in use yet, and it is written in any case. */
  private async saveOne(key: string, small?: number): Promise<void> {
    if (this.isAbandoned) return;
    const found = this.shelf.find(key);
    if (found?.slot.changed !== true) {
      this.stale.delete(key);
      return;
    }
    const { slot, file, spread } = found;
    if (small !== undefined && !slot.isDue(this.log.position, small, spread)) return;
    this.folders.make(path.dirname(file));
    this.stale.delete(key);
    try {
      if (small === undefined) await slot.save(this.folders.temporaries, this.log.position, () => !this.isAbandoned);
      else await this.write(key, slot);
    } catch (error) {
      this.stale.add(key);
      throw error;
    }
  }

  /** Writes a snapshot, unless its document was deleted meanwhile. Throws `Behind` where an erasure came meanwhile. */
  private async write(key: string, slot: AnySlot): Promise<void> {
    await slot.save(this.folders.temporaries, this.log.position, (n) => {
      if (this.isAbandoned) return false;
      this.log.catchUp((commit) => this.shelf.take(commit, false));
      const mark = this.shelf.marks.at(key);
      if (mark?.erased !== undefined && mark.erased > n) throw new Behind();
      return mark !== undefined;
    });
  }

  /** About how many bytes of JSON the documents in memory have. */
  get held(): number {
    return this.families().reduce((sum, family) => sum + family.held(), 0);
  }

  /** The families of documents. Those that find all others stay in memory for longest. */
  private families(): AnyCollection[] {
    const families = [...this.shelf.documents.byName.values()].filter(({ name }) => name.endsWith('/'));
    return families.sort((one, other) => Number(findsOthers(one)) - Number(findsOthers(other)));
  }

  /** Drops the documents that weren't used for longest, until what is in memory is small enough. */
  private shrink(): void {
    let left = this.held;
    for (const family of this.families()) {
      for (const [id, slot] of family.entries()) {
        if (left <= this.tuning.memoryBytes) return;
        if (this.stale.has(family.name + id)) continue;
        family.forget(id);
        left -= slot.size;
      }
    }
  }
}
