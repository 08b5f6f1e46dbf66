import { CsvError, type Options, parse } from 'csv-parse/sync';
import { type AppError, invalid } from '../base/errors.ts';
import { type LineEnd, type LongText, PLACES_AT_ONCE } from './long-text.ts';
import { MAX_ROWS, refuseTooManyRows } from './raw-row.ts';

/** A CSV: `from` is where its header begins. */
export type CsvPlace = { text: LongText; from: number; delimiter: string };

/** Records that stand one after another; `first` is the number of the first one, `broken` those with a stray quote. */
export type Records = { records: string[][]; first: number; broken: ReadonlySet<number> };

export const STRAY_QUOTE =
  'has a quote inside a cell that isn\'t quoted: put the whole cell in quotes and write the inner quote twice ("")';

/**
 * Parses CSV text, a piece that ends with a line at once. Where the parser ends inside of a quoted cell, the piece is
 * taken longer; else it ended between two records, and goes on as if it had read the text in one go.
 */
export function* csvRecords({ text, from, delimiter }: CsvPlace): Generator<Records> {
  const sign: LineEnd = text.has('\n') ? '\n' : '\r';
  const options: Options = {
    delimiter,
    record_delimiter: text.has('\r') ? ['\r\n', '\n', '\r'] : '\n',
    relax_column_count: true,
    skip_empty_lines: true,
  };
  let [at, size, first] = [from, PLACES_AT_ONCE, 0];
  while (at < text.end) {
    const next = text.behind(sign, at + size);
    const found = readRecords(text.slice(at, next), { ...options, to: MAX_ROWS + 2 - first });
    const isOpen = found instanceof CsvError && found.code === 'CSV_QUOTE_NOT_CLOSED' && next < text.end;
    if (found instanceof CsvError && !isOpen) throw unreadableCsv(found, first, linesBetween(text, from, at));
    if (found instanceof CsvError) {
      size *= 2;
      yield { records: [], first, broken: new Set() };
      continue;
    }
    yield { ...found, first };
    first += found.records.length;
    refuseTooManyRows(first - 1);
    at = next;
    size = PLACES_AT_ONCE;
  }
}

/**
 * A quote inside an unquoted cell is the error of its row alone, because csv-parse still reads the rows after it. A wrong
 * closing quote ends the import, because csv-parse then drops whole rows without a word.
 */
function readRecords(text: string, options: Options): Omit<Records, 'first'> | CsvError {
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
    if (error instanceof CsvError) return error;
    throw error;
  }
}

/**
 * Parses CSV text with stray quotes. It is slower, but keeps faulty rows in their place, so that row numbers are right.
 */
function readWithStrayQuotes(text: string, options: Options): Omit<Records, 'first'> {
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

/** How many lines end between two places, neither of them inside of a line. */
function linesBetween(text: LongText, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; ) {
    const next = Math.min(to, text.behind('\n', at + PLACES_AT_ONCE));
    lines += text.slice(at, next).match(/\r\n|\n|\r/g)?.length ?? 0;
    at = next;
  }
  return lines;
}

/** The error of a piece, in numbers of the whole text: `records` and `lines` stand before the piece. */
function unreadableCsv(error: CsvError, records: number, lines: number): AppError {
  const line = Number(error.lines) + lines;
  const sound = Math.max(Number(error.records) + records - 1, 0);
  const what =
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? `a quoted cell that starts after row ${sound} is never closed (the text ends at line ${line})`
      : `at line ${line} a closing quote is followed by something else than a separator or the end of the line`;
  return invalid(`The CSV can't be read: ${what}. Write a quote inside a quoted cell twice (""), then import again.`, {
    line,
  });
}
