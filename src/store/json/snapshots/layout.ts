import fs from 'node:fs';
import { crc32 } from 'node:zlib';

/**
 * How a snapshot is laid out: JSON with one record a line. People and diff tools can read it, and a large snapshot is
 * written and read piece by piece. The last line holds the CRC-32 of everything before, so that a snapshot that was
 * torn or edited by hand isn't used. `n` is the commit that the snapshot was made at.
 *
 *     {"format": 6, "n": 12, "data": {
 *     "contacts": [
 *     {"id":"a"},
 *     {"id":"b"}
 *     ],
 *     "usage": {"contacts":3}
 *     },
 *     "crc": 3735928559}
 */
export type Head = { format: number; n: number };

/** Text is written in pieces of about so many characters, and read in blocks of so many bytes. */
const PIECE = 64 << 10;
const BLOCK = 256 << 10;
const HEAD = /^\{"format": (\d+), "n": (\d+), "data": ([[{])$/;
const SECTION = /^"([^"]+)": (.*?),?$/;
const END = /^"crc": (\d+)\}$/;
/** The line that ends a list. */
const CLOSING_LINE = '],\n';
/** The bytes of a line feed and of "]". */
const FEED = 10;
const CLOSING = 93;
const ZERO = 48;
const NINE = 57;
const MOST_DIGITS = 15;

function* rowsOf(rows: readonly unknown[]): Generator<string> {
  let piece = '';
  for (const [index, row] of rows.entries()) {
    piece += `${JSON.stringify(row)}${index === rows.length - 1 ? '' : ','}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function* sectionsOf(data: object): Generator<string> {
  const fields = Object.entries(data).filter(([, value]) => value !== undefined);
  for (const [index, [name, value]] of fields.entries()) {
    const comma = index === fields.length - 1 ? '' : ',';
    if (!Array.isArray(value)) {
      yield `"${name}": ${JSON.stringify(value)}${comma}\n`;
      continue;
    }
    yield `"${name}": [\n`;
    yield* rowsOf(value);
    yield `]${comma}\n`;
  }
}

/** The text of a snapshot in pieces, without its last line, which `endOf` makes. */
export function* piecesOf({ format, n }: Head, data: object): Generator<string> {
  const isList = Array.isArray(data);
  let piece = `{"format": ${format}, "n": ${n}, "data": ${isList ? '[' : '{'}\n`;
  for (const part of isList ? rowsOf(data) : sectionsOf(data)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}${isList ? ']' : '}'},\n`;
}

/** The last line of a snapshot; `crc` is the CRC-32 of everything before. */
export function endOf(crc: number): string {
  return `"crc": ${crc}}\n`;
}

/** Thrown where a file isn't a whole snapshot. */
class Torn extends Error {}

/** Whether a text is a whole number without a sign, and short enough to be one exactly. */
function isCount(text: string, from: number, end: number): boolean {
  if (end === from || end - from > MOST_DIGITS) return false;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}

/** A row in `text`, which has no backslash. The pairs of large indexes, of texts and numbers, are read without a parser. */
function rowAt(text: string, from: number, end: number): unknown {
  const keyEnd = text.indexOf('"', from + 2);
  const value = keyEnd + 2;
  if (text.startsWith('["', from) && text[keyEnd + 1] === ',' && value < end) {
    const key = text.slice(from + 2, keyEnd);
    const isText = text[value] === '"' && text.indexOf('"', value + 1) === end - 2;
    if (isText) return [key, text.slice(value + 1, end - 2)];
    if (isCount(text, value, end - 1)) return [key, Number(text.slice(value, end - 1))];
  }
  return JSON.parse(text.slice(from, end));
}

/** Gives the rows of a text, which stand in lines of their own with commas between them. */
function takeRows(text: string, take: (row: unknown) => void): void {
  if (!text.startsWith('["') || text.includes('\\')) {
    for (const row of JSON.parse(`[${text}]`)) take(row);
    return;
  }
  for (let from = 0; from < text.length; ) {
    const feed = text.indexOf(',\n', from);
    const end = feed === -1 ? text.length : feed;
    take(rowAt(text, from, end));
    from = end + 2;
  }
}

/** Reads the lines of a snapshot, one by one or many rows at once, and computes their CRC-32. */
class Lines {
  crc = 0;
  bytes = 0;
  private readonly fd: number;
  private block: Buffer = Buffer.alloc(0);
  private at = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** The next line. It counts into the CRC-32, unless it is the line that states the CRC-32. */
  next(): string {
    let end = this.block.indexOf(FEED, this.at);
    while (end === -1) {
      this.readOn();
      end = this.block.indexOf(FEED, this.at);
    }
    const line = this.block.toString('utf8', this.at, end);
    if (!END.test(line)) this.count(end + 1);
    this.at = end + 1;
    return line;
  }

  /** Gives the rows of a list, up to the line that closes the list. Many rows are parsed at once. */
  rows(take: (row: unknown) => void): void {
    for (;;) {
      if (this.at === this.block.length) this.readOn();
      if (this.block[this.at] === CLOSING) return;
      const closing = this.block.indexOf('\n]', this.at);
      const end = closing === -1 ? this.block.lastIndexOf(FEED) : closing;
      if (end < this.at) {
        this.readOn();
        continue;
      }
      const text = this.block.toString('utf8', this.at, end);
      takeRows(text.endsWith(',') ? text.slice(0, -1) : text, take);
      this.count(end + 1);
      this.at = end + 1;
    }
  }

  private count(end: number): void {
    this.crc = crc32(this.block.subarray(this.at, end), this.crc);
  }

  private readOn(): void {
    const left = this.block.length - this.at;
    const block = Buffer.allocUnsafe(left + Math.max(BLOCK, left));
    this.block.copy(block, 0, this.at);
    const read = fs.readSync(this.fd, block, left, block.length - left, null);
    if (read === 0) throw new Torn();
    this.bytes += read;
    this.block = block.subarray(0, left + read);
    this.at = 0;
  }
}

function readList(lines: Lines): unknown[] {
  const rows: unknown[] = [];
  lines.rows((row) => rows.push(row));
  return rows;
}

function readSections(lines: Lines): unknown {
  const data = JSON.parse('{}');
  for (let line = lines.next(); line !== '},'; line = lines.next()) {
    const [, name = '', value = ''] = SECTION.exec(line) ?? [];
    if (name === '') throw new Torn();
    data[name] = value === '[' ? readList(lines) : JSON.parse(value);
    if (value === '[' && !/^\],?$/.test(lines.next())) throw new Torn();
  }
  return data;
}

/** Where the records of a list stand in a snapshot, the commit that it was made at, and how far its CRC-32 reaches. */
export type ListPlace = { n: number; from: number; end: number; covered: number; crc: number };

/** What the first and the last line of a list's snapshot say; null where it isn't whole, no list, or of another format. */
export function listPlaceOf(text: string, format: number): ListPlace | null {
  const from = text.indexOf('\n') + 1;
  const [, itsFormat, n, opening] = HEAD.exec(text.slice(0, Math.max(0, from - 1))) ?? [];
  const covered = text.lastIndexOf('\n', text.length - 2) + 1;
  const stated = END.exec(text.slice(covered, -1))?.[1];
  const end = covered - CLOSING_LINE.length;
  if (Number(itsFormat) !== format || opening !== '[' || stated === undefined) return null;
  return end >= from && text.startsWith(CLOSING_LINE, end)
    ? { n: Number(n), from, end, covered, crc: Number(stated) }
    : null;
}

/**
 * Reads a snapshot of this format; null where the file has another format, is torn, or was altered. `data` is what
 * `JSON.parse` gives.
 */
export function readLaidOut(fd: number, format: number) {
  const lines = new Lines(fd);
  try {
    const [, itsFormat, n, opening] = HEAD.exec(lines.next()) ?? [];
    if (Number(itsFormat) !== format) return null;
    const data = JSON.parse(opening === '[' ? '[]' : '{}');
    if (opening === '{') Object.assign(data, readSections(lines));
    else {
      lines.rows((row) => data.push(row));
      if (lines.next() !== '],') throw new Torn();
    }
    const stated = END.exec(lines.next())?.[1];
    return Number(stated) === lines.crc ? { n: Number(n), data, bytes: lines.bytes } : null;
  } catch (error) {
    if (error instanceof Torn || error instanceof SyntaxError) return null;
    throw error;
  }
}
