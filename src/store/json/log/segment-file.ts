import fs from 'node:fs';
import { makeDurable, openPlain, readPlain } from '../../../files/durable.ts';
import { readHead, splitLines } from '../../log/commit.ts';
import { Rewritten, replaced } from './faults.ts';
import { type Commits, segmentPath, syncSegment, syncSegmentBefore } from './segments.ts';

/** Bytes at the end of a segment, enough for its seal and for the lines of late writers behind it. */
const WINDOW = 64 << 10;

function readFrom(fd: number, from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, to - from));
  return bytes.subarray(0, bytes.length === 0 ? 0 : fs.readSync(fd, bytes, 0, bytes.length, from));
}

/** The bytes of a file from offset `from` to offset `to`; fewer where the file ends before. */
export function readSlice(file: string, from: number, to: number): Buffer {
  const fd = openPlain(file);
  try {
    return readFrom(fd, Math.max(0, from), to);
  } finally {
    fs.closeSync(fd);
  }
}

/** The end of a segment's file, which holds the seal; empty where there is no such file. */
export function endOfFile(file: string): Buffer {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return size === 0 ? Buffer.alloc(0) : readSlice(file, size - WINDOW, size);
}

/** Whether an erasure rewrote a segment. The seal tells, because it is rewritten along with any other line. */
export function isRewritten(file: string): boolean {
  return splitLines(endOfFile(file)).lines.some((line) => {
    const head = readHead(line);
    return head?.isSeal === true && head.isRewritten;
  });
}

/**
 * Whether a segment has the commit with a digest. Of several lines with one number the first counts, and none does behind
 * the seal.
 */
export function isKept(file: string, sha: string): boolean {
  let n = 0;
  for (const line of splitLines(readPlain(file)).lines) {
    const head = readHead(line);
    if (!head || head.n <= n) continue;
    n = head.n;
    if (head.sha === sha) return true;
    if (head.isSeal) return false;
  }
  return false;
}

/**
 * The segment that this process reads and appends to. Its file stays open, so that no other file can get its inode
 * number. Throws `Rewritten` where an erasure has replaced the file, AppError STORE_ERROR where anything else has.
 */
export class SegmentFile {
  readonly file: string;
  private readonly directory: string;
  private readonly first: number;
  /**
   * This process has sealed the segment before, and the sync of that seal covers all of it: the segment's end was written
   * again when this process opened it, and any write that failed since would have failed that sync too.
   */
  private readonly isBehindOwnSeal: boolean;
  private reader: number | undefined;
  private writer: number | undefined;
  private inode = 0;

  constructor(directory: string, first: number, isBehindOwnSeal = false) {
    this.directory = directory;
    this.first = first;
    this.isBehindOwnSeal = isBehindOwnSeal;
    this.file = segmentPath(directory, first);
  }

  /** The size of the file in bytes, 0 where there is none yet. `read` is how much was read: a shorter file was cut. */
  size(read: number): number {
    const stat = fs.lstatSync(this.file, { throwIfNoEntry: false });
    if (!stat && this.inode === 0) return 0;
    this.reader ??= this.open();
    if (stat?.ino !== this.inode) throw this.changed();
    if (stat.size < read) throw replaced(this.file);
    return stat.size;
  }

  /** Reads bytes that `size` has counted. */
  read(from: number, to: number): Buffer {
    return to <= from || this.reader === undefined ? Buffer.alloc(0) : readFrom(this.reader, from, to);
  }

  /** Writes the bytes in one piece. Returns once they are on disk, and with them the commits before. */
  append(bytes: Buffer, commits: Commits): void {
    this.writer ??= this.openForAppending(commits);
    const count = fs.writeSync(this.writer, bytes);
    if (count !== bytes.length) throw Object.assign(new Error('a short write'), { code: 'ENOSPC' });
    makeDurable(this.writer);
  }

  close(): void {
    for (const fd of [this.reader, this.writer]) if (fd !== undefined) fs.closeSync(fd);
    this.reader = undefined;
    this.writer = undefined;
  }

  private openForAppending(commits: Commits): number {
    const fd = this.open(fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT);
    try {
      if (!this.isBehindOwnSeal) syncSegmentBefore(this.directory, this.first);
      syncSegment(this.directory, this.first, commits);
      return fd;
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  private open(flags?: number): number {
    const fd = openPlain(this.file, flags);
    const { ino } = fs.fstatSync(fd);
    if (this.inode === 0) this.inode = ino;
    if (ino === this.inode) return fd;
    fs.closeSync(fd);
    throw this.changed();
  }

  private changed(): Error {
    return isRewritten(this.file) ? new Rewritten() : replaced(this.file);
  }
}
