import fs from 'node:fs';
import type { AppError } from '../../domain/errors.ts';
import { type Commit, numberOf, type ReadCommit, readLine, splitLines, writeLine } from './commit.ts';
import { errorCode } from './files.ts';
import { damaged, replaced, unconfirmed } from './log-faults.ts';
import { listSegments, segmentPath, syncBefore } from './segments.ts';

/** A segment ends with the commit that takes it past this many bytes. */
const SEGMENT_BYTES = 1 << 20;

export type OnCommit = (commit: Commit) => void;
/** The newest commit, found unreadable when the log was opened. */
export type SetAside = { file: string; after: number; bytes: Buffer };

/**
 * The truth: numbered commits, one a line, appended to segments named by their first number. A line counts only if it
 * is whole and its number follows the last one that counted, so the order in the file decides every race and no lock is
 * needed. This relies on `write` with O_APPEND being atomic, as it is on local file systems.
 */
export class CommitLog {
  readonly directory: string;
  n = 0;
  private sha = '';
  private readonly writer: string;
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

  /** `writer` names this process among all that ever write here; one that only reads needs none. */
  constructor(directory: string, writer = '') {
    this.directory = directory;
    this.writer = writer;
  }

  /** Finds the end of the log; gives back a newest commit that can't be read. */
  open(): SetAside | undefined {
    const first = this.segments().at(-1) ?? 1;
    this.segment = first;
    this.n = first - 1;
    this.sha = first > 1 ? this.lastShaBefore(first) : '';
    this.catchUp(() => undefined);
    for (let tries = 0; this.ragged && tries < 5; tries++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      this.catchUp(() => undefined);
    }
    if (!this.ragged && this.unreadable === 0) return undefined;
    const file = this.path(this.segment);
    return { file, after: this.n, bytes: fs.readFileSync(file).subarray(this.goodOffset) };
  }

  /** First commit numbers of the segments on disk, in order. */
  segments(): number[] {
    return listSegments(this.directory);
  }

  path(segment: number): string {
    return segmentPath(this.directory, segment);
  }

  /** Reads what was committed since, by any process. Costs one `stat` when there is nothing. */
  catchUp(onCommit: OnCommit): void {
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
    this.makeDurable(fd);
    if (clean && this.sizeOfSegment() === this.offset + bytes.length) {
      this.offset += bytes.length;
      this.unreadable = 0;
      this.take({ commit, sha }, onCommit);
      return true;
    }
    let won = false;
    this.readOn(sha, onCommit, () => {
      won = true;
    });
    return won;
  }

  /** Ends the segment once it is large, so that opening stays cheap. */
  sealIfLarge(at: string, by: string, onCommit: OnCommit): boolean {
    if (this.offset < SEGMENT_BYTES) return false;
    return this.append({ at, by, events: [], seal: true }, onCommit);
  }

  /** Every commit from number `from` on, up to the end as last read; throws where one is missing or damaged. */
  replay(from: number, onCommit: OnCommit): void {
    const segments = this.segments().filter((segment) => segment <= this.n);
    const start = segments.findLastIndex((segment) => segment <= from);
    let next = from;
    for (const segment of segments.slice(Math.max(0, start))) {
      for (const line of splitLines(fs.readFileSync(this.path(segment))).lines) {
        const number = numberOf(line);
        if (number === undefined || number < next || next > this.n) continue;
        const read = readLine(line);
        if (!read) continue;
        if (number > next) throw this.fault(next, segment);
        onCommit(read.commit);
        next += 1;
      }
    }
    if (next <= this.n) throw this.fault(next, segments.at(-1) ?? 1);
  }

  close(): void {
    if (this.fd !== undefined) fs.closeSync(this.fd);
    this.fd = undefined;
  }

  private makeDurable(fd: number): void {
    try {
      fs.fdatasyncSync(fd);
    } catch (error) {
      throw unconfirmed(errorCode(error) ?? String(error));
    }
  }

  private readOn(sha: string, onCommit: OnCommit, onOurs: () => void): void {
    const size = this.sizeOfSegment();
    this.readLines(this.readBytes(size), (commit, itsSha) => {
      if (itsSha === sha) onOurs();
      onCommit(commit);
    });
  }

  /** Takes in whole lines; what doesn't follow is a race's loser, what can't be read must be followed by what does. */
  private readLines(bytes: Buffer, onCommit: (commit: Commit, sha: string) => void): void {
    const { lines, rest } = splitLines(bytes);
    const segment = this.segment;
    for (const line of lines) {
      this.offset += line.length + 1;
      if (line.length === 0) continue;
      const read = readLine(line);
      if (!read) {
        this.unreadable += line.length + 1;
        continue;
      }
      if (read.commit.n <= this.n) continue;
      if (read.commit.n > this.n + 1 || read.commit.prev !== this.sha) throw this.fault(this.n + 1, segment);
      this.unreadable = 0;
      this.take(read, (commit) => onCommit(commit, read.sha));
      // What a late writer appended behind a seal was never acknowledged.
      if (this.segment !== segment) return;
    }
    this.ragged = rest.length > 0;
  }

  private take(read: ReadCommit, onCommit: OnCommit): void {
    this.n = read.commit.n;
    this.sha = read.sha;
    this.goodOffset = this.offset;
    if (read.commit.seal) this.startSegment();
    onCommit(read.commit);
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
    const isNew = !fs.existsSync(file);
    this.fd = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT, 0o600);
    if (isNew) syncBefore(this.directory, this.segment);
    this.sizeOfSegment();
    return this.fd;
  }

  private lastShaBefore(first: number): string {
    const before = this.segments()
      .filter((segment) => segment < first)
      .at(-1);
    if (before === undefined) throw this.fault(1, first);
    const lines = splitLines(fs.readFileSync(this.path(before))).lines;
    // Of lines with one number the first counts; late writers' may stand behind it.
    for (const line of lines) {
      if (numberOf(line) !== first - 1) continue;
      const read = readLine(line);
      if (read) return read.sha;
    }
    throw this.fault(first - 1, before);
  }

  private fault(n: number, segment: number): AppError {
    return damaged(n, this.path(segment));
  }
}
