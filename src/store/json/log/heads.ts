import { createHash } from 'node:crypto';

const HEAD = /^(\d{1,15})\.[A-Za-z0-9_-]{22}$/;

/**
 * The heads of the log, one for each commit: `12.` and 22 characters, the first 132 bits of the SHA-256 of the commit's
 * digest and the decision log's hash, in base64url. Both are chained, so that a head stands for everything before it. An
 * erasure keeps both, so that earlier heads stay valid.
 */
export class Heads {
  /** By the commit's number. */
  private readonly digests: string[] = [];

  take(n: number, sha: string, decisions: string): void {
    this.digests[n] = createHash('sha256').update(`${sha} ${decisions}`).digest('base64url').slice(0, 22);
  }

  /** The head as of the newest commit; undefined before the first. */
  get newest(): string | undefined {
    return this.of(this.digests.length - 1);
  }

  of(n: number): string | undefined {
    const digest = this.digests[n];
    return digest === undefined ? undefined : `${n}.${digest}`;
  }
}

/** The number of the commit that a head names; undefined for another text, such as a head of the first edition. */
export function commitOfHead(head: string): number | undefined {
  const found = HEAD.exec(head)?.[1];
  return found === undefined ? undefined : Number(found);
}
