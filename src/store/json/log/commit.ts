import { createHash } from 'node:crypto';
import type { Event } from '../../../domain/state/events.ts';

/**
 * One commit, a line of the log. `prev` is the digest of the commit before. `seal` marks the last commit of a segment.
 * `writer` is different for every attempt to write, so that two processes never write the same line, even when they
 * decide the same in the same instant.
 */
export type Commit = { n: number; prev: string; writer: string; at: string; by: string; events: Event[]; seal?: true };

/** How an erasure marks a line that it rewrote: `was` is the old digest, `erased` the stand-ins of whom it erased. */
export type Rewriting = { was: string; erased?: string[] };

/**
 * A commit as read from the log. `sha` is the digest that the next commit names. `rewriting` says that an erasure
 * rewrote the line, whose own digest is then `own`.
 */
export type ReadCommit = { commit: Commit; sha: string; own: string; rewriting?: Rewriting };

/**
 * The place of a whole, undamaged line in the log, read without parsing all of the line. A line that was rewritten to
 * erase a person keeps its old digest in the field `was`. `sha` is then that old digest, because the next line names
 * it.
 */
export type LineHead = { n: number; prev: string; sha: string; own: string; isSeal: boolean; isRewritten: boolean };

const HEAD = /^\{"n":(\d{1,15}),"prev":"([A-Za-z0-9_-]*)",/;
const CLAIM = /\{"n":(\d{1,15}),"prev":"/g;
const HEAD_LENGTH = 64;
const ERASED = Buffer.from(',"erased":[');
const TAIL = /(\],"seal":true)?(?:,"was":"([A-Za-z0-9_-]{22})")?,"sha":"([A-Za-z0-9_-]{22})"\}$/;
const SHA_LENGTH = ',"sha":"'.length + 22 + '"}'.length;
const TAIL_LENGTH = 2 * SHA_LENGTH + '],"seal":true'.length;

function digestOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The line of a commit, without its line feed: JSON that ends in the digest of everything before. */
export function writeLine(commit: Commit & Partial<Rewriting>): { line: string; sha: string } {
  const body = JSON.stringify(commit).slice(0, -1);
  const sha = digestOf(body);
  return { line: `${body},"sha":"${sha}"}`, sha };
}

/**
 * The line that replaces a commit's line in an erasure, and the line's own digest. It has other events, and names the
 * digest of the replaced line and the stand-ins. Lines that the first edition rewrote name no stand-ins.
 */
export function rewriteLine(commit: Commit, events: Event[], { was, erased }: Required<Rewriting>) {
  const { n, prev, writer, at, by, seal } = commit;
  return writeLine({ n, prev, ...{ erased }, writer, at, by, events, ...(seal ? { seal } : {}), was });
}

/** Whether a rewritten line says what the line before its rewriting said. */
export function isUnchanged({ commit, rewriting }: ReadCommit): boolean {
  const { n, prev, writer, at, by, events, seal } = commit;
  return writeLine({ n, prev, writer, at, by, events, ...(seal ? { seal } : {}) }).sha === rewriting?.was;
}

/** Reads the first fields of a line, even where the rest of the line is missing. */
function beginningOf(line: Buffer): { n: number; prev: string } | undefined {
  const found = HEAD.exec(line.toString('latin1', 0, HEAD_LENGTH));
  return found ? { n: Number(found[1]), prev: found[2] ?? '' } : undefined;
}

/** Reads the place of a line; undefined where the line isn't a whole, undamaged commit. */
export function readHead(line: Buffer): LineHead | undefined {
  const tail = TAIL.exec(line.toString('latin1', Math.max(0, line.length - TAIL_LENGTH)));
  const beginning = beginningOf(line);
  const sha = tail?.[3];
  if (!beginning || !sha || digestOf(line.subarray(0, line.length - SHA_LENGTH)) !== sha) return undefined;
  const was = tail[2];
  return { ...beginning, sha: was ?? sha, own: sha, isSeal: tail[1] !== undefined, isRewritten: was !== undefined };
}

/** The stand-ins that a rewritten line names; undefined for a line that names none, as the first edition rewrote them. */
export function erasedIn(line: Buffer): string[] | undefined {
  const start = line.subarray(0, HEAD_LENGTH + ERASED.length).indexOf(ERASED);
  if (start === -1) return undefined;
  try {
    const list: unknown = JSON.parse(line.toString('utf8', start + ERASED.length - 1, line.indexOf(']', start) + 1));
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : undefined;
  } catch {
    return undefined;
  }
}

/** Parses a line that `readHead` found whole; undefined where the commit contradicts its head. */
export function parseLine(line: Buffer, { n, prev, isSeal }: LineHead): Commit | undefined {
  try {
    const commit: Commit = JSON.parse(line.toString('utf8'));
    const isConsistent = commit.n === n && commit.prev === prev && (commit.seal === true) === isSeal;
    return isConsistent && Array.isArray(commit.events) ? commit : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a line; undefined where it isn't a whole, undamaged commit. */
export function readLine(line: Buffer): ReadCommit | undefined {
  const head = readHead(line);
  const commit = head && parseLine(line, head);
  if (!commit) return undefined;
  const { sha, own } = head;
  if (!head.isRewritten) return { commit, sha, own };
  const erased = erasedIn(line);
  return { commit, sha, own, rewriting: { was: sha, ...(erased ? { erased } : {}) } };
}

/** The commit number in the first bytes of a line; undefined where there is none. */
export function numberOf(line: Buffer): number | undefined {
  return beginningOf(line)?.n;
}

/** All commit numbers in a line. One line may hold the text of several writers, where one was cut short. */
export function claimsOf(line: Buffer): number[] {
  return [...line.toString('latin1').matchAll(CLAIM)].map((found) => Number(found[1]));
}

/** Splits bytes into whole lines, and the rest after the last line feed. */
export function splitLines(bytes: Buffer): { lines: Buffer[]; rest: Buffer } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10, start); end !== -1; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return { lines, rest: bytes.subarray(start) };
}
