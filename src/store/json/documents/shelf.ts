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

/** From this much log read for a document on, a snapshot is worth writing even by a process that only read. */
const LONG_REPLAY = 256 << 10;

/** The documents of an open home that were asked for, kept current commit by commit, and their snapshots. */
export class Shelf {
  readonly view: View;
  readonly documents: Documents;
  /** Snapshots should be written soon. */
  wantsSaving = false;
  private readonly directory: string;
  private readonly folders: Folders;
  private readonly log: CommitLog;
  private readonly touched: Touched;
  private readonly tuning: Tuning;
  private readonly replays: Replays;
  private readonly members: ReturnType<Shelf['createMembers']>;
  /** Documents whose snapshots this process has to see to. */
  private readonly stale = new Set<string>();
  private readonly gone = new Set<string>();
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

  /** Lets go of what was read from the log for documents that were not asked for. */
  release(): void {
    this.replays.release();
  }

  /** Nothing of this is to be believed any more. */
  abandon(): void {
    this.isAbandoned = true;
  }

  /** Has in memory what an event makes forget: once that is written, snapshots from before it aren't believed. */
  loadErased(events: readonly Event[]): void {
    for (const { key } of events.filter(isErasing).flatMap(partsOf)) this.find(key);
  }

  /** Writes the snapshots anew that are from before an erasure. */
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
    for (const file of this.gone) fs.rmSync(file, { force: true });
    this.gone.clear();
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

  /** Writes a snapshot, unless it is of what is gone, or of what was to be forgotten while it was written. */
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
    this.gone.add(collection.fileOf(id));
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

  /** What touched each document that there is. */
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
          this.noting(key, this.replays.replayMembers(`${key.slice('members/'.length)}/`, from, onEvent)),
      }),
    });
  }

  private source(key: string): LogSource<Part['event']> {
    return {
      ...this.place(),
      replay: (from, onEvent) => this.noting(key, this.replays.replay(key, from, onEvent)),
    };
  }

  private place() {
    return { n: this.log.n, position: this.log.position, isBehind: () => this.log.isBehind() };
  }

  /** What was far behind is worth a snapshot, whoever should have written it. */
  private noting(key: string, bytes: number): number {
    if (bytes >= LONG_REPLAY) {
      this.stale.add(key);
      this.wantsSaving = true;
    }
    return bytes;
  }
}
