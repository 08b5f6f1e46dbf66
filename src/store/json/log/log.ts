import type { AppError } from '../../../domain/base/errors.ts';
import { readPlain } from '../../../files/durable.ts';
import { type Commit, type LineHead, parseLine, readHead, splitLines, writeLine } from './commit.ts';
import { damaged, damagedEnd, notUnderstood, Rewritten } from './faults.ts';
import { holdsOlder, type LogEnd, startOf } from './log-end.ts';
import { replayLog } from './replay.ts';
import { SegmentFile } from './segment-file.ts';
import { listSegments, segmentPath } from './segments.ts';
import { TUNING } from './tuning.ts';

export type OnCommit = (commit: Commit) => void;
/** The newest commit, found unreadable when the log was opened. */
export type SetAside = { file: string; after: number; bytes: Buffer };
export type LogOptions = {
  /** Names this process among all that ever write here; one that only reads needs none. */
  writer?: string;
  segmentBytes?: number;
};

/**
 * The truth: numbered commits, one a line, appended to segments named by their first number. A line counts only if it
 * is whole and its number follows the last one that counted, so the order in the file decides every race and no lock is
 * needed. This relies on `write` with O_APPEND being atomic, as it is on local file systems.
 */
export class CommitLog {
  readonly directory: string;
  n = 0;
  /** Bytes of the commits that were read or written since the log was opened. */
  position = 0;
  private sha = '';
  private readonly writer: string;
  private readonly segmentBytes: number;
  private written = 0;
  private segment = 1;
  private current: SegmentFile;
  /** Where the next line is read from. */
  private offset = 0;
  /** Bytes stand after the last line feed: a write cut short, or one under way. */
  private ragged = false;
  private unreadable = 0;
  /** Where the last commit that counted ends, and its length. */
  private goodOffset = 0;
  private lastBytes = 0;

  constructor(directory: string, { writer = '', segmentBytes = TUNING.segmentBytes }: LogOptions = {}) {
    this.directory = directory;
    this.writer = writer;
    this.segmentBytes = segmentBytes;
    this.current = new SegmentFile(directory, this.segment);
  }

  /** Finds the end of the log, from an end known earlier; gives back a newest commit that can't be read. */
  open(known?: LogEnd): SetAside | undefined {
    const { segment, offset, n, sha } = startOf(this.directory, known);
    this.segment = segment;
    this.current = new SegmentFile(this.directory, segment);
    this.offset = offset;
    this.goodOffset = offset;
    this.n = n;
    this.sha = sha;
    this.catchUp();
    // Another process may be in the middle of a write, and a large one takes its time.
    for (let tries = 0, size = 0; this.ragged && tries < 5; tries++) {
      if (size !== this.current.size(this.offset)) tries = 0;
      size = this.current.size(this.offset);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      this.catchUp();
    }
    if (!this.ragged && this.unreadable === 0) {
      // Lines, but none that follows: they are another segment's.
      if (this.offset > 0 && this.goodOffset === 0) throw this.fault(this.n + 1, this.segment);
      return undefined;
    }
    const { file } = this.current;
    const bytes = readPlain(file).subarray(this.goodOffset);
    if (holdsOlder(bytes, this.n)) throw damagedEnd(this.n + 1, file);
    return { file, after: this.n, bytes };
  }

  /** Where the last commit that counted ends. */
  get end(): LogEnd {
    return { segment: this.segment, offset: this.goodOffset, n: this.n, sha: this.sha };
  }

  path(segment: number): string {
    return segmentPath(this.directory, segment);
  }

  /** Whether whole lines were written that were not read. */
  isBehind(): boolean {
    return !this.ragged && this.current.size(this.offset) > this.offset;
  }

  /** Reads what was committed since, by any process. Costs one `stat` when there is nothing. */
  catchUp(onCommit?: OnCommit): void {
    for (;;) {
      const size = this.current.size(this.offset);
      if (size <= this.offset && !this.ragged) return;
      const before = this.segment;
      this.readLines(this.current.read(this.offset, size), onCommit);
      if (this.segment === before) return;
    }
  }

  /** Appends one commit; false when another process was first, whose commits have then been read. */
  append(draft: Omit<Commit, 'n' | 'prev' | 'writer'>, onCommit: OnCommit): boolean {
    this.written += 1;
    const writer = `${this.writer}.${this.written}`;
    const commit: Commit = { n: this.n + 1, prev: this.sha, writer, ...draft };
    const { line, sha } = writeLine(commit);
    // A line that was refused for want of its line feed must not be completed by ours: "#" spoils it.
    const bytes = Buffer.from(`${this.ragged ? '#\n' : ''}${line}\n`);
    const clean = !this.ragged;
    this.current.append(bytes, { end: this.goodOffset, last: this.lastBytes });
    try {
      const size = this.current.size(this.offset);
      if (clean && size === this.offset + bytes.length) {
        this.offset = size;
        this.unreadable = 0;
        this.take({ n: commit.n, sha, isSeal: commit.seal === true }, bytes.length);
        onCommit(commit);
        return true;
      }
      let won = false;
      this.readLines(this.current.read(this.offset, size), onCommit, (itsSha) => {
        if (itsSha === sha) won = true;
      });
      return won;
    } catch (error) {
      // The next call begins with reading all anew; this one has still to tell whether it was among what was kept.
      if (error instanceof Rewritten && this.isKept(sha)) return true;
      throw error;
    }
  }

  /** Ends the segment once it is large, so that opening stays cheap. */
  sealIfLarge(at: string, by: string, onCommit: OnCommit): void {
    if (this.offset >= this.segmentBytes) this.append({ at, by, events: [], seal: true }, onCommit);
  }

  /** Ends the segment unless it is empty, whoever comes first. */
  seal(at: string, by: string, onCommit: OnCommit): void {
    const { segment } = this;
    while (this.segment === segment && this.offset > 0) this.append({ at, by, events: [], seal: true }, onCommit);
  }

  /** Every commit from number `from` to `to`, with its size in bytes; throws where one is missing or damaged. */
  replay(from: number, to: number, onCommit: (commit: Commit, bytes: number) => void): void {
    if (from > to) return;
    const sha = replayLog(this.directory, from, to, (commit, bytes) =>
      this.takeIn(commit.n, () => onCommit(commit, bytes)),
    );
    if (to === this.n && sha !== this.sha) throw this.fault(to, this.segment);
  }

  /** Does what a commit asks for; one that is whole may still say what this version, or nobody, ever wrote. */
  takeIn(n: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      const segment = listSegments(this.directory).findLast((first) => first <= n) ?? 1;
      throw notUnderstood(n, this.path(segment), error.message);
    }
  }

  close(): void {
    this.current.close();
  }

  /** Whether the rewritten segment has the commit of a digest: up to its seal it has those that count, and no others. */
  private isKept(sha: string): boolean {
    for (const line of splitLines(readPlain(this.current.file)).lines) {
      const head = readHead(line);
      if (head?.sha === sha) return true;
      if (head?.isSeal) return false;
    }
    return false;
  }

  /** Takes in whole lines; what doesn't follow is a race's loser, what can't be read must be followed by what does. */
  private readLines(bytes: Buffer, onCommit?: OnCommit, onSha?: (sha: string) => void): void {
    const { lines, rest } = splitLines(bytes);
    const segment = this.segment;
    for (const line of lines) {
      const head = readHead(line);
      // Whoever was deleted isn't named in it any more: what is in memory can't be told to forget them.
      if (onCommit && head?.isRewritten && head.n > this.n) throw new Rewritten();
      this.offset += line.length + 1;
      if (line.length === 0) continue;
      if (!head) {
        this.unreadable += line.length + 1;
        continue;
      }
      if (head.n <= this.n) continue;
      if (head.n > this.n + 1 || head.prev !== this.sha) throw this.fault(this.n + 1, segment);
      this.unreadable = 0;
      this.take(head, line.length + 1);
      if (onCommit) this.give(line, head, onCommit);
      onSha?.(head.sha);
      // What a late writer appended behind a seal was never acknowledged.
      if (this.segment !== segment) return;
    }
    this.ragged = rest.length > 0;
  }

  private give(line: Buffer, head: LineHead, onCommit: OnCommit): void {
    const commit = parseLine(line, head);
    if (!commit) throw this.fault(head.n, this.segment);
    this.takeIn(head.n, () => onCommit(commit));
  }

  private take({ n, sha, isSeal }: Pick<LineHead, 'n' | 'sha' | 'isSeal'>, bytes: number): void {
    this.n = n;
    this.sha = sha;
    this.position += bytes;
    this.goodOffset = this.offset;
    this.lastBytes = bytes;
    if (isSeal) this.startSegment();
  }

  private startSegment(): void {
    this.close();
    this.segment = this.n + 1;
    this.current = new SegmentFile(this.directory, this.segment);
    this.offset = 0;
    this.goodOffset = 0;
    this.ragged = false;
    this.unreadable = 0;
  }

  private fault(n: number, segment: number): AppError {
    return damaged(n, this.path(segment));
  }
}
