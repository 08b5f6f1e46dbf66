import fs from 'node:fs';
import { errorCode, readPlain } from '../../../files/durable.ts';
import { claimsOf, readHead, splitLines } from '../../log/commit.ts';
import { damaged } from './faults.ts';
import { endOfFile, isRewritten, readSlice } from './segment-file.ts';
import { listSegments, segmentPath } from './segments.ts';

/**
 * A place in the log, right behind commit `n`, whose digest is `sha`. `offset` is a number of bytes in the file of
 * `segment`; that file may not exist yet.
 */
export type LogEnd = { segment: number; offset: number; n: number; sha: string };

/** A last segment of more bytes than this (after a bulk import) isn't read again from its start. */
const LARGE = 2 << 20;

/** The end of a rewritten line, with the digest of the line before its rewriting, and the length of that end. */
const WAS = /,"was":"([A-Za-z0-9_-]{22})"(?:,"root":"[A-Za-z0-9_-]{22}")?,"sha":"[A-Za-z0-9_-]{22}"\}\n$/;
const END_LENGTH = 3 * (',"root":""'.length + 22) + '}\n'.length;

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function endOfLine(sha: string): string {
  return `,"sha":"${sha}"}\n`;
}

/** Whether a file's line that ends at an offset is the one with this digest, rewritten or not. */
function endsAt(file: string, offset: number, sha: string): boolean {
  const end = readSlice(file, offset - END_LENGTH, offset).toString('latin1');
  return end.endsWith(endOfLine(sha)) || WAS.exec(end)?.[1] === sha;
}

/** Whether the end of a segment's file holds the line with this digest: the seal before the next segment. */
function endsIn(file: string, sha: string): boolean {
  const end = endOfFile(file);
  return end.includes(endOfLine(sha)) || end.includes(`],"seal":true,"was":"${sha}",`);
}

/** The digest of commit `n` in a segment's file, wherever the commit stands. */
function shaIn(file: string, n: number): string | undefined {
  // Several lines may have the same number. The first one counts; the others lost a race or came too late.
  for (const line of splitLines(readPlain(file)).lines) {
    const head = readHead(line);
    if (head?.n === n) return head.sha;
  }
  return undefined;
}

/** Whether the log still has the commit right before a place. */
export function holds(directory: string, { segment, offset, n, sha }: LogEnd): boolean {
  if (n === 0) return true;
  try {
    if (offset > 0) {
      const file = segmentPath(directory, segment);
      if (endsAt(file, offset, sha)) return true;
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

/** The digest that the first line of a file names as the one before. The line may be cut short. */
function prevOf(file: string): string | undefined {
  return /^\{"n":\d+,"prev":"([A-Za-z0-9_-]{22})",/.exec(readSlice(file, 0, 64).toString('latin1'))?.[1];
}

/** The digest of the last commit before a segment. */
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
 * Whether the unreadable end of the log holds more than the commit after `n`. It does where a line has no number, since
 * every writer begins with one, and where a number is higher, since its writer had read the commit after `n`.
 */
export function holdsOlder(bytes: Buffer, n: number): boolean {
  const { lines, rest } = splitLines(bytes);
  const claims = [...lines, rest].filter((line) => line.length > 0).map(claimsOf);
  const nameless = claims.slice(0, rest.length > 0 ? -1 : undefined).filter(({ length }) => length === 0);
  return claims.flat().some((claim) => claim > n + 1) || (nameless.length > 0 && claims.length > 1);
}

/**
 * Where to start reading in order to find the log's end: the start of the last segment, or, in a large one, the end
 * that was known before.
 */
export function startOf(directory: string, known: LogEnd | undefined): LogEnd {
  const last = listSegments(directory).at(-1) ?? 1;
  const isNear = known !== undefined && (known.segment > last || (known.segment === last && known.offset > LARGE));
  const file = segmentPath(directory, last);
  // In a rewritten segment the lines have moved, so the known offset says nothing.
  if (isNear && sizeOf(file) > LARGE && !isRewritten(file) && holds(directory, known)) return known;
  return { segment: last, offset: 0, n: last - 1, sha: last > 1 ? shaBefore(directory, last) : '' };
}
