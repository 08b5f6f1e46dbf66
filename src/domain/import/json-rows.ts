import { invalid } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { ImportFormat } from './format.ts';
import { columnsOf, excerpt, type RawRow, type RawRows, type RowKind, refuseTooManyRows } from './raw-row.ts';

/** A line of text and its number, counted from 1. */
export type Line = { number: number; text: string };

/** The lines of a text that aren't blank. Blank lines count in the numbers. */
export function* linesOf(text: string): Generator<Line> {
  let start = 0;
  for (let number = 1; start <= text.length; number++) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end).trim();
    if (line !== '') yield { number, text: line };
    if (end < 0) return;
    start = end + 1;
  }
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
export function rowsOfValues(values: readonly unknown[], kind: RowKind): RawRow[] {
  refuseTooManyRows(values.length);
  return values.map((value, index) => rowOfValue(value, index + 1, kind));
}

/** Rows of a JSON document: an array of contacts, or `{contacts: [], events: []}`. */
function jsonRows(text: string): RawRows {
  const parsed = tryJson(text);
  if (!parsed.ok) {
    throw invalid(
      `The text isn't valid JSON (${parsed.why}): correct it, or give format "jsonl" if each line is a value of its own.`,
    );
  }
  const rows = rowsOfDocument(parsed.value);
  return { rows, columns: columnsOf(rows) };
}

function rowsOfDocument(value: unknown): RawRow[] {
  if (Array.isArray(value)) {
    refuseTooManyRows(value.length);
    return value.map((item, index) => rowOfValue(item, index + 1, kindOf(item)));
  }
  if (!isObject(value) || !(Object.hasOwn(value, 'contacts') || Object.hasOwn(value, 'events'))) {
    throw invalid(
      'The JSON is neither an array of contacts nor {"contacts": [...], "events": [...]}: put it in one of these shapes.',
    );
  }
  const contacts = listIn(value, 'contacts');
  const events = listIn(value, 'events');
  refuseTooManyRows(contacts.length + events.length);
  return [...rowsOfValues(contacts, 'contact'), ...rowsOfValues(events, 'event')];
}

function listIn(document: Record<string, unknown>, key: string): readonly unknown[] {
  const list = Object.hasOwn(document, key) ? document[key] : undefined;
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalid(`"${key}" must be an array of objects, and it isn't.`);
  return list;
}

/** Rows of JSON lines, one object a line. A line that isn't an object is that row's error. */
function jsonlRows(text: string): RawRows {
  const rows: RawRow[] = [];
  for (const line of linesOf(text)) {
    const parsed = tryJson(line.text);
    rows.push(
      parsed.ok
        ? rowOfValue(parsed.value, line.number, kindOf(parsed.value))
        : badRow(line.number, 'contact', `isn't valid JSON (${parsed.why})`),
    );
    refuseTooManyRows(rows.length);
  }
  return { rows, columns: columnsOf(rows) };
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

function rowOfValue(value: unknown, row: number, kind: RowKind): RawRow {
  if (!isObject(value)) return badRow(row, kind, `must be an object, and is ${excerpt(value)}`);
  return { row, kind, cells: value, text: false };
}

export function badRow(row: number, kind: RowKind, problem: string): RawRow {
  return { row, kind, cells: {}, text: false, problem };
}
