import { createHash } from 'node:crypto';
import { type Erasure, withoutPerson } from '../../domain/state/erasure.ts';
import type { RewrittenLine } from '../../domain/state/events.ts';
import { type Commit, type LineHead, type Remainder, type RewriteMarks, rewriteLine } from './commit.ts';
import { erasedIn } from './rewritten-line.ts';

/** An erasure that still applies, and the texts by which a line may name the person. */
type Active = { erasure: Erasure; needles: Buffer[] };
/** A whole line of the log, with its commit, which is only parsed where it has to be. */
export type LineAt = { bytes: Buffer; head: LineHead; commit: () => Commit & Partial<RewriteMarks> };

/** The SHA-256 of a segment that the first edition rewrote. The log keeps it. */
export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function namingTexts({ contact_id, stand_in, thread_ids }: Erasure): string[] {
  return [contact_id, stand_in, ...thread_ids].map((text) => JSON.stringify(text));
}

/**
 * Removes deleted contacts from the lines of a log. It goes through them from the first one on, and stops looking for a
 * person after the commit that deleted them. `before` are the commits that erasures of the first edition rewrote, where
 * the home is of that time.
 */
export class Eraser {
  /** The lines that this erasure has rewritten since `named` was emptied, by this process or by one that ended in the middle of it. */
  named: RewrittenLine[] = [];
  /** The texts one of which stands in each line that may be rewritten or named; undefined where any line may be. */
  readonly texts: readonly string[] | undefined;
  private active: Active[];
  private readonly pending: ReadonlySet<string>;
  private readonly before: ReadonlySet<number> | undefined;

  constructor(erasures: readonly Erasure[], before: readonly number[] | undefined) {
    this.active = erasures.map((erasure) => ({
      erasure,
      needles: namingTexts(erasure).map((text) => Buffer.from(text)),
    }));
    this.texts = before ? undefined : erasures.flatMap(namingTexts);
    this.pending = new Set(erasures.map(({ stand_in }) => stand_in));
    this.before = before && new Set(before);
  }

  /** The line as it stays, or as it is rewritten. Names it where it was rewritten for one of this turn's contacts. */
  keep({ bytes, head, commit }: LineAt, cleared: Remainder | undefined): Buffer | string {
    const earlier = head.isRewritten ? (erasedIn(bytes) ?? []) : [];
    if (!cleared) {
      if (earlier.some((standIn) => this.pending.has(standIn))) this.named.push([head.n, head.own, earlier]);
      return bytes;
    }
    const erased = [...new Set([...earlier, ...cleared.erased])];
    const { line, sha } = rewriteLine(commit(), head, { ...cleared, erased });
    if (erased.length > 0) this.named.push([head.n, sha, erased]);
    return line;
  }

  /** The commit's events without the deleted contacts; undefined where the line may stay as it is. */
  without(line: LineAt): Remainder | undefined {
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
export function allKept({ commit }: Pick<LineAt, 'commit'>): Remainder {
  return { changes: commit().events.map((event) => ({ before: event, after: event })), erased: [] };
}
