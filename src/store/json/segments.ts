import fs from 'node:fs';
import path from 'node:path';
import { syncDirectory } from './files.ts';

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

/**
 * Makes a segment's entry durable, and before it the seal that it stands behind, whoever made them: what is
 * acknowledged next stands on both.
 */
export function syncSegments(directory: string, segment: number): void {
  const before = listSegments(directory).findLast((first) => first < segment);
  if (before !== undefined) {
    const fd = fs.openSync(segmentPath(directory, before), 'r+');
    try {
      fs.fdatasyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  }
  syncDirectory(directory);
}
