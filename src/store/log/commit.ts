import { createHash } from 'node:crypto';
import type { Event } from '../../domain/state/events.ts';
import {
  bytesOfPieces,
  type EventChange,
  freshRoot,
  freshSalt,
  isLeaf,
  type Leaf,
  leavesAfter,
  leavesOfEvent,
  shortDigest,
  writeEvent,
} from './leaves.ts';

/**
 * One commit, a line of the log. `prev` is the digest of the commit before. `seal` marks the last commit of a segment.
 * `writer` is different for every attempt to write, so that two processes never write the same line, even when they
 * decide the same in the same instant. `salt` is random: an erasure takes it. The first edition's commits have none.
 */
export type Commit = {
  n: number;
  prev: string;
  writer: string;
  at: string;
  by: string;
  salt?: string;
  events: Event[];
  seal?: true;
};

/**
 * How an erasure marks a line that it rewrote: `was` is the old digest, `erased` the stand-ins of whom it erased. With
 * `body`, the digest of the line's old text, and `leaves` the rest of the line proves itself against `was`; a line of the
 * first edition has no `body`. `kinds`, where whole events are gone, has the kinds of all that there were.
 */
export type RewriteMarks = { was: string; erased?: string[]; body?: string; leaves?: Leaf[]; kinds?: string[] };

/**
 * A commit as read from the log. `sha` is the digest that the next commit names. `rewriting` says that an erasure
 * rewrote the line, whose own digest is then `own`. `root` is the digest over the leaves of what the line said first.
 */
export type ReadCommit = { commit: Commit; sha: string; own: string; root?: string; rewriting?: RewriteMarks };

/**
 * The place of a whole, undamaged line in the log, read without parsing all of the line. A line that was rewritten to
 * erase a person keeps its old digest in the field `was`. `sha` is then that old digest, because the next line names
 * it.
 */
export type LineHead = {
  n: number;
  prev: string;
  sha: string;
  own: string;
  /** The digest of the line's text before its root. */
  body: string;
  root?: string;
  isSeal: boolean;
  isRewritten: boolean;
};

const HEAD = /^\{"n":(\d{1,15}),"prev":"([A-Za-z0-9_-]*)",/;
const CLAIM = /\{"n":(\d{1,15}),"prev":"/g;
/** So many bytes at the beginning of a line hold its number and the digest before. */
export const HEAD_LENGTH = 64;
const TAIL =
  /(\],"seal":true)?(?:,"was":"([A-Za-z0-9_-]{22})")?(?:,"root":"([A-Za-z0-9_-]{22})")?,"sha":"([A-Za-z0-9_-]{22})"\}$/;
const SHA_LENGTH = ',"sha":"'.length + 22 + '"}'.length;
const ROOT_LENGTH = ',"root":""'.length + 22;
const TAIL_LENGTH = 3 * SHA_LENGTH + '],"seal":true'.length;

/** The digest of a line: of its text, or of the text's digest and the root. */
export function lineDigest(body: string, root: string | undefined): string {
  return root === undefined ? body : shortDigest(`${body}${root}`);
}

/**
 * The line of a commit, without its line feed: JSON that ends in the digest of everything before. A commit with a salt
 * gets a root too, unless `root` brings that of the line that this one replaces.
 */
export function writeLine(commit: Commit & Partial<RewriteMarks>, knownRoot?: string): { line: string; sha: string } {
  const { bytes, sha } = writeBytes(commit, knownRoot);
  return { line: bytes.toString('utf8', 0, bytes.length - 1), sha };
}

/** The same as bytes, with the line feed. Every commit is written by it, so it has to be fast. */
function writeBytes(commit: Commit & Partial<RewriteMarks>, knownRoot?: string): { bytes: Buffer; sha: string } {
  const events = commit.events.map(writeEvent);
  const pieces: string[] = [];
  for (const [name, value] of Object.entries(commit)) {
    if (value === undefined) continue;
    pieces.push(`${pieces.length === 0 ? '{' : ','}"${name}":${name === 'events' ? '[' : JSON.stringify(value)}`);
    if (name !== 'events') continue;
    for (const [index, event] of events.entries()) {
      if (index > 0) pieces.push(',');
      for (const piece of event.pieces) pieces.push(piece);
    }
    pieces.push(']');
  }
  const body = bytesOfPieces(pieces);
  const { salt } = commit;
  const leaves = () => [commitHeader(commit), ...events.flatMap(leavesOfEvent)];
  const fresh = salt === undefined || knownRoot !== undefined ? undefined : freshRoot(salt, leaves());
  const root = knownRoot ?? fresh;
  const sha = lineDigest(shortDigest(body), root);
  const end = `${root === undefined ? '' : `,"root":"${root}"`},"sha":"${sha}"}\n`;
  return { bytes: Buffer.concat([body, Buffer.from(end)]), sha };
}

/**
 * The salt that the salts of a commit's leaves are made of. A commit of the first edition has none: its own is made of
 * its text, so that it goes with the text.
 */
export function saltOf({ salt, n, prev, writer, at, by, events, seal }: Commit): string {
  if (salt !== undefined) return salt;
  const text = JSON.stringify({ n, prev, writer, at, by, events, ...(seal ? { seal } : {}) });
  return createHash('sha256').update(`salt of ${text}`).digest('base64url');
}

/** The kinds of the events that a commit was written with: an erasure that takes whole events keeps their kinds. */
export function kindsOf({ events, kinds }: Pick<Commit & Partial<RewriteMarks>, 'events' | 'kinds'>): string[] {
  return kinds ?? events.map(({ type }) => type);
}

/** The fields of a commit beside its events, and the kinds of these, as one text. */
export function commitHeader(commit: Commit & Partial<RewriteMarks>): string {
  const { n, prev, writer, at, by, seal } = commit;
  return JSON.stringify([n, prev, writer, at, by, seal === true, ...kindsOf(commit)]);
}

/**
 * The line that replaces a commit's line in an erasure, and the line's own digest. `after` has for each event what is
 * left of it. Without stand-ins (`erased`) the line says what it said. A line of the first edition has no root: its
 * leaves are held against what was bound when the home was raised.
 */
export function rewriteLine(commit: Commit & Partial<RewriteMarks>, head: LineHead, after: Remainder) {
  const { n, prev, writer, at, by, seal, salt, leaves: known } = commit;
  const { erased, changes } = after;
  const events = changes.flatMap((change) => change.after ?? []);
  const isErased = erased.length > 0;
  const leaves = { leaves: leavesAfter(changes, { ...(known ? { known } : {}), salt: saltOf(commit) }) };
  const kinds = kindsOf(commit);
  const rest = { ...leaves, ...(kinds.length > events.length ? { kinds } : {}) };
  // A line that the first edition had erased from may only lack the stand-ins: then nothing goes now.
  const isTouched = known !== undefined || changes.some((change) => change.before !== change.after);
  const body = head.root === undefined ? {} : { body: commit.body ?? head.body };
  const proof = isErased && isTouched ? { ...body, ...rest } : {};
  const marks = { ...(salt !== undefined && !isErased ? { salt } : {}) };
  const line = { n, prev, ...{ erased }, ...proof, writer, at, by, ...marks, events, ...(seal ? { seal } : {}) };
  return writeLine({ ...line, was: head.sha }, head.root);
}

/**
 * Writes the line of a new commit, with its line feed. A barrier looks as if an erasure had rewritten it, and says what the commit says; it
 * has no salt and no root, so that the first edition can read it.
 */
export function writeCommit({ events, seal, ...fields }: Omit<Commit, 'salt'>, isBarrier: boolean) {
  const commit: Commit = { ...fields, ...(isBarrier ? {} : { salt: freshSalt() }), events, ...(seal ? { seal } : {}) };
  const { bytes, sha } = writeBytes(commit);
  const head = isBarrier ? readHead(bytes.subarray(0, -1)) : undefined;
  if (!head) return { commit, bytes, sha };
  const changes = events.map((event) => ({ before: event, after: event }));
  const { line } = rewriteLine(commit, head, { erased: [], changes });
  return { commit, bytes: Buffer.from(`${line}\n`), sha };
}

/** What an erasure leaves of a commit: the stand-ins of whom it erased, and each event before and after. */
export type Remainder = { erased: string[]; changes: EventChange[] };

/** Whether a rewritten line says what the line before its rewriting said. */
export function isUnchanged({ commit, root, rewriting }: ReadCommit): boolean {
  const { n, prev, writer, at, by, salt, events, seal } = commit;
  const marks = { ...(salt === undefined ? {} : { salt }) };
  const was = writeLine({ n, prev, writer, at, by, ...marks, events, ...(seal ? { seal } : {}) }, root);
  return was.sha === rewriting?.was;
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
  const [, seal, was, root, own] = tail ?? [];
  if (!beginning || own === undefined) return undefined;
  const body = shortDigest(line.subarray(0, line.length - SHA_LENGTH - (root === undefined ? 0 : ROOT_LENGTH)));
  if (lineDigest(body, root) !== own) return undefined;
  const marks = { isSeal: seal !== undefined, isRewritten: was !== undefined };
  return { ...beginning, sha: was ?? own, own, body, ...(root === undefined ? {} : { root }), ...marks };
}

/** Parses a line that `readHead` found whole; undefined where the commit contradicts its head. */
export function parseLine(line: Buffer | string, head: LineHead): (Commit & Partial<RewriteMarks>) | undefined {
  try {
    const commit: Commit & Partial<RewriteMarks> = JSON.parse(line.toString());
    const isConsistent = commit.n === head.n && commit.prev === head.prev && (commit.seal === true) === head.isSeal;
    return isConsistent && Array.isArray(commit.events) ? commit : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a line; undefined where it isn't a whole, undamaged commit. `text` is the same line, where it is known as text. */
export function readLine(line: Buffer, text?: string): ReadCommit | undefined {
  const head = readHead(line);
  const commit = head && parseLine(text ?? line, head);
  if (!commit) return undefined;
  const { sha, own, root } = head;
  const read = { commit, sha, own, ...(root === undefined ? {} : { root }) };
  if (!head.isRewritten) return read;
  const { erased, body, leaves, kinds } = commit;
  const isNamed = Array.isArray(erased) && erased.every((item) => typeof item === 'string');
  const isProven = Array.isArray(leaves) && leaves.every(isLeaf);
  return {
    ...read,
    rewriting: {
      was: sha,
      ...(isNamed ? { erased } : {}),
      ...(typeof body === 'string' ? { body } : {}),
      ...(isProven ? { leaves } : {}),
      ...(kinds ? { kinds } : {}),
    },
  };
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
