import { readPlain } from '../../../files/durable.ts';
import { type Commit, numberOf, readLine, splitLines } from '../../log/commit.ts';
import { damaged } from './faults.ts';
import { listSegments, segmentPath } from './segments.ts';

/**
 * Gives every commit from number `from` to `to`, with its size in bytes. Returns the digest of the last one. Throws
 * AppError STORE_ERROR where a commit is missing, damaged, or doesn't follow the one before it.
 */
export function replayLog(
  directory: string,
  from: number,
  to: number,
  onCommit: (commit: Commit, bytes: number) => void,
): string | undefined {
  const segments = listSegments(directory).filter((segment) => segment <= to);
  const start = segments.findLastIndex((segment) => segment <= from);
  let next = from;
  let sha = from === 1 ? '' : undefined;
  for (const segment of segments.slice(Math.max(0, start))) {
    const file = segmentPath(directory, segment);
    if (segment > from && segment !== next) throw damaged(next, file);
    for (const line of splitLines(readPlain(file)).lines) {
      const number = numberOf(line);
      if (number === undefined || number < next || number > to) continue;
      const read = readLine(line);
      if (!read) continue;
      if (number > next || read.commit.prev !== (sha ?? read.commit.prev)) throw damaged(next, file);
      onCommit(read.commit, line.length + 1);
      sha = read.sha;
      next += 1;
    }
  }
  if (next <= to) throw damaged(next, segmentPath(directory, segments.at(-1) ?? 1));
  return sha;
}
