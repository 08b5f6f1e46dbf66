import { createHash } from 'node:crypto';
import { type Erasure, withoutPerson } from '../../../domain/state/erasure.ts';
import type { RewrittenLine } from '../../../domain/state/events.ts';
import { readPlain } from '../../../files/durable.ts';
import {
  type Commit,
  type LineHead,
  parseLine,
  type Remainder,
  type RewriteMarks,
  readHead,
  rewriteLine,
  splitLines,
} from './commit.ts';
import { damaged } from './faults.ts';
import { erasedIn } from './rewritten-line.ts';

/** An erasure that still applies, and the texts by which a line may name the person. */
type Active = { erasure: Erasure; needles: Buffer[] };
/** A whole line of a segment, with its commit, which is only parsed where it has to be. */
type LineAt = { bytes: Buffer; head: LineHead; commit: () => Commit & Partial<RewriteMarks> };

/**
 * A sealed segment after an erasure, with only the commits that count. `isChanged`: the bytes differ from the file.
 * `lines`: those that this erasure rewrote, by this process or by one that ended in the middle of it.
 */
export type RewrittenSegment = { bytes: Buffer; isChanged: boolean; lines: RewrittenLine[] };

/** The SHA-256 of a segment that the first edition rewrote. The log keeps it. */
export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function needlesOf({ contact_id, stand_in, thread_ids }: Erasure): Buffer[] {
  return [contact_id, stand_in, ...thread_ids].map((text) => Buffer.from(JSON.stringify(text)));
}

/**
 * Removes deleted contacts from the log. It goes through the segments from the first one on, and stops looking for a
 * person after the commit that deleted them. `before` are the commits that erasures of the first edition rewrote, where
 * the home is of that time.
 */
export class Eraser {
  private active: Active[];
  private readonly pending: ReadonlySet<string>;
  private readonly before: ReadonlySet<number> | undefined;

  constructor(erasures: readonly Erasure[], before: readonly number[] | undefined) {
    this.active = erasures.map((erasure) => ({ erasure, needles: needlesOf(erasure) }));
    this.pending = new Set(erasures.map(({ stand_in }) => stand_in));
    this.before = before && new Set(before);
  }

  /** Gives a segment without the deleted contacts. Throws AppError STORE_ERROR where a commit is missing or damaged. */
  rewrite(file: string, first: number): RewrittenSegment {
    const kept: (Buffer | string)[] = [];
    const named: RewrittenLine[] = [];
    let isChanged = false;
    let before: LineHead | undefined;
    const { lines, rest } = splitLines(readPlain(file));
    for (const [index, bytes] of lines.entries()) {
      const head = readHead(bytes);
      const n = before ? before.n + 1 : first;
      // A line that doesn't count (it lost a race, or was cut short) may name a person too, so it is dropped.
      if (!head || head.n < n) {
        isChanged = true;
        continue;
      }
      if (head.n > n || (before && head.prev !== before.sha)) throw damaged(n, file);
      before = head;
      const line = { bytes, head, commit: () => commitOf(bytes, head, file) };
      const cleared = this.without(line);
      if (cleared) isChanged = true;
      // Lines behind the seal don't count either. The loop ends before them, so they are dropped.
      if (head.isSeal && (index < lines.length - 1 || rest.length > 0)) isChanged = true;
      kept.push(this.keep(line, head.isSeal && isChanged ? (cleared ?? allKept(line)) : cleared, named));
      if (head.isSeal) break;
    }
    if (!before?.isSeal) throw damaged((before?.n ?? first - 1) + 1, file);
    return { bytes: Buffer.concat(kept.flatMap((line) => [Buffer.from(line), FEED])), isChanged, lines: named };
  }

  /** The line as it stays, or as it is rewritten. Names it where it was rewritten for one of this turn's contacts. */
  private keep(
    { bytes, head, commit }: LineAt,
    cleared: Remainder | undefined,
    named: RewrittenLine[],
  ): Buffer | string {
    const earlier = head.isRewritten ? (erasedIn(bytes) ?? []) : [];
    if (!cleared) {
      if (earlier.some((standIn) => this.pending.has(standIn))) named.push([head.n, head.own, earlier]);
      return bytes;
    }
    const erased = [...new Set([...earlier, ...cleared.erased])];
    const { line, sha } = rewriteLine(commit(), head, { ...cleared, erased });
    if (erased.length > 0) named.push([head.n, sha, erased]);
    return line;
  }

  /** The commit's events without the deleted contacts; undefined where the line may stay as it is. */
  private without(line: LineAt): Remainder | undefined {
    const named = this.active.filter(({ needles }) => needles.some((needle) => line.bytes.includes(needle)));
    if (named.length === 0) return this.unnamed(line);
    const { events } = line.commit();
    const erased: string[] = [];
    const { changes } = allKept(line);
    for (const { erasure } of named) {
      let isAbout = false;
      for (const change of changes) {
        const after = change.after && withoutPerson(change.after, erasure);
        if (JSON.stringify(after) !== JSON.stringify(change.after)) isAbout = true;
        change.after = after;
      }
      if (isAbout) erased.push(erasure.stand_in);
    }
    const deleted = new Set(events.map((event) => (event.type === 'contact_deleted' ? event.stand_in : undefined)));
    // After the deletion, the same contact id stands for another person.
    this.active = this.active.filter(({ erasure }) => !deleted.has(erasure.stand_in));
    return erased.length === 0 ? this.unnamed(line) : { changes, erased };
  }

  /** What a process of the first edition rewrote before this edition took over from it, and so names no stand-ins. */
  private unnamed({ bytes, head, commit }: LineAt): Remainder | undefined {
    if (!this.before || !head.isRewritten || head.isSeal) return undefined;
    if (this.before.has(head.n) || erasedIn(bytes)) return undefined;
    return { ...allKept({ commit }), erased: [...this.pending] };
  }
}

/** What is left of a line where nothing of it goes: a seal is written again with the lines before it, events included. */
function allKept({ commit }: Pick<LineAt, 'commit'>): Remainder {
  return { changes: commit().events.map((event) => ({ before: event, after: event })), erased: [] };
}

const FEED = Buffer.from('\n');

function commitOf(line: Buffer, head: LineHead, file: string): Commit & Partial<RewriteMarks> {
  const commit = parseLine(line, head);
  if (!commit) throw damaged(head.n, file);
  return commit;
}
