import { invalid } from '../base/errors.ts';
import { FORBIDDEN_KEY, HALF_A_CHARACTER, isHalved } from '../base/json.ts';
import { fieldOf } from './columns.ts';
import { type CsvPlace, csvRecords, type Records, STRAY_QUOTE } from './csv-records.ts';
import type { ImportFormat } from './format.ts';
import { type LongText, textOfString, textStart, wholeText } from './long-text.ts';
import { MAX_ROWS, type RawRow, type RowSource } from './raw-row.ts';
import { findHeader } from './words/header.ts';

/** Stands for half a character while a text is parsed: a code point that no text may hold (Unicode, noncharacters). */
const HALF_MARK = '\ufdd0';

/** A cell that an export made harmless for spreadsheets: an apostrophe, then a sign that begins a formula. */
const NEUTRALISED = /^'+[=+\-@\t\r]/;

/**
 * Rows of CSV text. The header names the columns (`findHeader`); what stands before it is passed over. A column without
 * a name is left out; missing cells are empty. VALIDATION_ERROR where the text can't be read.
 */
function csvRows(given: LongText): RowSource {
  const suspect = given.mayBeHalved && isHalved(wholeText(given));
  // The parser would write another character in the place of half of one, and nobody would know.
  const text = suspect ? textOfString(wholeText(given).replace(/\p{Cs}/gu, HALF_MARK)) : given;
  const start = textStart(text);
  const { at, delimiter } = findHeader(start, (name) => fieldOf(name) !== undefined);
  const place: CsvPlace = { text, from: text.places(start.slice(0, at)), delimiter };
  const header = headerIn(place);
  const names = header.filter((name) => name !== '');
  const blank: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, '']));
  return {
    *batches() {
      for (const batch of csvRecords(place)) {
        const rows = rowsOf(batch, header, blank);
        yield suspect ? rows.map(withHalves) : rows;
      }
    },
    end: MAX_ROWS + 2,
    columns: names,
    nameless: header.flatMap((name, index) => (name === '' ? [`column ${index + 1}, without a name`] : [])),
  };
}

/** Rows are numbered by their records; the first one is the header. */
function rowsOf(
  { records, first, broken }: Records,
  header: readonly string[],
  blank: Record<string, unknown>,
): RawRow[] {
  const rows: RawRow[] = [];
  for (const [index, record] of records.entries()) {
    if (first + index === 0) continue;
    const row = rowOf(first + index, record, header, blank);
    rows.push(broken.has(index) ? { ...row, problem: STRAY_QUOTE } : row);
  }
  return rows;
}

/** A row as it was given, with what stood in its cells before the text was parsed. */
function withHalves(row: RawRow): RawRow {
  const cells = Object.entries(row.cells).map(([name, cell]) => [name, String(cell).replaceAll(HALF_MARK, '\ud800')]);
  return { ...row, cells: Object.fromEntries(cells), suspect: true };
}

/** The format of every text in which no other format is detected. */
export const csv = { name: 'csv', title: 'CSV', detect: () => true, rows: csvRows } as const satisfies ImportFormat;

/** Copying `blank` and filling it is several times faster than adding the cells to an empty object. */
function rowOf(
  row: number,
  record: readonly string[],
  header: readonly string[],
  blank: Record<string, unknown>,
): RawRow {
  const cells = cellsOf(record, header, blank);
  const count = record.length > header.length ? filled(record) : 0;
  const read = { row, at: row, kind: 'contact' as const, cells, text: true };
  if (count <= header.length) return read;
  const problem = `has too many cells: ${count} where the header has ${header.length}`;
  const shifted = cellsOf(record.slice(count - header.length, count), header, blank);
  return { ...read, shifted, problem };
}

function cellsOf(
  record: readonly string[],
  header: readonly string[],
  blank: Record<string, unknown>,
): Record<string, unknown> {
  const cells = { ...blank };
  for (let index = 0; index < header.length; index++) {
    const name = header[index];
    if (name) cells[name] = restored(record[index] ?? '');
  }
  return cells;
}

/** How many cells a record has up to its last one that isn't empty. */
function filled(record: readonly string[]): number {
  return record.findLastIndex((cell) => cell.trim() !== '') + 1;
}

/** The cell without the apostrophe that an export put before a formula sign. */
function restored(cell: string): string {
  return cell.startsWith("'") && NEUTRALISED.test(cell) ? cell.slice(1) : cell;
}

function headerIn(place: CsvPlace): string[] {
  for (const { records, broken } of csvRecords(place)) {
    if (records.length > 0) return headerOf(records[0], broken);
  }
  return headerOf(undefined, new Set());
}

function headerOf(record: readonly string[] | undefined, broken: ReadonlySet<number>): string[] {
  if (!record) throw invalid('The CSV is empty: its first line must name the columns.');
  if (broken.has(0)) throw invalid(`The CSV's header line ${STRAY_QUOTE}.`);
  const header = record.map((name) => name.trim());
  const seen = new Set<string>();
  for (const name of header) {
    if (name.includes(HALF_MARK)) throw invalid(`The name of a column ${HALF_A_CHARACTER}.`);
    if (name === FORBIDDEN_KEY) throw invalid(`A column may not be named ${FORBIDDEN_KEY}: rename it.`);
    if (name !== '' && seen.has(name)) {
      throw invalid(`Two columns are named ${JSON.stringify(name)}: rename or remove one, so that none gets lost.`);
    }
    seen.add(name);
  }
  if (header.every((name) => name === ''))
    throw invalid("The CSV's first line names no column: name the columns there.");
  return header;
}
