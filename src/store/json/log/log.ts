import type { AppError } from '../../../domain/base/errors.ts';
import { readPlain } from '../../../files/durable.ts';
import { type Commit, type LineHead, parseLine, readHead, splitLines, writeCommit } from '../../log/commit.ts';
import { damaged, damagedEnd, notUnderstood, Rewritten } from './faults.ts';
import { holdsOlder, type LogEnd, startOf } from './log-end.ts';
import { replayLog } from './replay.ts';
import { isKept, SegmentFile } from './segment-file.ts';
import { SegmentList } from './segment-list.ts';
import { listSegments, segmentPath } from './segments.ts';
import { TUNING } from './tuning.ts';

/** Takes the commits that are read or written, one by one. */
export type OnCommit = (commit: Commit) => void;
/** An unreadable newest commit: its file, its bytes, and the number of the commit before it. */
export type SetAside = { file: string; after: number; bytes: Buffer };
type CommitDraft = Omit<Commit, 'n' | 'prev' | 'writer' | 'salt'>;
export type LogOptions = {
  /** The name of this process, unlike that of any other writer. A log that is only read needs none. */
  writer?: string;
  /** A segment of so many bytes is sealed. */
  segmentBytes?: number;
};

/**
 * The log: numbered commits, one a line, in segments named by their first number. It is the truth; everything else can
 * be made again from it. A line counts only if it is whole and its number follows the last one that counted. So the
 * order of lines in the file decides every race, without a lock. This relies on `write` with O_APPEND being atomic, as
 * it is on local file systems.
 */
export class CommitLog {
  readonly directory: string;
  /** The number of the last commit that counted. */
  n = 0;
  /** Bytes of the commits that were read or written since the log was opened. */
  position = 0;
  private sha = '';
  /** The segments that there are. */
  readonly segments: SegmentList;
  private readonly writer: string;
  private readonly segmentBytes: number;
  private written = 0;
  private segment = 1;
  private current: SegmentFile;
  /** Where the next line is read from. */
  private offset = 0;
  /** The file doesn't end in a line feed: a write was cut short, or is under way. */
  private endsMidLine = false;
  /** Bytes of unreadable lines since the last commit that counted. */
  private unreadable = 0;
  /** Where the last commit that counted ends, and its length, in bytes. */
  private goodOffset = 0;
  private lastBytes = 0;
  private isMissed = false;

  constructor(directory: string, { writer = '', segmentBytes = TUNING.segmentBytes }: LogOptions = {}) {
    this.directory = directory;
    this.writer = writer;
    this.segmentBytes = segmentBytes;
    this.segments = new SegmentList(directory);
    this.current = new SegmentFile(directory, this.segment);
  }

  /**
   * Finds the end of the log, if possible from an end known earlier. Returns a newest commit that can't be read. Throws
   * AppError STORE_ERROR where more than that is damaged.
   */
  open(known?: LogEnd): SetAside | undefined {
    const { segment, offset, n, sha } = startOf(this.directory, known);
    this.segments.read(segment);
    this.segment = segment;
    this.current = new SegmentFile(this.directory, segment);
    this.offset = offset;
    this.goodOffset = offset;
    this.n = n;
    this.sha = sha;
    this.catchUp();
    // Another process may still be writing the last line. As long as the file grows, wait for the whole of it.
    for (let tries = 0, size = 0; this.endsMidLine && tries < 5; tries++) {
      if (size !== this.current.size(this.offset)) tries = 0;
      size = this.current.size(this.offset);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      this.catchUp();
    }
    if (!this.endsMidLine && this.unreadable === 0) {
      // The file has lines, but none continues the log: they belong to another segment.
      if (this.offset > 0 && this.goodOffset === 0) throw this.fault(this.n + 1, this.segment);
      return undefined;
    }
    const { file } = this.current;
    const bytes = readPlain(file).subarray(this.goodOffset);
    if (holdsOlder(bytes, this.n)) throw damagedEnd(this.n + 1, file);
    return { file, after: this.n, bytes };
  }

  /** The place right behind the last commit that counted. */
  get end(): LogEnd {
    return { segment: this.segment, offset: this.goodOffset, n: this.n, sha: this.sha };
  }

  path(segment: number): string {
    return segmentPath(this.directory, segment);
  }

  /** Whether the log has whole lines that weren't read yet. */
  isBehind(): boolean {
    return !this.endsMidLine && this.current.size(this.offset) > this.offset;
  }

  /** Reads the commits that any process has written since. Costs one `stat` where there are none. */
  catchUp(onCommit?: OnCommit): void {
    for (let isFurther = true; isFurther; ) isFurther = this.catchUpSegment(onCommit);
  }

  /** The same in one segment. Returns whether it has ended, so that another one may follow. */
  catchUpSegment(onCommit?: OnCommit): boolean {
    if (this.isMissed) throw new Rewritten();
    const size = this.current.size(this.offset);
    if (size <= this.offset && !this.endsMidLine) return false;
    const before = this.segment;
    this.readLines(this.current.read(this.offset, size), onCommit);
    return this.segment !== before;
  }

  /**
   * Appends one commit. Returns false where another process was first; its commits have then been read. A barrier makes
   * every other process that comes upon it open the home again.
   */
  append(draft: CommitDraft, onCommit: OnCommit, isBarrier = false): boolean {
    const writer = `${this.writer}.${++this.written}`;
    const { commit, bytes: line, sha } = writeCommit({ n: this.n + 1, prev: this.sha, writer, ...draft }, isBarrier);
    // The last line may be a refused commit that lacks only its line feed. "#" spoils it, so that it never counts.
    const bytes = this.endsMidLine ? Buffer.concat([Buffer.from('#\n'), line]) : line;
    const startsLine = !this.endsMidLine;
    this.current.append(bytes, { end: this.goodOffset, last: this.lastBytes });
    try {
      const size = this.current.size(this.offset);
      if (startsLine && size === this.offset + bytes.length) {
        this.offset = size;
        this.unreadable = 0;
        this.take({ n: commit.n, sha, isSeal: commit.seal === true }, bytes.length, true);
        onCommit(commit);
        return true;
      }
      const taken: string[] = [];
      this.readLines(this.current.read(this.offset, size), onCommit, (itsSha) => taken.push(itsSha));
      return taken.includes(sha);
    } catch (error) {
      // The next call reads the home again. This call only has to tell whether its commit was kept.
      this.isMissed = error instanceof Rewritten;
      if (this.isMissed && isKept(this.current.file, sha)) return true;
      throw error;
    }
  }

  /** Seals the segment once it is large, so that opening the log stays fast. */
  sealIfLarge(at: string, by: string, onCommit: OnCommit): void {
    if (this.offset >= this.segmentBytes) this.append({ at, by, events: [], seal: true }, onCommit);
  }

  /** Seals the segment unless it is empty. Another process may seal it first. */
  seal(at: string, by: string, onCommit: OnCommit): void {
    const { segment } = this;
    while (this.segment === segment && this.offset > 0) this.append({ at, by, events: [], seal: true }, onCommit);
  }

  /** Gives every commit from number `from` to `to`, with its size in bytes. Throws where one is missing or damaged. */
  replay(from: number, to: number, onCommit: (commit: Commit, bytes: number) => void): void {
    if (from > to) return;
    const sha = replayLog(this.directory, from, to, (commit, bytes) =>
      this.takeIn(commit.n, () => onCommit(commit, bytes)),
    );
    if (to === this.n && sha !== this.sha) throw this.fault(to, this.segment);
  }

  /**
   * Runs what a commit asks for. Throws where this version can't do it: even a whole commit may hold something unknown.
   */
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

  /**
   * Reads whole lines. A line with a number that was read before lost a race, and is skipped. An unreadable line is
   * skipped too, if the commit that follows it continues the log.
   */
  private readLines(bytes: Buffer, onCommit?: OnCommit, onSha?: (sha: string) => void): void {
    const { lines, rest } = splitLines(bytes);
    const segment = this.segment;
    for (const line of lines) {
      const head = readHead(line);
      // The line no longer names the erased person, so memory can't be told whom to erase.
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
      // Lines that late writers appended behind a seal were never acknowledged.
      if (this.segment !== segment) return;
    }
    this.endsMidLine = rest.length > 0;
  }

  private give(line: Buffer, head: LineHead, onCommit: OnCommit): void {
    const commit = parseLine(line, head);
    if (!commit) throw this.fault(head.n, this.segment);
    this.takeIn(head.n, () => onCommit(commit));
  }

  private take({ n, sha, isSeal }: Pick<LineHead, 'n' | 'sha' | 'isSeal'>, bytes: number, isOurs = false): void {
    this.n = n;
    this.sha = sha;
    this.position += bytes;
    this.goodOffset = this.offset;
    this.lastBytes = bytes;
    if (isSeal) this.startSegment(isOurs);
  }

  private startSegment(isOurs: boolean): void {
    this.close();
    this.segment = this.n + 1;
    this.segments.add(this.segment);
    this.current = new SegmentFile(this.directory, this.segment, isOurs);
    this.offset = 0;
    this.goodOffset = 0;
    this.endsMidLine = false;
    this.unreadable = 0;
  }

  private fault(n: number, segment: number): AppError {
    return damaged(n, this.path(segment));
  }
}
