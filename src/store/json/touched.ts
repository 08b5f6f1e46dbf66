import path from 'node:path';
import type { LogEnd } from './log-end.ts';
import type { Mark } from './slot.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

type TouchedData = { end: LogEnd; documents: [key: string, first: number, last: number][] };

/**
 * The first and last commit that touched each document, and the log's end at that time. With it a document that nothing
 * touched since its snapshot is current without a look at the log, however long that has grown.
 */
export class Touched {
  /** The newest commit that this knows of. */
  n = 0;
  /** Where the log ended when it was written. */
  readonly end: LogEnd | undefined;
  private readonly marks = new Map<string, Mark>();
  private readonly file: string;

  /** What was written beyond commit `newest` doesn't count. */
  constructor(directory: string, newest = Number.POSITIVE_INFINITY) {
    this.file = path.join(directory, 'touched.json');
    const snapshot = readSnapshot<TouchedData>(this.file);
    if (!snapshot || snapshot.n > newest) return;
    this.n = snapshot.n;
    this.end = snapshot.data.end;
    for (const [key, first, last] of snapshot.data.documents) this.marks.set(key, { first, last });
  }

  at(key: string): Mark | undefined {
    return this.marks.get(key);
  }

  take(n: number, key: string): void {
    this.marks.set(key, { first: this.marks.get(key)?.first ?? n, last: n });
  }

  async save(temporaries: string, end: LogEnd): Promise<void> {
    const documents = [...this.marks].map(([key, { first, last }]): TouchedData['documents'][number] => [
      key,
      first,
      last,
    ]);
    await writeSnapshot(this.file, temporaries, { n: this.n, data: { end, documents } });
  }
}
