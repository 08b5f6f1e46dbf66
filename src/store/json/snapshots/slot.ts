import type { Stored } from '../../documents/stored.ts';
import { Behind, readSnapshot, writeSnapshot } from './snapshot.ts';

/** The commits that touched a document: the first, the last, and the last that erased something from it. */
export type Mark = { first: number; last: number; erased?: number };

/** The mark of a document after commit `n` touched it. */
export function marked(before: Mark | undefined, n: number, isErasure: boolean): Mark {
  const erased = isErasure ? n : before?.erased;
  return { first: before?.first ?? n, last: n, ...(erased === undefined ? {} : { erased }) };
}

/** A mark as a row of a snapshot. */
export type MarkRow = [key: string, first: number, last: number, erased?: number];

export function toRow(key: string, { first, last, erased }: Mark): MarkRow {
  return erased === undefined ? [key, first, last] : [key, first, last, erased];
}

export function fromRow([key, first, last, erased]: MarkRow): [string, Mark] {
  return [key, { first, last, ...(erased === undefined ? {} : { erased }) }];
}

/** The log as a document needs it. `n` is its newest commit, `position` the bytes of it that were read so far. */
export type LogSource<E> = {
  n: number;
  position: number;
  /** Gives the document's events from commit `from` on, in order. Returns how many bytes of log were read. */
  replay: (from: number, onEvent: (event: E, n: number) => void) => number;
  /** Whether the log has commits that weren't read yet. */
  isBehind: () => boolean;
};

/** A document that is one of many isn't left behind the log by more bytes than these, or than it has itself. */
const LONGEST_REST = 32 << 20;

/** Which document it is, where its snapshot lies, and which commits touched it. */
type Placement = { id: string; file: () => string; mark: Mark | undefined };

/** One document in memory, kept current by folding events. */
export class Slot<S, D extends object, E> {
  readonly state: S;
  /** The size of the snapshot on disk in bytes, 0 where none is known. */
  size = 0;
  /** When the document was last asked for, by the count of its collection. */
  usedAt = 0;
  /** Whether the snapshot on disk is out of date. */
  changed = false;
  private n: number;
  /** The commit up to which the document was read with all that came: nothing of it is to be taken in again. */
  private readonly covered: number;
  /** The `position` of the log when the snapshot was current. */
  private savedAt: number;
  private readonly stored: Stored<S, D, E>;
  private readonly id: string;
  private readonly file: () => string;

  /** Loads a document from its snapshot, and from the log what came after. A document without a mark is new. */
  constructor(stored: Stored<S, D, E>, { id, file, mark }: Placement, source: LogSource<E>) {
    this.stored = stored;
    this.id = id;
    this.file = file;
    this.savedAt = source.position;
    const snapshot = mark ? this.read(source, mark) : null;
    this.state = snapshot ? stored.load(snapshot.data) : stored.empty();
    this.size = snapshot?.bytes ?? 0;
    this.n = snapshot?.n ?? (mark ? mark.first - 1 : source.n);
    this.covered = snapshot?.n ?? 0;
    if (!mark || this.n >= mark.last) return;
    this.savedAt -= source.replay(this.n + 1, (event, n) => stored.fold(this.state, event, id, n));
    this.n = source.n;
    this.covered = source.n;
    this.changed = true;
  }

  /** Whether the document was read with all of a commit in it. */
  covers(n: number): boolean {
    return n <= this.covered;
  }

  /** Takes in an event of a commit, unless the document was read with that commit in it. */
  take(event: E, n: number): void {
    if (this.covers(n)) return;
    this.stored.fold(this.state, event, this.id, n);
    this.n = n;
    this.changed = true;
  }

  /**
   * Whether the snapshot should be written. A small one is always due, a large one once the log has grown by as many
   * bytes. So writing costs in proportion to what changes, and reading the rest of the log costs no more than the
   * snapshot.
   */
  isDue(position: number, small: number, spread: number): boolean {
    if (!this.changed) return false;
    const grown = position - this.savedAt;
    return this.size <= small || grown >= Math.min(this.size * spread, Math.max(this.size, LONGEST_REST));
  }

  /**
   * Writes the snapshot, if `isWanted` still says so at the end. `isWanted` gets the commit that the snapshot was made
   * at.
   */
  async save(temporaries: string, position: number, isWanted: (n: number) => boolean): Promise<void> {
    this.changed = false;
    try {
      const snapshot = { n: this.n, data: this.stored.dump(this.state) };
      this.size = await writeSnapshot(this.file(), temporaries, snapshot, () => isWanted(snapshot.n));
      this.savedAt = position;
    } catch (error) {
      this.changed = true;
      throw error;
    }
  }

  /**
   * The snapshot; null where it is from beyond the log's end or from before an erasure. Throws `Behind` where unread
   * commits may be the reason.
   */
  private read(source: LogSource<E>, { erased = 0 }: Mark) {
    const snapshot = readSnapshot<D>(this.file());
    if (!snapshot || (snapshot.n >= erased && snapshot.n <= source.n)) return snapshot;
    if (source.isBehind()) throw new Behind();
    return null;
  }
}
