import fs from 'node:fs';
import { listSegments, segmentPath } from './segments.ts';

/** The segments of a log by their first commits: a commit stands in the same segment for ever. */
export class SegmentList {
  private readonly directory: string;
  private firsts: number[] = [1];
  private names: string[] = ['1'];

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Reads which segments there are; `newest` may not have a file yet. */
  read(newest: number): void {
    this.firsts = [...new Set([...listSegments(this.directory), newest])];
    this.names = this.firsts.map(String);
  }

  /** Adds a new segment. Another process may have made its file before the list was read. */
  add(first: number): void {
    if (first <= (this.firsts.at(-1) ?? 0)) return;
    this.firsts.push(first);
    this.names.push(String(first));
  }

  private placeOf(n: number): number {
    let low = 0;
    let high = this.firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.firsts[middle] ?? 0) <= n) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The first commit of the segment in which commit `n` stands, or would stand if it were written now. */
  of(n: number): number {
    return this.firsts[this.placeOf(n)] ?? 1;
  }

  /** The same as a text: it is asked for very often. */
  nameOf(n: number): string {
    return this.names[this.placeOf(n)] ?? '1';
  }

  /** The commits of each segment up to commit `newest`: the first one and the last one. */
  *ranges(newest: number): Generator<readonly [from: number, to: number]> {
    for (const [index, first] of [...this.firsts].entries())
      if (first <= newest) yield [first, Math.min(newest, (this.firsts[index + 1] ?? newest + 1) - 1)];
  }

  /** About how many bytes the commits from number `from` on have: their segments count whole. */
  bytesFrom(from: number): number {
    const files = this.firsts
      .filter((first) => first >= this.of(from))
      .map((first) => segmentPath(this.directory, first));
    return files.reduce((sum, file) => sum + (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  }
}
