import { invalid } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { ImportFormat } from './format.ts';
import { type LongText, PLACES_AT_ONCE, wholeText } from './long-text.ts';
import {
  excerpt,
  joinedSource,
  type RawRow,
  type RowKind,
  type RowSource,
  refuseTooManyRows,
  type Spot,
} from './raw-row.ts';

/** A line of text, its number, counted from 1, and the place in the text where it begins. */
export type Line = { spot: Spot; text: string };

/** The lines of a text that aren't blank, those of a piece of it at once. Blank lines count in the numbers. */
export function* linesInPieces(text: LongText): Generator<Line[]> {
  let number = 1;
  for (let at = 0; at < text.end; ) {
    const next = text.behind('\n', at + PLACES_AT_ONCE);
    const lines = text.slice(at, next).split('\n');
    // What stands behind the last line break of a piece is the next piece's first line.
    if (next < text.end) lines.pop();
    const filled: Line[] = [];
    for (const line of lines) {
      if (line.trim() !== '') filled.push({ spot: { row: number, at }, text: line.trim() });
      number += 1;
      at += text.places(line) + 1;
    }
    yield filled;
    at = next;
  }
}

/** The line that begins at a place. */
export function lineAt(text: LongText, spot: Spot): Line {
  return { spot, text: text.slice(spot.at, text.behind('\n', spot.at)).trim() };
}

export function* linesOf(text: LongText): Generator<Line> {
  for (const lines of linesInPieces(text)) yield* lines;
}

/** Whether a text is lines of JSON, not one value: its first line is a value, and others come after it. */
export function isLinesOfJson(text: LongText): boolean {
  const lines = linesOf(text);
  const [first, second] = [lines.next(), lines.next()];
  return !first.done && !second.done && tryJson(first.value.text).ok;
}

/** Parsed JSON, or why it isn't any. */
export type Parsed = { ok: true; value: unknown } | { ok: false; why: string };

export function tryJson(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, why: whyNot(error) };
  }
}

/** What is wrong with JSON, without the words of the text that V8 quotes: an error never shows what a file holds. */
function whyNot(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0];
  if (/^Unexpected end|^Unterminated/.test(message)) return `it ends too early${place ? `, ${place}` : ''}`;
  return place ? `a character doesn't belong there, ${place}` : 'its first characters are no JSON';
}

/**
 * Rows of values whose kind is known: the arguments `contacts` and `events`. LIMIT_EXCEEDED beyond 1,000,000 values.
 */
export function rowsOfValues(values: readonly unknown[], kind: RowKind): RowSource {
  return sourceOfValues(values, (value, spot) => rowOfValue(value, spot, kind));
}

/** So many values of a document become rows at once. */
const AT_ONCE = 1_000;

/** Rows made of the values of a document, which is there whole. */
export function sourceOfValues<T>(values: readonly T[], rowOf: (value: T, spot: Spot) => RawRow): RowSource {
  refuseTooManyRows(values.length);
  const rowsOf = (from: number, count: number) =>
    values.slice(from, from + count).map((value, index) => rowOf(value, { row: from + index + 1, at: from + index }));
  return {
    *batches() {
      for (let from = 0; from < values.length; from += AT_ONCE) yield rowsOf(from, AT_ONCE);
    },
    again: ({ at }) => rowsOf(at, 1),
    end: values.length,
  };
}

/** Rows of a JSON document: an array of contacts, or `{contacts: [], events: []}`. */
function jsonRows(text: LongText): RowSource {
  const parsed = tryJson(wholeText(text));
  if (!parsed.ok) {
    throw invalid(
      `The text isn't valid JSON (${parsed.why}): correct it, or give format "jsonl" if each line is a value of its own.`,
    );
  }
  return rowsOfDocument(parsed.value);
}

function rowsOfDocument(value: unknown): RowSource {
  if (Array.isArray(value)) return sourceOfValues(value, (item, spot) => rowOfValue(item, spot, kindOf(item)));
  if (!isObject(value) || !(Object.hasOwn(value, 'contacts') || Object.hasOwn(value, 'events'))) {
    throw invalid(
      'The JSON is neither an array of contacts nor {"contacts": [...], "events": [...]}: put it in one of these shapes.',
    );
  }
  const contacts = listIn(value, 'contacts');
  const events = listIn(value, 'events');
  refuseTooManyRows(contacts.length + events.length);
  return joinedSource([rowsOfValues(contacts, 'contact'), rowsOfValues(events, 'event')]);
}

function listIn(document: Record<string, unknown>, key: string): readonly unknown[] {
  const list = Object.hasOwn(document, key) ? document[key] : undefined;
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalid(`"${key}" must be an array of objects, and it isn't.`);
  return list;
}

/** Rows of JSON lines, one object a line. A line that isn't an object is that row's error. */
function jsonlRows(text: LongText): RowSource {
  return {
    *batches() {
      for (const lines of linesInPieces(text)) yield lines.map(rowOfLine);
    },
    again: (spot) => [rowOfLine(lineAt(text, spot))],
    end: text.end,
  };
}

function rowOfLine({ spot, text }: Line): RawRow {
  const parsed = tryJson(text);
  return parsed.ok
    ? rowOfValue(parsed.value, spot, kindOf(parsed.value))
    : badRow(spot, 'contact', `isn't valid JSON (${parsed.why})`);
}

export const json = {
  name: 'json',
  title: 'JSON',
  detect: (sample) => sample.json()?.isLines === false,
  rows: jsonRows,
} as const satisfies ImportFormat;

export const jsonl = {
  name: 'jsonl',
  title: 'JSON lines',
  detect: (sample) => sample.json()?.isLines === true,
  rows: jsonlRows,
} as const satisfies ImportFormat;

/** What a value in a mixed file is: an event has `contact_id` and `type` but no `id`, anything else is a contact. */
function kindOf(value: unknown): RowKind {
  if (!isObject(value) || Object.hasOwn(value, 'id')) return 'contact';
  return Object.hasOwn(value, 'contact_id') && Object.hasOwn(value, 'type') ? 'event' : 'contact';
}

function rowOfValue(value: unknown, spot: Spot, kind: RowKind): RawRow {
  if (!isObject(value)) return badRow(spot, kind, `must be an object, and is ${excerpt(value)}`);
  return { ...spot, kind, cells: value, text: false };
}

export function badRow(spot: Spot, kind: RowKind, problem: string): RawRow {
  return { ...spot, kind, cells: {}, text: false, problem };
}
