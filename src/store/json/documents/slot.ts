import { Behind, readSnapshot, writeSnapshot } from './snapshot.ts';

/** How a kind of document begins, grows, and is written as JSON: `D` is what `JSON.parse` gives back of what `dump` gave. */
export type Stored<S, D extends object, E> = {
  empty: () => S;
  /** Changes `state`, replacing leaves rather than altering them. */
  fold: (state: S, event: E, id: string) => void;
  /** Shares nothing with the state but leaves: it is written while the state goes on. */
  dump: (state: S) => D;
  load: (data: D) => S;
};

/** The first and the last commit that touched a document, and the last that made it forget someone. */
export type Mark = { first: number; last: number; erased?: number };

/** A document's mark once a commit touched it. */
export function marked(before: Mark | undefined, n: number, isErasure: boolean): Mark {
  const erased = isErasure ? n : before?.erased;
  return { first: before?.first ?? n, last: n, ...(erased === undefined ? {} : { erased }) };
}

/** A mark in a snapshot. */
export type MarkRow = [key: string, first: number, last: number, erased?: number];

export function toRow(key: string, { first, last, erased }: Mark): MarkRow {
  return erased === undefined ? [key, first, last] : [key, first, last, erased];
}

export function fromRow([key, first, last, erased]: MarkRow): [string, Mark] {
  return [key, { first, last, ...(erased === undefined ? {} : { erased }) }];
}

/** The log as a document sees it: its newest commit, its length so far, and what it holds for that document. */
export type LogSource<E> = {
  n: number;
  position: number;
  /** Gives what commit `from` and later ones have for the document, in order; tells how many bytes of log that were. */
  replay: (from: number, onEvent: (event: E) => void) => number;
  isBehind: () => boolean;
};

/** One document in memory, kept current by folding. */
export class Slot<S, D extends object, E> {
  readonly state: S;
  /** Size of the snapshot on disk, as far as known. */
  size = 0;
  /** The snapshot on disk is behind. */
  changed = false;
  private n: number;
  /** How long the log was when the snapshot was current. */
  private savedAt: number;
  private readonly stored: Stored<S, D, E>;
  private readonly id: string;
  private readonly file: string;

  /** Loads a document: its snapshot, and what the log has since. Without a mark it is new. */
  constructor(stored: Stored<S, D, E>, id: string, file: string, mark: Mark | undefined, source: LogSource<E>) {
    this.stored = stored;
    this.id = id;
    this.file = file;
    this.savedAt = source.position;
    const snapshot = mark ? this.read(source, mark) : null;
    this.state = snapshot ? stored.load(snapshot.data) : stored.empty();
    this.size = snapshot?.bytes ?? 0;
    this.n = snapshot?.n ?? (mark ? mark.first - 1 : source.n);
    if (!mark || this.n >= mark.last) return;
    this.savedAt -= source.replay(this.n + 1, (event) => stored.fold(this.state, event, id));
    this.n = mark.last;
    this.changed = true;
  }

  take(event: E, n: number): void {
    this.stored.fold(this.state, event, this.id);
    this.n = n;
    this.changed = true;
  }

  /**
   * Whether the snapshot should be written: a small one always, a large one when the log has grown by as much, so that
   * writing costs in proportion to what changes, and reading the rest of the log no more than reading the snapshot.
   */
  isDue(position: number, small: number, spread: number): boolean {
    if (!this.changed) return false;
    return this.size <= small || position - this.savedAt >= Math.min(this.size * spread, Math.max(this.size, 8 << 20));
  }

  async save(temporaries: string, position: number, isWanted: (n: number) => boolean): Promise<void> {
    this.changed = false;
    try {
      const snapshot = { n: this.n, data: this.stored.dump(this.state) };
      this.size = await writeSnapshot(this.file, temporaries, snapshot, () => isWanted(snapshot.n));
      this.savedAt = position;
    } catch (error) {
      this.changed = true;
      throw error;
    }
  }

  /** The snapshot, unless it is from beyond the log's end, or has what was to be forgotten since. */
  private read(source: LogSource<E>, { erased = 0 }: Mark) {
    const snapshot = readSnapshot<D>(this.file);
    if (!snapshot || (snapshot.n >= erased && snapshot.n <= source.n)) return snapshot;
    if (source.isBehind()) throw new Behind();
    return null;
  }
}
