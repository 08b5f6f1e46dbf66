import { createHash } from 'node:crypto';

/**
 * The heads of the log, one for each commit: the SHA-256 in hex of the commit's digest, a space, and the decision log's
 * hash as of that commit. Both are chained, so that a head stands for everything before it. An erasure keeps both, so
 * that earlier heads stay valid.
 */
export class Heads {
  /** The head as of the newest commit; undefined before the first. */
  newest: string | undefined;
  /** The commit that has the expected head; undefined where none has it. */
  expectedAt: number | undefined;
  private readonly expected: string | undefined;

  constructor(expected: string | undefined) {
    this.expected = expected;
  }

  take(n: number, sha: string, decisions: string): void {
    this.newest = createHash('sha256').update(`${sha} ${decisions}`).digest('hex');
    if (this.newest === this.expected) this.expectedAt = n;
  }
}
