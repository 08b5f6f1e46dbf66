import { createHash } from 'node:crypto';
import type { Event } from '../../../domain/state/events.ts';

/**
 * One change, as a line of the log. `prev` is the digest of the commit before; a seal ends its segment. `writer` is
 * never the same twice, so that two processes that decide the same in the same instant don't write the same line.
 */
export type Commit = { n: number; prev: string; writer: string; at: string; by: string; events: Event[]; seal?: true };

/** A commit as read, with the digest that the next one names. */
export type ReadCommit = { commit: Commit; sha: string; isRewritten: boolean };

/**
 * What a whole, undamaged line says of its place in the log; the rest of it needn't be parsed for that. A line that was
 * rewritten to forget a person keeps the digest it had, `was`, which the next one names.
 */
export type LineHead = { n: number; prev: string; sha: string; isSeal: boolean; isRewritten: boolean };

const HEAD = /^\{"n":(\d{1,15}),"prev":"([A-Za-z0-9_-]*)",/;
const CLAIM = /\{"n":(\d{1,15}),"prev":"/g;
const HEAD_LENGTH = 64;
const TAIL = /(\],"seal":true)?(?:,"was":"([A-Za-z0-9_-]{22})")?,"sha":"([A-Za-z0-9_-]{22})"\}$/;
const SHA_LENGTH = ',"sha":"'.length + 22 + '"}'.length;
const TAIL_LENGTH = 2 * SHA_LENGTH + '],"seal":true'.length;

function digestOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The line of a commit, without its line feed: JSON that ends in the digest of what stands before. */
export function writeLine(commit: Commit & { was?: string }): { line: string; sha: string } {
  const body = JSON.stringify(commit).slice(0, -1);
  const sha = digestOf(body);
  return { line: `${body},"sha":"${sha}"}`, sha };
}

/** The line of a commit that says less than it did, in the place of the one whose digest was `was`. */
export function rewriteLine({ n, prev, writer, at, by, seal }: Commit, events: Event[], was: string): string {
  return writeLine({ n, prev, writer, at, by, events, ...(seal ? { seal } : {}), was }).line;
}

/** What the beginning of a line says, whole or not. */
function beginningOf(line: Buffer): { n: number; prev: string } | undefined {
  const found = HEAD.exec(line.toString('latin1', 0, HEAD_LENGTH));
  return found ? { n: Number(found[1]), prev: found[2] ?? '' } : undefined;
}

/** Reads where a line stands; undefined where it isn't a whole, undamaged commit. */
export function readHead(line: Buffer): LineHead | undefined {
  const tail = TAIL.exec(line.toString('latin1', Math.max(0, line.length - TAIL_LENGTH)));
  const beginning = beginningOf(line);
  const sha = tail?.[3];
  if (!beginning || !sha || digestOf(line.subarray(0, line.length - SHA_LENGTH)) !== sha) return undefined;
  const was = tail[2];
  return { ...beginning, sha: was ?? sha, isSeal: tail[1] !== undefined, isRewritten: was !== undefined };
}

/** The commit of a line that `readHead` found whole; undefined where it says another thing than its first bytes. */
export function parseLine(line: Buffer, { n, prev, isSeal }: LineHead): Commit | undefined {
  try {
    const commit: Commit = JSON.parse(line.toString('utf8'));
    const isSo = commit.n === n && commit.prev === prev && (commit.seal === true) === isSeal;
    return isSo && Array.isArray(commit.events) ? commit : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a line; undefined where it isn't a whole, undamaged commit. */
export function readLine(line: Buffer): ReadCommit | undefined {
  const head = readHead(line);
  const commit = head && parseLine(line, head);
  return commit && { commit, sha: head.sha, isRewritten: head.isRewritten };
}

/** The number a line claims to have, read from its first bytes. */
export function numberOf(line: Buffer): number | undefined {
  return beginningOf(line)?.n;
}

/** Every number that a line claims, which may be several writers' in one. */
export function claimsOf(line: Buffer): number[] {
  return [...line.toString('latin1').matchAll(CLAIM)].map((found) => Number(found[1]));
}

/** Splits bytes into whole lines, and what stands after the last line feed. */
export function splitLines(bytes: Buffer): { lines: Buffer[]; rest: Buffer } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10, start); end !== -1; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return { lines, rest: bytes.subarray(start) };
}
