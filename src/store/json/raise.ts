import { withFlagsOfColumns } from '../../domain/import/read-flags.ts';
import type { Event, RewrittenLine } from '../../domain/state/events.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import { readPlain } from '../../files/durable.ts';
import type { Decision } from '../store.ts';
import { formatOf, HOME_FORMAT, type HomePaths, markFormat } from './home.ts';
import { erasedIn, readHead, splitLines } from './log/commit.ts';
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

/** Whether a home has an earlier format than this version's. */
export function isOfEarlierFormat(paths: HomePaths): boolean {
  return (formatOf(paths) ?? HOME_FORMAT) < HOME_FORMAT;
}

/**
 * Raises a home of format 1 to this version's. A process of the first edition that still runs must not go on: it would
 * approve by rules of before. The first step is a commit that works as a barrier. Whatever that process was about to
 * write either stands before it, and counts, or behind it, and doesn't. It takes the barrier for an erasure's work, so
 * it opens the home again, wherever it comes upon it; and there it doesn't know the commit. The second step is the
 * format in home.json, which tells it why. After a kill in between, the next process takes the second step: until then
 * no snapshot includes the barrier, so that the first edition, opening the home, still comes upon it. The barrier also
 * brings the objections that contacts have in plain columns; `at` is its time.
 */
export function raiseHome(
  paths: HomePaths,
  at: string,
  writeBarrier: (decide: (view: View) => Decision<void>) => void,
): void {
  writeBarrier((view) => {
    if (view.erasures().before) return { events: [], value: undefined };
    const lines = rewrittenBefore(paths.log);
    const raised: Event = { type: 'home_raised', format: HOME_FORMAT, lines };
    return { events: [raised, ...objectionsOf(view, at)], value: undefined };
  });
  markFormat(paths);
}
