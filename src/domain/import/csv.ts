import { CsvError, type Options, parse } from 'csv-parse/sync';
import { type AppError, invalid } from '../base/errors.ts';
import { FORBIDDEN_KEY, HALF_A_CHARACTER, isHalved } from '../base/json.ts';
import { fieldOf } from './columns.ts';
import type { ImportFormat } from './format.ts';
import { MAX_ROWS, type RawRow, type RawRows, refuseTooManyRows } from './raw-row.ts';
import { findHeader } from './words/header.ts';

/** Stands for half a character while a text is parsed: a code point that no text may hold (Unicode, noncharacters). */
const HALF_MARK = '\ufdd0';

type Records = { records: string[][]; broken: ReadonlySet<number> };

/** A cell that an export made harmless for spreadsheets: an apostrophe, then a sign that begins a formula. */
const NEUTRALISED = /^'+[=+\-@\t\r]/;

/**
 * Rows of CSV text. The header names the columns (`findHeader`); what stands before it is passed over. A column without
 * a name is left out; missing cells are empty. VALIDATION_ERROR where the text can't be read.
 */
function csvRows(given: string): RawRows {
  const suspect = isHalved(given);
  // The parser would write another character in the place of half of one, and nobody would know.
  const text = suspect ? given.replace(/\p{Cs}/gu, HALF_MARK) : given;
  const { at, delimiter } = findHeader(text, (name) => fieldOf(name) !== undefined);
  const { records, broken } = readRecords(at === 0 ? text : text.slice(at), delimiter);
  const header = headerOf(records[0], broken);
  refuseTooManyRows(records.length - 1);
  const names = header.filter((name) => name !== '');
  const blank: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, '']));
  const rows: RawRow[] = [];
  for (let index = 1; index < records.length; index++) {
    const record = records[index] ?? [];
    const row = rowOf(index, record, header, blank);
    rows.push(broken.has(index) ? { ...row, problem: STRAY_QUOTE } : row);
  }
  const nameless = header.flatMap((name, index) => (name === '' ? [`column ${index + 1}, without a name`] : []));
  return { rows: suspect ? rows.map(withHalves) : rows, columns: names, nameless };
}

/** A row as it was given, with what stood in its cells before the text was parsed. */
function withHalves(row: RawRow): RawRow {
  const cells = Object.entries(row.cells).map(([name, cell]) => [name, String(cell).replaceAll(HALF_MARK, '\ud800')]);
  return { ...row, cells: Object.fromEntries(cells), suspect: true };
}

/** The format of every text in which no other format is detected. */
export const csv = { name: 'csv', title: 'CSV', detect: () => true, rows: csvRows } as const satisfies ImportFormat;

const STRAY_QUOTE =
  'has a quote inside a cell that isn\'t quoted: put the whole cell in quotes and write the inner quote twice ("")';

/** Copying `blank` and filling it is several times faster than adding the cells to an empty object. */
function rowOf(
  row: number,
  record: readonly string[],
  header: readonly string[],
  blank: Record<string, unknown>,
): RawRow {
  const cells = cellsOf(record, header, blank);
  const count = record.length > header.length ? filled(record) : 0;
  if (count <= header.length) return { row, kind: 'contact', cells, text: true };
  const problem = `has too many cells: ${count} where the header has ${header.length}`;
  const shifted = cellsOf(record.slice(count - header.length, count), header, blank);
  return { row, kind: 'contact', cells, shifted, text: true, problem };
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

/**
 * Parses CSV text. A quote inside an unquoted cell is the error of its row alone, because csv-parse still reads the
 * rows after it. A wrong closing quote ends the import, because csv-parse then drops whole rows without a word.
 */
function readRecords(text: string, delimiter: string): Records {
  const options: Options = {
    delimiter,
    record_delimiter: text.includes('\r') ? ['\r\n', '\n', '\r'] : '\n',
    relax_column_count: true,
    skip_empty_lines: true,
    to: MAX_ROWS + 2,
  };
  const strays: string[] = [];
  try {
    const records = parse(text, {
      ...options,
      skip_records_with_error: true,
      on_skip: (error) => {
        if (error?.code !== 'INVALID_OPENING_QUOTE') throw error;
        strays.push(error.code);
        return undefined;
      },
    });
    return strays.length === 0 ? { records, broken: new Set() } : readWithStrayQuotes(text, options);
  } catch (error) {
    if (error instanceof CsvError) throw unreadableCsv(error);
    throw error;
  }
}

/**
 * Parses CSV text with stray quotes. It is slower, but keeps faulty rows in their place, so that row numbers are right.
 */
function readWithStrayQuotes(text: string, options: Options): Records {
  const broken = new Set<number>();
  const records = parse(text, {
    ...options,
    relax_quotes: true,
    cast: (value, context) => {
      if (!context.quoting && value.includes('"')) broken.add(context.records);
      return value;
    },
  });
  return { records, broken };
}

function unreadableCsv(error: CsvError): AppError {
  const line = Number(error.lines);
  const sound = Math.max(Number(error.records) - 1, 0);
  const what =
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? `a quoted cell that starts after row ${sound} is never closed (the text ends at line ${line})`
      : `at line ${line} a closing quote is followed by something else than a separator or the end of the line`;
  return invalid(`The CSV can't be read: ${what}. Write a quote inside a quoted cell twice (""), then import again.`, {
    line,
  });
}
