import fs from 'node:fs';
import path from 'node:path';
import type { Event } from '../../../domain/state/events.ts';
import type { View } from '../../../domain/state/view.ts';
import type { Commit } from '../log/commit.ts';
import type { CommitLog } from '../log/log.ts';
import type { Tuning } from '../log/tuning.ts';
import { type AnySlot, Collection } from './collection.ts';
import { type Documents, documentsIn, isCountless } from './documents.ts';
import { Folders } from './folders.ts';
import { members } from './members.ts';
import { isErasing, type Part, partsOf } from './parts.ts';
import { familyOf, membershipOf, Replays } from './replays.ts';
import type { LogSource, Mark } from './slot.ts';
import { Behind, numberOfSnapshot } from './snapshot.ts';
import type { Touched } from './touched.ts';
import { type StoreTerms, viewOf } from './view.ts';

/** A document for which so many bytes of log were read gets a snapshot, even from a process that only reads. */
const LONG_REPLAY = 256 << 10;

/** The documents in memory of an open home, kept current commit by commit, and their snapshots on disk. */
export class Shelf {
  readonly view: View;
  readonly documents: Documents;
  /** Whether snapshots should be written soon. */
  wantsSaving = false;
  private readonly directory: string;
  private readonly folders: Folders;
  private readonly log: CommitLog;
  private readonly touched: Touched;
  private readonly tuning: Tuning;
  private readonly replays: Replays;
  private readonly members: ReturnType<Shelf['createMembers']>;
  /** Documents whose snapshots this process has to write. */
  private readonly stale = new Set<string>();
  private readonly filesToRemove = new Set<string>();
  private isAbandoned = false;

  constructor(directory: string, log: CommitLog, touched: Touched, { tuning, isAlive }: StoreTerms) {
    this.directory = directory;
    this.folders = new Folders(directory);
    this.log = log;
    this.touched = touched;
    this.tuning = tuning;
    this.replays = new Replays(log);
    this.members = this.createMembers();
    this.documents = documentsIn({ directory, source: (key) => this.source(key), markOf: (key) => this.markOf(key) });
    this.view = viewOf(this.documents, { commits: () => log.n, isAlive });
    log.replay(touched.n + 1, log.n, (commit) => this.mark(commit.n, commit.events.flatMap(partsOf), false));
  }

  take(commit: Commit, isOurs: boolean): void {
    this.replays.release();
    if (isOurs) this.wantsSaving = true;
    const parts = commit.events.flatMap(partsOf);
    this.mark(commit.n, parts, isOurs);
    for (const part of parts) this.takePart(part, commit.n, isOurs);
  }

  /** Drops what was read from the log but not needed. */
  release(): void {
    this.replays.release();
  }

  /** Stops writing snapshots, because what is in memory may be wrong. */
  abandon(): void {
    this.isAbandoned = true;
  }

  /** Loads the documents that events erase from, while their snapshots may still be used. */
  loadErased(events: readonly Event[]): void {
    for (const { key } of events.filter(isErasing).flatMap(partsOf)) this.find(key);
  }

  /** Writes all snapshots again that were made before an erasure. */
  async saveErased(): Promise<void> {
    this.folders.clearTemporaries();
    for (const family of [...this.documents.byName.keys()].filter(isCountless))
      this.folders.removeOrphans(family, (id) => this.markOf(family + id) !== undefined);
    for (const [key, { erased }] of this.marks()) {
      const found = erased === undefined ? undefined : this.find(key);
      if (!found || (numberOfSnapshot(found.file) ?? this.log.n) >= (erased ?? 0) || this.isAbandoned) continue;
      await this.write(key, found.slot);
    }
    this.folders.forget();
    this.shrink();
  }

  /** Writes the snapshots that are due, letting other calls in between. */
  async save(): Promise<void> {
    if (!this.wantsSaving) return;
    this.wantsSaving = false;
    this.folders.prepareTemporaries();
    try {
      await this.saveAll();
    } catch (error) {
      if (error instanceof Behind) this.wantsSaving = true;
      throw error;
    } finally {
      this.folders.forget();
    }
    this.shrink();
  }

  private async saveAll(): Promise<void> {
    for (const key of [...this.stale]) await this.saveOne(key);
    for (const file of this.filesToRemove) fs.rmSync(file, { force: true });
    this.filesToRemove.clear();
    if (!this.isAbandoned) await this.touched.save(this.folders.temporaries, this.log.end);
    this.release();
  }

  private async saveOne(key: string): Promise<void> {
    if (this.isAbandoned) return;
    const found = this.find(key);
    if (found?.slot.changed !== true) {
      this.stale.delete(key);
      return;
    }
    if (!found.slot.isDue(this.log.position, this.tuning.smallBytes, found.spread)) return;
    this.folders.make(path.dirname(found.file));
    this.stale.delete(key);
    try {
      await this.write(key, found.slot);
    } catch (error) {
      this.stale.add(key);
      throw error;
    }
  }

  /** Writes a snapshot, unless its document was deleted meanwhile. Throws `Behind` where an erasure came meanwhile. */
  private async write(key: string, slot: AnySlot): Promise<void> {
    await slot.save(this.folders.temporaries, this.log.position, (n) => {
      if (this.isAbandoned) return false;
      this.log.catchUp((commit) => this.take(commit, false));
      const mark = this.markOf(key);
      if (mark?.erased !== undefined && mark.erased > n) throw new Behind();
      return mark !== undefined;
    });
  }

  private find(key: string): { slot: AnySlot; file: string; spread: number } | undefined {
    const family = familyOf(key);
    const id = key.slice(family.length);
    const collection = family === 'members/' ? this.members : this.documents.byName.get(family);
    const slot = collection?.slot(id);
    return collection && slot && { slot, file: collection.fileOf(id), spread: collection.spread };
  }

  private shrink(): void {
    const families = [...this.documents.byName.values()].filter((collection) => collection.name.endsWith('/'));
    let left = 0;
    for (const family of families) for (const [, slot] of family.entries()) left += slot.size;
    for (const family of families) {
      for (const [id, slot] of family.entries()) {
        if (left <= this.tuning.memoryBytes) return;
        if (this.stale.has(family.name + id)) continue;
        family.forget(id);
        left -= slot.size;
      }
    }
  }

  private mark(n: number, parts: readonly Part[], isOurs: boolean): void {
    for (const { key, event } of parts) {
      const family = familyOf(key);
      if (!isCountless(family)) {
        this.touched.take(n, key, isErasing(event));
        continue;
      }
      const list = `members/${family.slice(0, -1)}`;
      this.touched.take(n, list, false);
      this.members.take(
        family.slice(0, -1),
        membershipOf(key, n, event),
        n,
        isOurs && this.touched.at(list)?.first === n,
      );
      if (isOurs) this.stale.add(list);
    }
    this.touched.n = n;
  }

  private takePart({ key, event }: Part, n: number, isOurs: boolean): void {
    const family = familyOf(key);
    const id = key.slice(family.length);
    const collection = this.documents.byName.get(family);
    collection?.take(id, event, n, isOurs && this.isNew(key, n));
    if (!isOurs || !collection) return;
    this.stale.add(key);
    if (event.type !== 'agent_deleted' || !isCountless(family)) return;
    collection.forget(id);
    this.stale.delete(key);
    this.filesToRemove.add(collection.fileOf(id));
  }

  private isNew(key: string, n: number): boolean {
    const family = familyOf(key);
    const isKnown = !isCountless(family) || this.members.isLoaded(family.slice(0, -1));
    return isKnown && this.markOf(key)?.first === n;
  }

  private markOf(key: string): Mark | undefined {
    const family = familyOf(key);
    if (!isCountless(family) || family === 'members/') return this.touched.at(key);
    return this.members.get(family.slice(0, -1)).get(key.slice(family.length));
  }

  /** Every document of the home, with the commits that touched it. */
  private *marks(): Generator<[key: string, mark: Mark]> {
    yield* [...this.touched.entries()];
    for (const family of this.documents.byName.keys()) {
      if (!isCountless(family)) continue;
      for (const [id, mark] of [...this.members.get(family.slice(0, -1))]) yield [family + id, mark];
    }
  }

  private createMembers() {
    return new Collection('members/', members, {
      directory: this.directory,
      markOf: (key) => this.touched.at(key),
      source: (key) => ({
        ...this.place(),
        replay: (from, onEvent) =>
          this.noteReplay(key, this.replays.replayMembers(`${key.slice('members/'.length)}/`, from, onEvent)),
      }),
    });
  }

  private source(key: string): LogSource<Part['event']> {
    return {
      ...this.place(),
      replay: (from, onEvent) => this.noteReplay(key, this.replays.replay(key, from, onEvent)),
    };
  }

  private place() {
    return { n: this.log.n, position: this.log.position, isBehind: () => this.log.isBehind() };
  }

  /** Asks for a snapshot where much log was read, even where another process should have written it. */
  private noteReplay(key: string, bytes: number): number {
    if (bytes >= LONG_REPLAY) {
      this.stale.add(key);
      this.wantsSaving = true;
    }
    return bytes;
  }
}
