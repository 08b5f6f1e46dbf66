import fs from 'node:fs';
import path from 'node:path';
import { openPlain, syncDirectory } from '../../../files/durable.ts';

const SEGMENT = /^(\d{12})\.jsonl$/;

/** The file of the segment that begins with commit `first`. */
export function segmentPath(directory: string, first: number): string {
  return path.join(directory, `${String(first).padStart(12, '0')}.jsonl`);
}

/** First commit numbers of the segments on disk, in order. */
export function listSegments(directory: string): number[] {
  const names = fs.readdirSync(directory);
  return names.flatMap((name) => (SEGMENT.test(name) ? [Number(name.slice(0, 12))] : [])).sort((a, b) => a - b);
}

/** Where a segment's commits end, and the length of the last. */
export type Commits = { end: number; last: number };

/** As much of a file's end is written again; a longer last line whole. */
const TAIL = 64 << 10;

/**
 * Writes the end of a segment again, as it is. When a sync fails, the system may forget the pages that the disk didn't get,
 * and who opens the file later isn't told: written again, they go with the next sync, or make it fail too.
 */
function rewriteEnd(fd: number, end: number, last = 0): void {
  const bytes = Buffer.allocUnsafe(Math.min(end, Math.max(TAIL, last)));
  const from = end - bytes.length;
  const whole = bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, from));
  if (fs.writeSync(fd, whole, 0, whole.length, from) === whole.length) return;
  throw Object.assign(new Error('a short write'), { code: 'ENOSPC' });
}

function withFile(file: string, work: (fd: number) => void): void {
  const fd = openPlain(file, fs.constants.O_RDWR);
  try {
    work(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * What is acknowledged next in a segment stands on its entry, on its commits so far, and on the seal before it, whoever
 * made them. Makes all of it durable, but for the commits, which the writer's next sync takes along.
 */
export function syncSegments(directory: string, segment: number, commits: Commits): void {
  const before = listSegments(directory).findLast((first) => first < segment);
  if (before !== undefined) {
    withFile(segmentPath(directory, before), (fd) => {
      rewriteEnd(fd, fs.fstatSync(fd).size);
      fs.fdatasyncSync(fd);
    });
  }
  withFile(segmentPath(directory, segment), (fd) => rewriteEnd(fd, commits.end, commits.last));
  syncDirectory(directory);
}
