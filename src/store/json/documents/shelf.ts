import type { Event } from '../../../domain/state/events.ts';
import type { View } from '../../../domain/state/view.ts';
import { viewOf } from '../../documents/view.ts';
import type { Commit } from '../../log/commit.ts';
import { Rewritten } from '../log/faults.ts';
import type { CommitLog } from '../log/log.ts';
import { Collection } from '../snapshots/collection.ts';
import type { LogSource } from '../snapshots/slot.ts';
import { Behind } from '../snapshots/snapshot.ts';
import { type Documents, documentsIn, isCountless } from './documents.ts';
import { Folders } from './folders.ts';
import { Marks } from './marks.ts';
import { members } from './members.ts';
import { isErasing, type Part, partsOf } from './parts.ts';
import { Census } from './people/census.ts';
import { type People, peopleIn } from './people/people.ts';
import { contactReadsOf } from './people/people-pages.ts';
import { Places } from './people/places.ts';
import { familyOf, Replays } from './replays.ts';
import { type KeptDocument, Saving } from './saving.ts';
import type { StoreTerms } from './store-terms.ts';
import type { Touched } from './touched.ts';

/** A document for which so many bytes of log were read gets a snapshot, even from a process that only reads. */
const LONG_REPLAY = 256 << 10;

/** The documents in memory of an open home, kept current commit by commit. */
export class Shelf {
  readonly view: View;
  readonly people: People;
  readonly documents: Documents;
  readonly marks: Marks;
  readonly saving: Saving;
  private readonly log: CommitLog;
  private readonly replays: Replays;
  private readonly places: Places;
  private readonly census: Census;
  private directory: string;
  private readonly farBytes: number;
  private readonly members: ReturnType<Shelf['createMembers']>;

  constructor(directory: string, log: CommitLog, touched: Touched, { tuning, isAlive, hasLeft }: StoreTerms) {
    this.directory = directory;
    this.log = log;
    this.farBytes = tuning.farBytes;
    this.places = new Places({
      births: (shard) => this.documents.ids.get(shard),
      segmentOf: (n) => log.segments.nameOf(n),
    });
    this.replays = new Replays(log, this.places);
    this.members = this.createMembers();
    this.marks = new Marks(touched, this.members, () => this.documents.byName.keys());
    const around = {
      directory: () => this.directory,
      source: (key: string) => this.source(key),
      markOf: (key: string) => this.marks.at(key),
    };
    this.documents = documentsIn(around);
    this.census = new Census(this.places, this.documents.ids, { ...around, source: () => this.place() });
    this.people = peopleIn({ ...this.documents, counts: this.census.counts }, this.places);
    const readable = { ...this.documents, people: contactReadsOf(this.people) };
    this.view = viewOf(readable, { commits: () => log.n, isAlive, hasLeft });
    this.saving = new Saving(this, { folders: new Folders(directory), log, tuning });
  }

  /**
   * Takes in which documents the rest of the log touched, since what is known of that was written down. Where that rest
   * is long, nothing is taken in, and the home is to be read from its first commit on: `forward`.
   */
  catchUp(): boolean {
    const { touched } = this.marks;
    const far = touched.n === 0 ? this.farBytes / 16 : this.farBytes;
    if (touched.n >= this.log.n) return true;
    if (this.log.segments.bytesFrom(touched.n + 1) > far) return false;
    this.log.replay(touched.n + 1, this.log.n, (commit) => this.fold(commit, { isOurs: false }));
    touched.n = this.log.n;
    return true;
  }

  /**
   * Reads the whole log, a segment a step, and makes all documents anew. What doesn't stay in memory meanwhile is kept in
   * a folder of its own: other processes may be at the same. Where it ends early, nothing of the shelf may be used any
   * more. Throws `Rewritten` where that folder is lost to an erasure.
   */
  async *forward(): AsyncGenerator<number> {
    const { directory } = this;
    const { folders } = this.saving;
    const folder = folders.makeTemporary();
    const print = folders.printOf(folder);
    this.directory = folder;
    try {
      yield* this.readAll();
      if (folders.printOf(folder) !== print) throw new Rewritten();
      this.putInPlace(folder, directory);
      this.saving.isWanted = true;
    } catch (error) {
      throw error instanceof Behind ? new Rewritten() : error;
    } finally {
      folders.removeTemporary(folder);
    }
  }

  private async *readAll(): AsyncGenerator<number> {
    const { touched } = this.marks;
    touched.clear();
    let unsaved = 0;
    for (const [from, to] of this.log.segments.ranges(this.log.n)) {
      this.log.replay(from, to, (commit, bytes) => {
        unsaved += bytes;
        this.fold(commit, { isOurs: true, isWhole: true });
      });
      touched.n = to;
      if (unsaved > this.farBytes) {
        await this.saving.saveEverything();
        unsaved = 0;
      }
      yield to;
    }
  }

  private putInPlace(folder: string, directory: string): void {
    const later: Commit[] = [];
    this.log.catchUp((commit) => later.push(commit));
    if (later.some(({ events }) => events.some(isErasing)) || !this.saving.folders.moveAll(folder, directory))
      throw new Rewritten();
    this.directory = directory;
    for (const commit of later) this.take(commit, false);
    this.saving.removeOrphans();
  }

  take(commit: Commit, isOurs: boolean): void {
    this.replays.release();
    if (isOurs) this.saving.isWanted = true;
    try {
      this.fold(commit, { isOurs });
    } catch {
      // A document that says where contacts are kept can't be read, or not yet. What is in memory has half of the commit.
      throw new Rewritten();
    }
    this.marks.touched.n = commit.n;
  }

  /** An event as it is to be written down. */
  told(event: Event): Event {
    return this.places.told(event);
  }

  /** Drops what was read from the log but not needed. */
  release(): void {
    this.replays.release();
  }

  /** Loads the documents that events erase from, while their snapshots may still be used. */
  loadErased(events: readonly Event[]): void {
    for (const event of events.filter(isErasing))
      for (const { key } of partsOf(event, this.log.n + 1, this.places)) this.find(key);
  }

  find(key: string): KeptDocument | undefined {
    const family = familyOf(key);
    const id = key.slice(family.length);
    const collection = this.collectionOf(family);
    const slot = collection?.slot(id);
    return collection && slot && { slot, file: collection.fileOf(id), spread: collection.spread };
  }

  /** Loads a document as of before commit `n`, while the log is read from its first commit on. */
  private findWhole(key: string, n: number): void {
    if (this.find(key)?.slot.covers(n)) throw new Rewritten();
  }

  private collectionOf(family: string) {
    if (family === 'members/') return this.members;
    return family === this.census.counts.name ? this.census.counts : this.documents.byName.get(family);
  }

  /** `isWhole`: the log is read from its first commit on, so a document that left memory is loaded before it changes. */
  private fold({ n, events }: Commit, { isOurs, isWhole = false }: { isOurs: boolean; isWhole?: boolean }): void {
    const fresh = new Set<string>();
    for (const event of events) {
      const counted = this.census.countedIn(event, n, fresh);
      for (const part of this.partsOf(event, n, isWhole)) {
        if (isWhole) this.findWhole(part.key, n);
        const list = this.marks.take(part, n, isOurs);
        if (list && isOurs) this.saving.add(list);
        this.takePart(part, n, isOurs);
      }
      this.places.forget();
      if (!counted) continue;
      const { name } = this.census.counts;
      if (isWhole) this.findWhole(name, n);
      this.marks.touched.take(n, name, false);
      if (counted === 'unknown') this.census.counts.forget('');
      else this.census.counts.take('', counted, n, isOurs && this.marks.isNew(name, n));
      if (isOurs) this.saving.add(name);
    }
  }

  /** A deletion written by an earlier version doesn't say where the contact was kept: it concerns all that may have it. */
  private partsOf(event: Event, n: number, isWhole: boolean): Part[] {
    const parts = partsOf(event, n, this.places);
    if (event.type !== 'contact_deleted' || event.shards || isWhole) return parts;
    const known = new Set(parts.map(({ key }) => key));
    return [...parts, ...this.marks.ofPeople().flatMap((key) => (known.has(key) ? [] : [{ key, event }]))];
  }

  private takePart({ key, event }: Part, n: number, isOurs: boolean): void {
    const family = familyOf(key);
    const id = key.slice(family.length);
    const collection = this.documents.byName.get(family);
    collection?.take(id, event, n, isOurs && this.marks.isNew(key, n));
    if (!isOurs || !collection) return;
    this.saving.add(key);
    if (event.type !== 'agent_deleted' || !isCountless(family)) return;
    collection.forget(id);
    this.saving.remove(key, collection.fileOf(id));
  }

  private createMembers() {
    return new Collection('members/', members, {
      directory: () => this.directory,
      markOf: (key) => this.marks.at(key),
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
      this.saving.add(key);
      this.saving.isWanted = true;
    }
    return bytes;
  }
}
