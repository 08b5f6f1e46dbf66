import { hash } from 'node:crypto';
import fs from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { openPlain } from '../../../files/durable.ts';
import { segmentPath } from '../log/segments.ts';

/** So many bytes are read before other calls of the process get their turn. */
const PIECE = 4 << 20;
/** So many bytes at a segment's end tell it from what it was before an erasure: the seal is rewritten too. */
const END = 512;

function digestOf(bytes: Buffer): string {
  return hash('sha256', bytes, 'base64url').slice(0, 22);
}

/** What tells a sealed segment from what it was before an erasure: its size, and the digest of its end. */
export type SegmentPrint = { bytes: number; end: string };

/** One segment's file as it was when it was opened, whoever replaces it meanwhile. */
export class SegmentReader {
  readonly file: string;
  readonly first: number;
  readonly bytes: number;
  readonly inode: number;
  private readonly fd: number;
  private bound: SegmentPrint | undefined;

  constructor(directory: string, first: number) {
    this.first = first;
    this.file = segmentPath(directory, first);
    this.fd = openPlain(this.file);
    const { size, ino } = fs.fstatSync(this.fd);
    this.bytes = size;
    this.inode = ino;
  }

  get print(): SegmentPrint {
    this.bound ??= { bytes: this.bytes, end: digestOf(this.read(Math.max(0, this.bytes - END), this.bytes)) };
    return this.bound;
  }

  read(from: number, to: number): Buffer {
    const bytes = Buffer.allocUnsafe(to - from);
    return bytes.subarray(0, fs.readSync(this.fd, bytes, 0, bytes.length, from));
  }

  /** Reads the whole file, letting other calls run in between. */
  async readAll(): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(this.bytes);
    for (let at = 0; at < bytes.length; ) {
      const read = fs.readSync(this.fd, bytes, at, Math.min(PIECE, bytes.length - at), at);
      if (read === 0) return bytes.subarray(0, at);
      at += read;
      await turn();
    }
    return bytes;
  }

  /** Whether no erasure has put another file in the place of this one. */
  isInPlace(): boolean {
    return fs.statSync(this.file, { throwIfNoEntry: false })?.ino === this.inode;
  }

  close(): void {
    fs.closeSync(this.fd);
  }
}
