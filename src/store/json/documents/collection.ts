import path from 'node:path';
import { type LogSource, type Mark, Slot, type Stored } from './slot.ts';

/** What a collection needs to know of the home. */
export type Surroundings<E> = {
  directory: string;
  source: (key: string) => LogSource<E>;
  markOf: (key: string) => Mark | undefined;
};

/** A document as whoever saves and forgets it sees it. */
export type AnySlot = Pick<Slot<unknown, object, never>, 'size' | 'changed' | 'isDue' | 'save'>;

/** All documents of one kind, or a single one without an id. Those that were asked for are in memory. */
export class Collection<S, D extends object, E> {
  /** `runs/` for a family, `desk` for a single document. */
  readonly name: string;
  /** How many documents of it one change may touch at once. */
  readonly spread: number;
  private readonly stored: Stored<S, D, E>;
  private readonly around: Surroundings<E>;
  /** Least recently used first. */
  private readonly loaded = new Map<string, Slot<S, D, E>>();

  constructor(name: string, stored: Stored<S, D, E>, around: Surroundings<E>, spread = 1) {
    this.name = name;
    this.stored = stored;
    this.around = around;
    this.spread = spread;
  }

  get(id = ''): S {
    return this.slot(id)?.state ?? this.stored.empty();
  }

  /** Takes an event in where the document is in memory; where it is new, it begins with it. */
  take(id: string, event: E, n: number, isNew: boolean): void {
    if (isNew && !this.loaded.has(id)) this.make(id, undefined);
    this.loaded.get(id)?.take(event, n);
  }

  /** A document in memory, loaded when it must be; none where nothing ever touched it. */
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

  forget(id: string): void {
    this.loaded.delete(id);
  }

  /** Documents in memory, those first that were not used for longest. */
  entries(): IterableIterator<[string, AnySlot]> {
    return this.loaded.entries();
  }

  private make(id: string, mark: Mark | undefined): Slot<S, D, E> {
    const slot = new Slot(this.stored, id, this.fileOf(id), mark, this.around.source(this.name + id));
    this.loaded.set(id, slot);
    return slot;
  }
}
