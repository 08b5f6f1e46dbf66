import { invalid } from '../base/errors.ts';
import { type FormatName, IMPORT_FORMATS } from './formats.ts';
import type { RawRows } from './raw-row.ts';
import { sampleOf } from './sample.ts';

export { decodeText, notUtf8 } from './decode.ts';
export type { FormatName } from './formats.ts';
export { rowsOfValues } from './json-rows.ts';
export type { RawRow, RawRows } from './raw-row.ts';

/** The format of a text, going by its file's name and its content; CSV where neither says otherwise. */
export function detectFormat(text: string, fileName: string | undefined): FormatName {
  const sample = sampleOf(withoutMark(text), fileName);
  return IMPORT_FORMATS.findLast(({ detect }) => detect(sample))?.name ?? 'csv';
}

/** The rows of a text, and the names of the contacts' columns. `ImportFormat` says what is thrown. */
export function parseRows(text: string, name: FormatName): RawRows {
  const format = IMPORT_FORMATS.find((known) => known.name === name);
  if (format) return format.rows(withoutMark(text));
  const names = IMPORT_FORMATS.map((known) => known.name).join(', ');
  throw invalid(`There is no format "${name}". Use one of: ${names}.`, { format: 'unknown' });
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
