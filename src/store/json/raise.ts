import { withFlagsOfColumns } from '../../domain/import/read-flags.ts';
import type { Event, RewrittenLine } from '../../domain/state/events.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import { readPlain } from '../../files/durable.ts';
import { readHead, splitLines } from '../log/commit.ts';
import type { BoundSegment } from '../log/old-lines.ts';
import { erasedIn } from '../log/rewritten-line.ts';
import type { Decision } from '../store.ts';
import { type HomePaths, isToBeRaised } from './home.ts';
import { HOME_FORMAT, writeMark } from './home-mark.ts';
import { readOldLines } from './log/read-old-lines.ts';
import { isRewritten } from './log/segment-file.ts';
import { listSegments, segmentPath } from './log/segments.ts';

/** The lines that erasures of the first edition rewrote. Only the segments with such lines are read. */
function rewrittenBefore(directory: string): RewrittenLine[] {
  const files = listSegments(directory).map((first) => segmentPath(directory, first));
  return files.filter(isRewritten).flatMap((file) =>
    splitLines(readPlain(file)).lines.flatMap((line): RewrittenLine[] => {
      const head = readHead(line);
      return head?.isRewritten && !head.isSeal && !erasedIn(line) ? [[head.n, head.own, []]] : [];
    }),
  );
}

/** The contacts whose plain columns hold objections: the first edition knew only the flags by their own names. */
function objectionsOf(view: View, at: string): Event[] {
  const contacts = view.find.contacts(ALL).rows.flatMap((contact) => withFlagsOfColumns(contact, at) ?? []);
  return contacts.length === 0 ? [] : [{ type: 'contacts_saved', contacts }];
}

/** What the old lines of a log say, read in one go. */
function boundAtOnce(directory: string): BoundSegment[] {
  const reading = readOldLines(directory);
  for (;;) {
    const step = reading.next();
    if (step.done) return step.value;
  }
}

/** Writes a commit; `isBarrier`: one at which every process of the first edition stops. */
type WriteStep = (decide: (view: View) => Decision<void>, isBarrier: boolean) => void;

/**
 * Raises a home of format 1 to this version's. A process of the first edition that still runs must not go on: it would
 * approve by rules of before.
 *
 * 1. A commit that works as a barrier. Whatever that process was about to write either stands before it, and counts, or
 *    behind it, and doesn't. It takes the barrier for an erasure's work, so it opens the home again, wherever it comes
 *    upon it; and there it doesn't know the commit. The barrier seals its segment: of a segment that an erasure rewrote,
 *    the first edition believes that every line before the seal counts, so that it would acknowledge one behind the barrier. Until the next step no snapshot includes the barrier, so that the
 *    first edition, opening the home, still comes upon it.
 * 2. The format in home.json, which tells it why.
 * 3. A commit that it couldn't read: what the lines before the barrier say is bound, and the objections that contacts
 *    have in plain columns are brought; `at` is its time. While an erasure of the first edition is unfinished, a segment
 *    may still be replaced: then the erasure that finishes it binds the lines.
 *
 * After a kill in between, the next process takes the steps that are left, before it writes anything.
 */
export function raiseHome(paths: HomePaths, at: string, write: WriteStep): void {
  write((view) => {
    if (view.erasures().before) return { events: [], value: undefined };
    const raised: Event = { type: 'home_raised', format: HOME_FORMAT, lines: rewrittenBefore(paths.log) };
    return { events: [raised], value: undefined };
  }, true);
  if (isToBeRaised(paths)) writeMark(paths.home, { isRaising: true });
  let segments: BoundSegment[] | undefined;
  write((view) => {
    const { isBound, pending } = view.erasures();
    const objections = objectionsOf(view, at);
    if (isBound || pending.size > 0) return { events: objections, value: undefined };
    segments ??= boundAtOnce(paths.log);
    return { events: [{ type: 'old_lines_bound', segments }, ...objections], value: undefined };
  }, false);
  if (isToBeRaised(paths)) writeMark(paths.home, {});
}
