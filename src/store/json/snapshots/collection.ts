import path from 'node:path';
import type { Stored } from '../../documents/stored.ts';
import type { Sieve, Sifted } from './sieve.ts';
import { type LogSource, type Mark, Slot } from './slot.ts';
import { siftSnapshot } from './snapshot.ts';

/**
 * The home as a collection needs it: where snapshots lie, what the log holds for a document, and which commits touched
 * a document. A key is the name of the collection and the id.
 */
export type Surroundings<E> = {
  directory: () => string;
  source: (key: string) => LogSource<E>;
  markOf: (key: string) => Mark | undefined;
};

/** How many absent documents are remembered. */
const MOST_ABSENT = 1_000;

/** A document of any kind, as far as saving and dropping it needs. */
export type AnySlot = Pick<Slot<unknown, object, never>, 'size' | 'changed' | 'covers' | 'isDue' | 'save'>;

/**
 * The documents of one kind, or a single document, whose id is empty. A document is loaded when it is first asked for.
 */
export class Collection<S, D extends object, E> {
  /** `runs/` for a family of documents, `desk` for a single one. */
  readonly name: string;
  /** How many documents of the collection one commit may touch. */
  readonly spread: number;
  private readonly stored: Stored<S, D, E>;
  private readonly around: Surroundings<E>;
  private readonly loaded = new Map<string, Slot<S, D, E>>();
  /** Documents that were asked for, and that no commit ever touched: most contacts have no events, for example. */
  private readonly absent = new Set<string>();
  /** What every document is that no commit ever touched. Nobody changes what `get` gives. */
  private readonly nothing: S;
  /** Counts how often documents were asked for or changed. */
  private uses = 0;
  /** The count when idle documents were last looked for. */
  private lookedAt = 0;

  constructor(name: string, stored: Stored<S, D, E>, around: Surroundings<E>, spread = 1) {
    this.name = name;
    this.stored = stored;
    this.around = around;
    this.spread = spread;
    this.nothing = stored.empty();
  }

  /** The state of a document; an empty state where no commit ever touched it. */
  get(id = ''): S {
    return this.slot(id)?.state ?? this.nothing;
  }

  /**
   * Folds an event into a document that is in memory. A document that begins with this event is new, and comes into
   * memory.
   */
  take(id: string, event: E, n: number, isNew: boolean): void {
    this.absent.delete(id);
    if (isNew && !this.loaded.has(id)) this.make(id, undefined);
    const slot = this.loaded.get(id);
    if (!slot) return;
    slot.take(event, n);
    this.uses += 1;
    slot.usedAt = this.uses;
  }

  /** A document, loaded where it isn't in memory yet; undefined where no commit ever touched it. */
  slot(id: string): Slot<S, D, E> | undefined {
    const found = this.loaded.get(id);
    this.uses += 1;
    if (found) {
      found.usedAt = this.uses;
      return found;
    }
    if (this.absent.has(id)) return undefined;
    const mark = this.around.markOf(this.name + id);
    if (mark) return this.make(id, mark);
    if (this.absent.size >= MOST_ABSENT) this.absent.clear();
    this.absent.add(id);
    return undefined;
  }

  isLoaded(id: string): boolean {
    return this.loaded.has(id);
  }

  /** The last commit that touched a document; undefined where none did. */
  touchedAt(id: string): number | undefined {
    return this.around.markOf(this.name + id)?.last;
  }

  /**
   * The records of a document that is a list, as far as a sieve lets them pass, without loading it; null where the document
   * has to be loaded for that, or is in memory already.
   */
  sift<R>(id: string, sieve: Sieve): Sifted<R> | null {
    const last = this.touchedAt(id);
    if (last === undefined || this.loaded.has(id)) return null;
    const { n: newest } = this.around.source(this.name + id);
    return siftSnapshot(this.fileOf(id), sieve, (n) => n >= last && n <= newest);
  }

  fileOf(id: string): string {
    return path.join(this.around.directory(), `${this.name}${id}.json`);
  }

  /** Drops a document from memory. */
  forget(id: string): void {
    this.absent.delete(id);
    this.loaded.delete(id);
  }

  /** The documents in memory, least recently used first. */
  entries(): [string, AnySlot & { usedAt: number }][] {
    return [...this.loaded].sort(([, one], [, other]) => one.usedAt - other.usedAt);
  }

  /** The ids of the documents in memory that nobody asked for or changed since the last call. */
  idle(): string[] {
    const before = this.lookedAt;
    this.lookedAt = this.uses;
    return this.entries().flatMap(([id, slot]) => (slot.usedAt <= before ? [id] : []));
  }

  /** About how many bytes of JSON the documents in memory have. */
  held(): number {
    let size = 0;
    for (const slot of this.loaded.values()) size += slot.size;
    return size;
  }

  private make(id: string, mark: Mark | undefined): Slot<S, D, E> {
    const slot = new Slot(this.stored, { id, file: () => this.fileOf(id), mark }, this.around.source(this.name + id));
    slot.usedAt = this.uses;
    this.loaded.set(id, slot);
    return slot;
  }
}
