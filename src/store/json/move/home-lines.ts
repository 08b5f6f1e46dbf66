import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { openPlain } from '../../../files/durable.ts';
import { readHead } from '../../log/commit.ts';
import type { LinePrint, LogLine } from '../../move/place.ts';
import { damaged } from '../log/faults.ts';
import { listSegments, segmentPath } from '../log/segments.ts';

/** So many bytes of a segment are read at once, and so many bytes of lines are given together. */
const PIECE = 1 << 20;
const BATCH = 2 << 20;
const FEED = 10;

/** The whole lines of a file, one by one: neither the file nor what follows the last line feed has to fit in memory. */
export function* wholeLines(file: string): Generator<Buffer> {
  const fd = openPlain(file);
  try {
    let begun: Buffer[] = [];
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE);
      const bytes = piece.subarray(0, fs.readSync(fd, piece));
      if (bytes.length === 0) return;
      let start = 0;
      for (let end = bytes.indexOf(FEED); end !== -1; end = bytes.indexOf(FEED, start)) {
        const rest = bytes.subarray(start, end);
        yield begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
        begun = [];
        start = end + 1;
      }
      if (start < bytes.length) begun.push(bytes.subarray(start));
    }
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * The lines of a log that count, from commit `from` on: of several with one number the first, and none behind a seal. Throws
 * AppError STORE_ERROR where one is missing or doesn't follow the one before. What can't be read at the end isn't given.
 */
export function* countingLines(directory: string, from: number): Generator<LogLine> {
  const segments = listSegments(directory);
  let last: { n: number; sha: string } | undefined;
  for (const first of segments.slice(
    Math.max(
      0,
      segments.findLastIndex((segment) => segment <= from),
    ),
  )) {
    const file = segmentPath(directory, first);
    last ??= { n: first - 1, sha: '' };
    if (first !== last.n + 1) throw damaged(last.n + 1, file);
    for (const bytes of wholeLines(file)) {
      const head = readHead(bytes);
      if (!head || head.n <= last.n) continue;
      if (head.n !== last.n + 1 || (last.sha !== '' && head.prev !== last.sha)) throw damaged(last.n + 1, file);
      const { n, sha, isSeal } = head;
      last = { n, sha };
      if (n >= from) yield { n, sha, isSeal, bytes };
      if (isSeal) break;
    }
  }
}

/** Gives things some at a time, with a turn for other work in between: as many as have so many bytes together. */
async function* inBatches<T>(things: Iterable<T>, bytesOf: (thing: T) => number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const thing of things) {
    batch.push(thing);
    bytes += bytesOf(thing);
    if (bytes < BATCH) continue;
    yield batch;
    batch = [];
    bytes = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (batch.length > 0) yield batch;
}

function* printsOf(lines: Iterable<LogLine>, to: number): Generator<LinePrint & { size: number }> {
  for (const { n, bytes } of lines) {
    if (n > to) return;
    yield { n, print: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
  }
}

/** The lines of a folder's log, as a place of a move gives them. */
export function logLinesIn(directory: string) {
  return {
    lines: (from: number) => inBatches(countingLines(directory, from), ({ bytes }) => bytes.length + 100),
    prints: (to: number) => inBatches(printsOf(countingLines(directory, 1), to), ({ size }) => size + 100),
  };
}
