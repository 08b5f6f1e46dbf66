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
/** The bytes of a line feed and of "]". */
const FEED = 10;
const CLOSING = 93;

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
      for (const row of JSON.parse(`[${text.endsWith(',') ? text.slice(0, -1) : text}]`)) take(row);
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
