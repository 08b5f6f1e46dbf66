import { addressRank, namePart } from './column-names.ts';

/** Where a CSV's header begins, and what separates its cells. */
export type Header = { at: number; delimiter: string };

const DELIMITERS = [',', ';', '\t'] as const;
/** How many lines may stand before the header, and how many after it are looked at. */
const MOST_BEFORE = 50;
const LOOKED_AT = 20;
const LONGEST_SAMPLE = 1_000_000;
const [QUOTE, LINE_FEED, CARRIAGE_RETURN] = [34, 10, 13] as const;
/** Excel's own way to say what separates the cells. */
const SEP_LINE = /^"?sep=(.)"?[,;\t]*(?:\r\n|\n|\r|$)/i;

/** A record as the sample has it: where it begins, and its cells. */
type Sampled = { at: number; cells: string[] };

/** Reads the first records of a CSV by one separator, as far as a header and its neighbours need. Blank lines are left out. */
function firstRecords(text: string, delimiter: string): Sampled[] {
  const records: Sampled[] = [];
  const separator = delimiter.charCodeAt(0);
  const end = Math.min(text.length, LONGEST_SAMPLE);
  let [at, from, cells, quoted] = [0, 0, [] as string[], false];
  const endRecord = (to: number) => {
    cells.push(text.slice(from, to).trim());
    if (cells.length > 1 || cells[0] !== '') records.push({ at, cells });
    cells = [];
  };
  for (let place = 0; place < end && records.length <= MOST_BEFORE + LOOKED_AT; place++) {
    const char = text.charCodeAt(place);
    if (char === QUOTE && (quoted || text.slice(from, place).trim() === '')) quoted = !quoted;
    else if (char === QUOTE && text.charCodeAt(place - 1) === QUOTE) quoted = true;
    if (quoted) continue;
    if (char === separator) {
      cells.push(text.slice(from, place).trim());
      from = place + 1;
    } else if (char === LINE_FEED || char === CARRIAGE_RETURN) {
      endRecord(place);
      at = from = place + 1;
    }
  }
  if (records.length <= MOST_BEFORE + LOOKED_AT && from < end) endRecord(end);
  return records;
}

function widthOf(cells: readonly string[]): number {
  let width = cells.length;
  while (width > 0 && cells[width - 1] === '') width--;
  return width;
}

/** Whether a record has as many cells as a header; empty cells behind don't count, and some of its own may be empty. */
function fits(cells: readonly string[], header: readonly string[]): boolean {
  return cells.length === header.length || (cells.length > widthOf(header) && widthOf(cells) <= header.length);
}

function unquoted(cell: string): string {
  return cell.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1) : cell;
}

/** How many of the cells are usual names of columns. */
function knownIn(cells: readonly string[], isField: (name: string) => boolean): number {
  return cells.map(unquoted).filter((name) => isField(name) || addressRank(name) !== undefined || namePart(name))
    .length;
}

type Candidate = { at: number; delimiter: string; width: number; known: number };

/** The first line that has as many cells as most of the next; undefined where no line has. */
function candidateFor(text: string, delimiter: string, isField: (name: string) => boolean): Candidate | undefined {
  const records = firstRecords(text, delimiter);
  let found: Candidate | undefined;
  let named: Candidate | undefined;
  for (const [index, { at, cells }] of records.slice(0, MOST_BEFORE + 1).entries()) {
    const next = records.slice(index + 1, index + 1 + LOOKED_AT);
    const fitting = next.filter((record) => fits(record.cells, cells)).length;
    const isHeader = next.length === 0 ? index === 0 : fitting * 2 > next.length;
    if (found ? cells.length <= found.width : !isHeader && named) continue;
    const candidate = { at, delimiter, width: cells.length, known: knownIn(cells, isField) };
    if (candidate.known > (index === 0 ? 0 : 1) && cells.length > 1) named ??= candidate;
    if (!isHeader) continue;
    // Notes before the header may be as narrow as each other: a wider line that names columns is the header then.
    if (!found) found = candidate;
    else if (candidate.known > found.known && candidate.width > found.width) return candidate;
  }
  // Where rows differ in length, the line that names columns is the header, rather than a row like the next ones.
  return found?.known ? found : (named ?? found);
}

/**
 * Finds the header of a CSV (contract, section 3): the first line with as many cells as most of the next 20, and the
 * separator with which it is so. Up to 50 lines may stand before it. `isField` tells the names that columns may have.
 */
export function findHeader(text: string, isField: (name: string) => boolean): Header {
  const sep = SEP_LINE.exec(text);
  if (sep) {
    const [line, delimiter = ','] = sep;
    const rest = text.slice(line.length);
    return { at: line.length + (candidateFor(rest, delimiter, isField)?.at ?? 0), delimiter };
  }
  const found = DELIMITERS.flatMap((delimiter) => candidateFor(text, delimiter, isField) ?? []);
  const isBetter = (one: Candidate, other: Candidate) =>
    Number(one.width > 1) - Number(other.width > 1) || one.known - other.known || one.width - other.width;
  const best = found.reduce<Candidate | undefined>(
    (so, next) => (so && isBetter(next, so) <= 0 ? so : next),
    undefined,
  );
  if (best && (best.width > 1 || best.at > 0)) return best;
  const first = firstDelimiter(text);
  return first === undefined && best ? best : { at: 0, delimiter: first ?? ',' };
}

/** The separator in the first line, outside of quotes: for a text in which few lines fit the first. */
function firstDelimiter(text: string): string | undefined {
  return DELIMITERS.find((delimiter) => (firstRecords(text, delimiter)[0]?.cells.length ?? 0) > 1);
}
