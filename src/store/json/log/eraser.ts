import { createHash } from 'node:crypto';
import { type Erasure, withoutPerson } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';
import { readPlain } from '../../../files/durable.ts';
import { type Commit, type LineHead, parseLine, readHead, rewriteLine, splitLines } from './commit.ts';
import { damaged } from './faults.ts';

/** An erasure that still applies, and the texts by which a line may name the person. */
type Active = { erasure: Erasure; needles: Buffer[] };

/**
 * A sealed segment after an erasure, with only the commits that count. `isChanged`: the bytes differ from the file.
 * `isRewritten`: an earlier erasure had rewritten it already.
 */
export type RewrittenSegment = { bytes: Buffer; isChanged: boolean; isRewritten: boolean };

/** The SHA-256 of a rewritten segment. The log keeps it, as proof that an erasure made the segment what it is. */
export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function needlesOf({ contact_id, stand_in, thread_ids }: Erasure): Buffer[] {
  return [contact_id, stand_in, ...thread_ids].map((text) => Buffer.from(JSON.stringify(text)));
}

function commitOf(line: Buffer, head: LineHead, file: string): Commit {
  const commit = parseLine(line, head);
  if (!commit) throw damaged(head.n, file);
  return commit;
}

/**
 * Removes deleted contacts from the log. It goes through the segments from the first one on, and stops looking for a
 * person after the commit that deleted them.
 */
export class Eraser {
  private active: Active[];

  constructor(erasures: readonly Erasure[]) {
    this.active = erasures.map((erasure) => ({ erasure, needles: needlesOf(erasure) }));
  }

  /** Gives a segment without the deleted contacts. Throws AppError STORE_ERROR where a commit is missing or damaged. */
  rewrite(file: string, first: number): RewrittenSegment {
    const kept: (Buffer | string)[] = [];
    let isChanged = false;
    let isRewritten = false;
    let before: LineHead | undefined;
    const { lines, rest } = splitLines(readPlain(file));
    for (const [index, line] of lines.entries()) {
      const head = readHead(line);
      const n = before ? before.n + 1 : first;
      // A line that doesn't count (it lost a race, or was cut short) may name a person too, so it is dropped.
      if (!head || head.n < n) {
        isChanged = true;
        continue;
      }
      if (head.n > n || (before && head.prev !== before.sha)) throw damaged(n, file);
      before = head;
      const events = this.without(line, () => commitOf(line, head, file));
      if (events) isChanged = true;
      if (head.isRewritten) isRewritten = true;
      // Lines behind the seal don't count either. The loop ends before them, so they are dropped.
      if (head.isSeal && (index < lines.length - 1 || rest.length > 0)) isChanged = true;
      const isPlain = !events && !(head.isSeal && isChanged);
      kept.push(isPlain ? line : rewriteLine(commitOf(line, head, file), events ?? [], head.sha));
      if (head.isSeal) break;
    }
    if (!before?.isSeal) throw damaged((before?.n ?? first - 1) + 1, file);
    const bytes = Buffer.concat(kept.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
    return { bytes, isChanged, isRewritten };
  }

  /** The events of a commit without the deleted contacts; undefined where the commit doesn't name them. */
  private without(line: Buffer, read: () => Commit): Event[] | undefined {
    const named = this.active.filter(({ needles }) => needles.some((needle) => line.includes(needle)));
    if (named.length === 0) return undefined;
    const { events } = read();
    let left = events;
    for (const { erasure } of named) left = left.flatMap((event) => withoutPerson(event, erasure) ?? []);
    const deleted = new Set(events.map((event) => (event.type === 'contact_deleted' ? event.stand_in : undefined)));
    // After the deletion, the same contact id stands for another person.
    this.active = this.active.filter(({ erasure }) => !deleted.has(erasure.stand_in));
    return JSON.stringify(left) === JSON.stringify(events) ? undefined : left;
  }
}
