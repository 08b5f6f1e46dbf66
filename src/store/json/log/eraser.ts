import { createHash } from 'node:crypto';
import { type Erasure, withoutPerson } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';
import { readPlain } from '../../../files/durable.ts';
import { type Commit, type LineHead, parseLine, readHead, rewriteLine, splitLines } from './commit.ts';
import { damaged } from './faults.ts';

type Active = { erasure: Erasure; needles: Buffer[] };

/** A sealed segment as it is to be: only the commits that count. */
export type RewrittenSegment = { bytes: Buffer; isChanged: boolean; isRewritten: boolean };

/** The digest that vouches for a rewritten segment. */
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

/** What erasures make of the log, segment by segment from its beginning to each deletion. */
export class Eraser {
  private active: Active[];

  constructor(erasures: readonly Erasure[]) {
    this.active = erasures.map((erasure) => ({ erasure, needles: needlesOf(erasure) }));
  }

  /** What becomes of a segment. Throws AppError STORE_ERROR where it isn't whole. */
  rewrite(file: string, first: number): RewrittenSegment {
    const kept: (Buffer | string)[] = [];
    let isChanged = false;
    let isRewritten = false;
    let before: LineHead | undefined;
    const { lines, rest } = splitLines(readPlain(file));
    for (const [index, line] of lines.entries()) {
      const head = readHead(line);
      const n = before ? before.n + 1 : first;
      // Races' losers and lines cut short say things of people too, as does what late writers left behind the seal.
      if (!head || head.n < n) {
        isChanged = true;
        continue;
      }
      if (head.n > n || (before && head.prev !== before.sha)) throw damaged(n, file);
      before = head;
      const events = this.without(line, () => commitOf(line, head, file));
      if (events) isChanged = true;
      if (head.isRewritten) isRewritten = true;
      if (head.isSeal && (index < lines.length - 1 || rest.length > 0)) isChanged = true;
      const isPlain = !events && !(head.isSeal && isChanged);
      kept.push(isPlain ? line : rewriteLine(commitOf(line, head, file), events ?? [], head.sha));
      if (head.isSeal) break;
    }
    if (!before?.isSeal) throw damaged((before?.n ?? first - 1) + 1, file);
    const bytes = Buffer.concat(kept.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
    return { bytes, isChanged, isRewritten };
  }

  /** The events of a commit without the persons; undefined where it says nothing of them. */
  private without(line: Buffer, read: () => Commit): Event[] | undefined {
    const mine = this.active.filter(({ needles }) => needles.some((needle) => line.includes(needle)));
    if (mine.length === 0) return undefined;
    const { events } = read();
    let left = events;
    for (const { erasure } of mine) left = left.flatMap((event) => withoutPerson(event, erasure) ?? []);
    const deleted = new Set(events.map((event) => (event.type === 'contact_deleted' ? event.stand_in : undefined)));
    // Whoever has that id later is somebody else.
    this.active = this.active.filter(({ erasure }) => !deleted.has(erasure.stand_in));
    return JSON.stringify(left) === JSON.stringify(events) ? undefined : left;
  }
}
