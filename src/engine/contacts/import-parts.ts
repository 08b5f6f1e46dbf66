import type { RawRow, RowKind, RowSource, Survey } from '../../domain/import/raw-row.ts';
import { withTurns } from '../../store/turns.ts';
import type { House } from '../base/house.ts';
import { eventsByPlace } from './event-order.ts';

/** Some of an import's rows, and which of its parts they are: `done` rows stand before their end. */
export type ImportPart = { rows: RawRow[]; isFirst: boolean; isLast: boolean; done: number };

/** An import of at most so many rows is one part: all of it is there, or nothing. */
export const MOST_IN_ONE = 10_000;
/** A part is merged and committed at once, and other calls wait for it: the parts of a large import are small. */
const ROWS_PER_PART = 1_000;

/** Whether the rows are so many that they are taken in several parts. */
export function isLarge({ contacts, events }: Survey): boolean {
  return contacts + events > MOST_IN_ONE;
}

/**
 * The rows in parts: up to 10,000 rows in one, more in parts of 1,000. Where there are several, all contacts come before
 * the first event, as they do within one part: an event finds its contact wherever the contact's row stands. Events come
 * in the order in which the store keeps their contacts.
 */
export async function* importParts(
  house: Pick<House, 'store'>,
  source: RowSource,
  survey: Survey,
): AsyncGenerator<ImportPart> {
  const total = survey.contacts + survey.events;
  const most = isLarge(survey) ? ROWS_PER_PART : MOST_IN_ONE;
  let done = 0;
  const made = (rows: RawRow[]): ImportPart => {
    const isFirst = done === 0;
    done += rows.length;
    return { rows, isFirst, isLast: done === total, done };
  };
  for (const kind of kindsApart(survey)) {
    const areEvents = isLarge(survey) && (kind === 'event' || survey.contacts === 0);
    const windows = areEvents
      ? eventsByPlace(house, source, { events: survey.events, least: most })
      : windowsOf(source, kind, most);
    for await (const rows of windows) for await (const part of withTurns(slices(rows, most))) yield made(part);
  }
  if (total === 0) yield made([]);
}

function* slices(rows: readonly RawRow[], most: number): Generator<RawRow[]> {
  for (let at = 0; at < rows.length; at += most) yield rows.slice(at, at + most);
}

/** The rows of a kind, so many at a time. */
async function* windowsOf(source: RowSource, kind: RowKind | 'any', most: number): AsyncGenerator<RawRow[]> {
  let rows: RawRow[] = [];
  for await (const batch of withTurns(source.batches())) {
    for (const row of batch) {
      if (kind !== 'any' && row.kind !== kind) continue;
      rows.push(row);
      if (rows.length < most) continue;
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
}

/** Each kind takes another pass through the rows, so a kind that isn't there takes none. */
function kindsApart(survey: Survey): readonly (RowKind | 'any')[] {
  const isMixed = survey.contacts > 0 && survey.events > 0;
  return isMixed && isLarge(survey) ? ['contact', 'event'] : ['any'];
}
