import path from 'node:path';
import type { LogEnd } from '../log/log-end.ts';
import { fromRow, type Mark, type MarkRow, marked, toRow } from '../snapshots/slot.ts';
import { readSnapshot, writeSnapshot } from '../snapshots/snapshot.ts';

type TouchedData = { end: LogEnd; documents: MarkRow[] };

/**
 * The first and the last commit that touched each document, and the end of the log at that time. They tell that a
 * document is current, if nothing touched it since its snapshot, without a look at the log, however long the log is.
 */
export class Touched {
  /** The newest commit that is taken in. */
  n = 0;
  /** The end of the log when the file was written. */
  readonly end: LogEnd | undefined;
  private readonly marks = new Map<string, Mark>();
  private readonly file: string;

  /** Reads the file, unless it was written after commit `newest`. */
  constructor(directory: string, newest = Number.POSITIVE_INFINITY) {
    this.file = path.join(directory, 'touched.json');
    const snapshot = readSnapshot<TouchedData>(this.file);
    if (!snapshot || snapshot.n > newest) return;
    this.n = snapshot.n;
    this.end = snapshot.data.end;
    for (const row of snapshot.data.documents) this.marks.set(...fromRow(row));
  }

  at(key: string): Mark | undefined {
    return this.marks.get(key);
  }

  take(n: number, key: string, isErasure: boolean): void {
    this.marks.set(key, marked(this.marks.get(key), n, isErasure));
  }

  /** Forgets everything: the log is read anew. */
  clear(): void {
    this.marks.clear();
    this.n = 0;
  }

  entries(): IterableIterator<[string, Mark]> {
    return this.marks.entries();
  }

  async save(temporaries: string, end: LogEnd): Promise<void> {
    const documents = [...this.marks].map(([key, mark]) => toRow(key, mark));
    await writeSnapshot(this.file, temporaries, { n: this.n, data: { end, documents } });
  }
}
