import fs from 'node:fs';
import path from 'node:path';
import { openPlain, syncDirectory } from '../../../files/durable.ts';

const SEGMENT = /^(\d{12})\.jsonl$/;

/** The file of the segment that begins with commit `first`. */
export function segmentPath(directory: string, first: number): string {
  return path.join(directory, `${String(first).padStart(12, '0')}.jsonl`);
}

/** The first commit numbers of the segments on disk, in order. */
export function listSegments(directory: string): number[] {
  const names = fs.readdirSync(directory);
  return names.flatMap((name) => (SEGMENT.test(name) ? [Number(name.slice(0, 12))] : [])).sort((a, b) => a - b);
}

/** Where the commits of a segment end, and the length of the last one, in bytes. */
export type Commits = { end: number; last: number };

/** This many bytes at a file's end are written again; more where the last line is longer. */
const TAIL = 64 << 10;

/**
 * Writes the end of a segment again, unchanged. After a failed sync, the system may drop pages that never reached the
 * disk, and a process that opens the file later isn't told. Once written again, these pages reach the disk with the
 * next sync, or make that sync fail too.
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

/** Makes the seal durable that a new commit depends on, whoever wrote it. */
export function syncSegmentBefore(directory: string, segment: number): void {
  const before = listSegments(directory).findLast((first) => first < segment);
  if (before === undefined) return;
  withFile(segmentPath(directory, before), (fd) => {
    rewriteEnd(fd, fs.fstatSync(fd).size);
    fs.fdatasyncSync(fd);
  });
}

/**
 * Makes the directory entry of a new commit's segment durable, whoever wrote it. The earlier commits of the segment are
 * only written again: the sync of the new commit makes them durable.
 */
export function syncSegment(directory: string, segment: number, commits: Commits): void {
  withFile(segmentPath(directory, segment), (fd) => rewriteEnd(fd, commits.end, commits.last));
  syncDirectory(directory);
}
