import fs from 'node:fs';
import { errorCode, readPlain } from '../../../files/durable.ts';
import { claimsOf, readHead, splitLines } from './commit.ts';
import { damaged } from './faults.ts';
import { endOfFile, isRewritten, readSlice } from './segment-file.ts';
import { listSegments, segmentPath } from './segments.ts';

/** A place in the log: behind commit `n`, whose digest is `sha`. `segment` may still have to be made. */
export type LogEnd = { segment: number; offset: number; n: number; sha: string };

/** A last segment larger than this, after a bulk import, isn't read again from its start. */
const LARGE = 2 << 20;
function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function endOfLine(sha: string): string {
  return `,"sha":"${sha}"}\n`;
}

/** Whether the segment's end holds the line of a digest: the seal that the next segment stands behind. */
function endsIn(file: string, sha: string): boolean {
  const end = endOfFile(file);
  return end.includes(endOfLine(sha)) || end.includes(`],"seal":true,"was":"${sha}","sha":"`);
}

/** The digest that a commit of a segment has, wherever it stands. */
function shaIn(file: string, n: number): string | undefined {
  // Of lines with one number the first counts; late writers' may stand behind it.
  for (const line of splitLines(readPlain(file)).lines) {
    const head = readHead(line);
    if (head?.n === n) return head.sha;
  }
  return undefined;
}

/** Whether the log has the commit that a place stands behind. */
export function holds(directory: string, { segment, offset, n, sha }: LogEnd): boolean {
  if (n === 0) return true;
  try {
    if (offset > 0) {
      const end = Buffer.from(endOfLine(sha));
      const file = segmentPath(directory, segment);
      if (readSlice(file, offset - end.length, offset).equals(end)) return true;
      return isRewritten(file) && shaIn(file, n) === sha;
    }
    const before = listSegments(directory).findLast((first) => first < segment);
    if (before === undefined) return false;
    const file = segmentPath(directory, before);
    // A late writer's long line may stand behind the seal, so that the end shows nothing of it.
    return endsIn(file, sha) || shaIn(file, n) === sha;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** What the first line of a segment follows, whole or not. */
function prevOf(file: string): string | undefined {
  return /^\{"n":\d+,"prev":"([A-Za-z0-9_-]{22})",/.exec(readSlice(file, 0, 64).toString('latin1'))?.[1];
}

/** The digest of the commit that a segment stands behind. */
function shaBefore(directory: string, first: number): string {
  const before = listSegments(directory).findLast((segment) => segment < first);
  if (before === undefined) throw damaged(1, segmentPath(directory, first));
  const file = segmentPath(directory, before);
  const told = prevOf(segmentPath(directory, first));
  if (told !== undefined && endsIn(file, told)) return told;
  const sha = shaIn(file, first - 1);
  if (sha === undefined) throw damaged(first - 1, file);
  return sha;
}

/**
 * Whether an end that can't be read holds more than one commit: a line without a number was no writer's, and who wrote a
 * number beyond the next had read that one.
 */
export function holdsOlder(bytes: Buffer, n: number): boolean {
  const { lines, rest } = splitLines(bytes);
  const claims = [...lines, rest].filter((line) => line.length > 0).map(claimsOf);
  const nameless = claims.slice(0, rest.length > 0 ? -1 : undefined).filter(({ length }) => length === 0);
  return claims.flat().some((claim) => claim > n + 1) || (nameless.length > 0 && claims.length > 1);
}

/** Where to begin to read for the log's end: at its last segment, or where an earlier reading of a large one ended. */
export function startOf(directory: string, known: LogEnd | undefined): LogEnd {
  const last = listSegments(directory).at(-1) ?? 1;
  const isNear = known !== undefined && (known.segment > last || (known.segment === last && known.offset > LARGE));
  const file = segmentPath(directory, last);
  // In a segment that was rewritten nothing stands where it stood.
  if (isNear && sizeOf(file) > LARGE && !isRewritten(file) && holds(directory, known)) return known;
  return { segment: last, offset: 0, n: last - 1, sha: last > 1 ? shaBefore(directory, last) : '' };
}
