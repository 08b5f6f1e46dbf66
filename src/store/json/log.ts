import fs from 'node:fs';
import type { AppError } from '../../domain/errors.ts';
import {
  type Commit,
  type LineHead,
  numberOf,
  parseLine,
  readHead,
  readLine,
  splitLines,
  writeLine,
} from './commit.ts';
import { errorCode, makeDurable } from './files.ts';
import { type LogEnd, startOf } from './log-end.ts';
import { damaged, replaced } from './log-faults.ts';
import { listSegments, segmentPath, syncSegments } from './segments.ts';
import { TUNING } from './tuning.ts';

const HASH = 35;

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
  private fd: number | undefined;
  private inode = 0;
  /** Where the next line is read from. */
  private offset = 0;
  /** Bytes stand after the last line feed: a write cut short, or one under way. */
  private ragged = false;
  private unreadable = 0;
  /** Where the last commit that counted ends. */
  private goodOffset = 0;

  constructor(directory: string, { writer = '', segmentBytes = TUNING.segmentBytes }: LogOptions = {}) {
    this.directory = directory;
    this.writer = writer;
    this.segmentBytes = segmentBytes;
  }

  /** Finds the end of the log, from an end known earlier; gives back a newest commit that can't be read. */
  open(known?: LogEnd): SetAside | undefined {
    const { segment, offset, n, sha } = startOf(this.directory, known);
    this.segment = segment;
    this.offset = offset;
    this.goodOffset = offset;
    this.n = n;
    this.sha = sha;
    this.catchUp();
    // Another process may be in the middle of a write, and a large one takes its time.
    for (let tries = 0, size = 0; this.ragged && tries < 5; tries++) {
      if (size !== this.sizeOfSegment()) tries = 0;
      size = this.sizeOfSegment();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      this.catchUp();
    }
    if (!this.ragged && this.unreadable === 0) return undefined;
    const file = this.path(this.segment);
    return { file, after: this.n, bytes: fs.readFileSync(file).subarray(this.goodOffset) };
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
    return !this.ragged && this.sizeOfSegment() > this.offset;
  }

  /** Reads what was committed since, by any process. Costs one `stat` when there is nothing. */
  catchUp(onCommit?: OnCommit): void {
    for (;;) {
      const size = this.sizeOfSegment();
      if (size <= this.offset && !this.ragged) return;
      const before = this.segment;
      this.readLines(this.readBytes(size), onCommit);
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
    const fd = this.openForWriting();
    const clean = !this.ragged;
    const count = fs.writeSync(fd, bytes);
    if (count !== bytes.length) throw Object.assign(new Error('a short write'), { code: 'ENOSPC' });
    makeDurable(fd);
    if (clean && this.sizeOfSegment() === this.offset + bytes.length) {
      this.offset += bytes.length;
      this.unreadable = 0;
      this.take({ n: commit.n, prev: commit.prev, sha, isSeal: commit.seal === true }, bytes.length);
      onCommit(commit);
      return true;
    }
    let won = false;
    this.readLines(this.readBytes(this.sizeOfSegment()), onCommit, (itsSha) => {
      if (itsSha === sha) won = true;
    });
    return won;
  }

  /** Ends the segment once it is large, so that opening stays cheap. */
  sealIfLarge(at: string, by: string, onCommit: OnCommit): boolean {
    if (this.offset < this.segmentBytes) return false;
    return this.append({ at, by, events: [], seal: true }, onCommit);
  }

  /** Every commit from number `from` to `to`, with its size in bytes; throws where one is missing or damaged. */
  replay(from: number, to: number, onCommit: (commit: Commit, bytes: number) => void): void {
    if (from > to) return;
    const segments = listSegments(this.directory).filter((segment) => segment <= to);
    const start = segments.findLastIndex((segment) => segment <= from);
    let next = from;
    for (const segment of segments.slice(Math.max(0, start))) {
      for (const line of splitLines(fs.readFileSync(this.path(segment))).lines) {
        const number = numberOf(line);
        if (number === undefined || number < next || next > to) continue;
        const read = readLine(line);
        if (!read) continue;
        if (number > next) throw this.fault(next, segment);
        onCommit(read.commit, line.length + 1);
        next += 1;
      }
    }
    if (next <= to) throw this.fault(next, segments.at(-1) ?? 1);
  }

  close(): void {
    if (this.fd !== undefined) fs.closeSync(this.fd);
    this.fd = undefined;
  }

  /** Takes in whole lines; what doesn't follow is a race's loser, what can't be read must be followed by what does. */
  private readLines(bytes: Buffer, onCommit?: OnCommit, onSha?: (sha: string) => void): void {
    const { lines, rest } = splitLines(bytes);
    const segment = this.segment;
    for (const line of lines) {
      this.offset += line.length + 1;
      // What a later writer spoilt was refused before.
      if (line.length === 0 || line.at(-1) === HASH) continue;
      const head = readHead(line);
      if (!head) {
        this.unreadable += line.length + 1;
        continue;
      }
      if (head.n <= this.n) continue;
      if (head.n > this.n + 1 || head.prev !== this.sha) throw this.fault(this.n + 1, segment);
      this.unreadable = 0;
      this.take(head, line.length + 1);
      onCommit?.(parseLine(line));
      onSha?.(head.sha);
      // What a late writer appended behind a seal was never acknowledged.
      if (this.segment !== segment) return;
    }
    this.ragged = rest.length > 0;
  }

  private take({ n, sha, isSeal }: LineHead, bytes: number): void {
    this.n = n;
    this.sha = sha;
    this.position += bytes;
    this.goodOffset = this.offset;
    if (isSeal) this.startSegment();
  }

  private startSegment(): void {
    this.close();
    this.segment = this.n + 1;
    this.offset = 0;
    this.goodOffset = 0;
    this.inode = 0;
    this.ragged = false;
    this.unreadable = 0;
  }

  private sizeOfSegment(): number {
    try {
      const stat = fs.statSync(this.path(this.segment));
      if (this.inode !== 0 && stat.ino !== this.inode) throw replaced(this.path(this.segment));
      if (stat.size < this.offset) throw replaced(this.path(this.segment));
      this.inode = stat.ino;
      return stat.size;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      if (this.inode !== 0) throw replaced(this.path(this.segment));
      return 0;
    }
  }

  private readBytes(size: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, size - this.offset));
    if (bytes.length === 0) return bytes;
    const fd = fs.openSync(this.path(this.segment), 'r');
    try {
      const read = fs.readSync(fd, bytes, 0, bytes.length, this.offset);
      return bytes.subarray(0, read);
    } finally {
      fs.closeSync(fd);
    }
  }

  private openForWriting(): number {
    if (this.fd !== undefined) return this.fd;
    const file = this.path(this.segment);
    this.fd = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT, 0o600);
    syncSegments(this.directory, this.segment);
    this.sizeOfSegment();
    return this.fd;
  }

  private fault(n: number, segment: number): AppError {
    return damaged(n, this.path(segment));
  }
}
