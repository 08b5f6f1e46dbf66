import type { ReadCommit } from './commit.ts';

/** A segment with rewritten lines. `sha256` is the digest of its bytes up to the seal. */
export type RewrittenStep = { file: string; first: number; sha256: string };
/**
 * One finding in the log: a commit that counts, a rewritten segment, a fault, or a warning. `where` names file and
 * line, `segment` is the first commit of the file.
 */
export type LogStep =
  | (ReadCommit & { where: string; segment: number })
  | { rewritten: RewrittenStep }
  | { fault: string }
  | { warning: string };
