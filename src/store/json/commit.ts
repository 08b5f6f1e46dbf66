import { createHash } from 'node:crypto';
import type { Event } from '../../domain/events.ts';

/**
 * One change, as a line of the log. `prev` is the digest of the commit before; a seal ends its segment. `writer` is
 * never the same twice, so that two processes that decide the same in the same instant don't write the same line.
 */
export type Commit = { n: number; prev: string; writer: string; at: string; by: string; events: Event[]; seal?: true };

/** A commit as read, with its own digest. */
export type ReadCommit = { commit: Commit; sha: string };

const SHA = /,"sha":"([A-Za-z0-9_-]{22})"\}$/;
const SHA_LENGTH = ',"sha":"'.length + 22 + '"}'.length;

function digestOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The line of a commit, without its line feed: JSON that ends in the digest of what stands before. */
export function writeLine(commit: Commit): { line: string; sha: string } {
  const body = JSON.stringify(commit).slice(0, -1);
  const sha = digestOf(body);
  return { line: `${body},"sha":"${sha}"}`, sha };
}

/** Reads a line; undefined where it isn't a whole, undamaged commit. */
export function readLine(line: Buffer): ReadCommit | undefined {
  const end = line.subarray(Math.max(0, line.length - SHA_LENGTH)).toString('latin1');
  const sha = SHA.exec(end)?.[1];
  if (!sha || digestOf(line.subarray(0, line.length - SHA_LENGTH)) !== sha) return undefined;
  const commit: Commit = JSON.parse(line.toString('utf8'));
  return { commit, sha };
}

/** The number a line claims to have, read from its first bytes. */
export function numberOf(line: Buffer): number | undefined {
  const digits = /^\{"n":(\d{1,15}),/.exec(line.subarray(0, 24).toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number(digits);
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
