import { createHash, type Hash } from 'node:crypto';
import { commitHeader, type ReadCommit, saltOf } from './commit.ts';
import { freshRoot, leavesOf, rootOf } from './leaves.ts';

/** What the lines of a segment say, as one digest; `first` is the segment's first commit. */
export type BoundSegment = [first: number, digest: string];

/** The root over the leaves of a line that holds none. Erasures keep the leaves, so it stays what it was. */
function rootOfOld({ commit, rewriting }: ReadCommit): string {
  const header = commitHeader(commit);
  if (!rewriting?.leaves) return freshRoot(saltOf(commit), leavesOf(header, commit.events));
  return rootOf(rewriting.leaves, leavesOf(header, commit.events))?.root ?? '';
}

/**
 * What the lines from before a home was raised say, as one digest for each segment. Such a line has no root that would
 * prove what an erasure leaves of it. So a commit behind them binds what all of them said, part by part: whatever an
 * erasure rewrites later still has to add up to that.
 */
export class OldLines {
  private readonly hashes: { first: number; hash: Hash }[] = [];
  private isOver = false;

  /** Takes the log's lines, one after the other. False once the old ones are over. */
  take(step: ReadCommit & { segment: number }): boolean {
    this.isOver ||= step.root !== undefined || step.commit.events.some((event) => event.type === 'home_raised');
    if (this.isOver) return false;
    if (this.hashes.at(-1)?.first !== step.segment)
      this.hashes.push({ first: step.segment, hash: createHash('sha256') });
    this.hashes.at(-1)?.hash.update(`${rootOfOld(step)} `);
    return true;
  }

  get segments(): BoundSegment[] {
    return this.hashes.map(({ first, hash }) => [first, hash.copy().digest('base64url').slice(0, 22)]);
  }
}
