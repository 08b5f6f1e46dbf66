import { invalid } from '../base/errors.ts';
import { type FormatName, IMPORT_FORMATS } from './formats.ts';
import type { LongText } from './long-text.ts';
import type { RowSource } from './raw-row.ts';
import { sampleOf } from './sample.ts';

export { decodeText, notUtf8 } from './decode.ts';
export type { FormatName } from './formats.ts';
export { rowsOfValues } from './json-rows.ts';
export { textOfString } from './long-text.ts';
export type { RawRow, RowSource } from './raw-row.ts';

/** The format of a text, going by its file's name and its content; CSV where neither says otherwise. */
export function detectFormat(text: LongText, fileName: string | undefined): FormatName {
  const sample = sampleOf(text, fileName);
  return IMPORT_FORMATS.findLast(({ detect }) => detect(sample))?.name ?? 'csv';
}

/** The rows of a text. `ImportFormat` says what is thrown. */
export function rowsOfText(text: LongText, name: FormatName): RowSource {
  const format = IMPORT_FORMATS.find((known) => known.name === name);
  if (format) return format.rows(text);
  const names = IMPORT_FORMATS.map((known) => known.name).join(', ');
  throw invalid(`There is no format "${name}". Use one of: ${names}.`, { format: 'unknown' });
}
