import path from 'node:path';
import { type LogSource, type Mark, Slot, type Stored } from './slot.ts';

/**
 * The home as a collection needs it: where snapshots lie, what the log holds for a document, and which commits touched
 * a document. A key is the name of the collection and the id.
 */
export type Surroundings<E> = {
  directory: string;
  source: (key: string) => LogSource<E>;
  markOf: (key: string) => Mark | undefined;
};

/** A document of any kind, as far as saving and dropping it needs. */
export type AnySlot = Pick<Slot<unknown, object, never>, 'size' | 'changed' | 'isDue' | 'save'>;

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
  /** The documents in memory, least recently used first. */
  private readonly loaded = new Map<string, Slot<S, D, E>>();

  constructor(name: string, stored: Stored<S, D, E>, around: Surroundings<E>, spread = 1) {
    this.name = name;
    this.stored = stored;
    this.around = around;
    this.spread = spread;
  }

  /** The state of a document; an empty state where no commit ever touched it. */
  get(id = ''): S {
    return this.slot(id)?.state ?? this.stored.empty();
  }

  /**
   * Folds an event into a document that is in memory. A document that begins with this event is new, and comes into
   * memory.
   */
  take(id: string, event: E, n: number, isNew: boolean): void {
    if (isNew && !this.loaded.has(id)) this.make(id, undefined);
    this.loaded.get(id)?.take(event, n);
  }

  /** A document, loaded where it isn't in memory yet; undefined where no commit ever touched it. */
  slot(id: string): Slot<S, D, E> | undefined {
    const found = this.loaded.get(id);
    if (found) {
      if (id === '') return found;
      this.loaded.delete(id);
      this.loaded.set(id, found);
      return found;
    }
    const mark = this.around.markOf(this.name + id);
    return mark && this.make(id, mark);
  }

  isLoaded(id: string): boolean {
    return this.loaded.has(id);
  }

  fileOf(id: string): string {
    return path.join(this.around.directory, `${this.name}${id}.json`);
  }

  /** Drops a document from memory. */
  forget(id: string): void {
    this.loaded.delete(id);
  }

  /** The documents in memory, least recently used first. */
  entries(): IterableIterator<[string, AnySlot]> {
    return this.loaded.entries();
  }

  private make(id: string, mark: Mark | undefined): Slot<S, D, E> {
    const slot = new Slot(this.stored, { id, file: this.fileOf(id), mark }, this.around.source(this.name + id));
    this.loaded.set(id, slot);
    return slot;
  }
}
