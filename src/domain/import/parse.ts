import { isObject } from '../base/json.ts';
import { csvRows } from './csv.ts';
import { jsonlRows, jsonRows, linesOf, tryJson } from './json-rows.ts';
import type { RawRows } from './raw-row.ts';
import { isSegmentCall, segmentRows } from './segment.ts';

export { decodeText } from './decode.ts';
export { rowsOfValues } from './json-rows.ts';
export type { RawRow, RawRows } from './raw-row.ts';

export type ImportFormat = 'csv' | 'json' | 'jsonl' | 'segment';

/** How many calls are looked at before a file is taken for something else than Segment's. */
const SAMPLE = 20;

/** The format by the file's extension (.csv .json .jsonl .ndjson), then by its content; Segment calls are told by content. */
export function detectFormat(text: string, fileName: string | undefined): ImportFormat {
  const extension = /\.([^./\\]+)$/.exec(fileName ?? '')?.[1]?.toLowerCase();
  if (extension === 'csv') return 'csv';
  const body = withoutMark(text);
  if (extension === 'jsonl' || extension === 'ndjson') return formatOfLines(body);
  if (extension === 'json' || /^\s*[[{]/.test(body)) return formatOfJson(body);
  return 'csv';
}

function formatOfJson(text: string): ImportFormat {
  const whole = tryJson(text);
  if (whole.ok) return holdsCalls(whole.value) ? 'segment' : 'json';
  const first = linesOf(text).next();
  return !first.done && tryJson(first.value.text).ok ? formatOfLines(text) : 'json';
}

function formatOfLines(text: string): ImportFormat {
  let seen = 0;
  for (const line of linesOf(text)) {
    const parsed = tryJson(line.text);
    if (parsed.ok && holdsCalls(parsed.value)) return 'segment';
    if (++seen >= SAMPLE) break;
  }
  return 'jsonl';
}

function holdsCalls(value: unknown): boolean {
  if (Array.isArray(value)) return value.slice(0, SAMPLE).some(isSegmentCall);
  if (isObject(value) && Array.isArray(value.batch)) return value.batch.slice(0, SAMPLE).some(isSegmentCall);
  return isSegmentCall(value);
}

/**
 * The rows of a text, and the names of the contacts' columns. VALIDATION_ERROR where the text as a whole can't be
 * read; what is wrong with one row is that row's `problem`. LIMIT_EXCEEDED beyond 1,000,000 rows.
 */
export function parseRows(text: string, format: ImportFormat): RawRows {
  const body = withoutMark(text);
  if (format === 'csv') return csvRows(body);
  if (format === 'json') return jsonRows(body);
  if (format === 'jsonl') return jsonlRows(body);
  return segmentRows(body);
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
