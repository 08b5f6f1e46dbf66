/**
 * The most of a message. All that is done with it before a tool sees it, from its parsing on, then takes some 200 ms at most
 * (contract, section 3, "Filter"): a value takes 0.1 µs, a field 0.8 µs, and a name that no other field has 4 µs.
 */
const MOST_VALUES = 1_000_000;
const MOST_NAMED = 250_000;
const MOST_NAMES = 20_000;
/** Beyond so many fields of one object, each takes as long as so many others. */
const WIDE = 1_000;
const WIDE_COUNTS = 4;
/** Objects that are nested deeper aren't told apart: arguments have 64 levels at most. */
const MOST_LEVELS = 1_024;
/** A shorter line has room for less than that. */
const SHORT = 64 << 10;

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c] as const;
const [OPEN_OBJECT, OPEN_LIST, CLOSE_OBJECT, CLOSE_LIST] = [0x7b, 0x5b, 0x7d, 0x5d] as const;
const ID = Buffer.from('"id"');
const METHOD = Buffer.from('"method"');
/** The bits of the names that were seen: two names may share one, so that a few too many are let through. */
const BITS = 1 << 20;
const LONGEST_ID = 200;
const AN_ID = /^\s*(?<id>"(?:[^"\\]|\\.)*"|-?\d{1,15})\s*[,}]/;

/** A line that holds too much: of what, and which id its answer has. */
export type Overload = { problem: string; id: string | number | null };

/** Counts what a line of JSON holds without parsing it, which takes many times as long. */
class Count {
  values = 0;
  named = 0;
  names = 0;
  /** Where the value of the message's own `id` begins; -1 where it has none. */
  idAt = -1;
  isRequest = false;
  private readonly line: Buffer;
  private readonly seen = new Uint8Array(BITS >> 3);
  /** How many fields the open object of each level has so far. */
  private readonly widths = new Uint32Array(MOST_LEVELS);

  constructor(line: Buffer) {
    this.line = line;
    let [level, from, end] = [0, 0, 0];
    for (let at = 0; at < line.length; at++) {
      const byte = line[at];
      if (byte === QUOTE) {
        from = at;
        at = this.endOfText(at);
        end = at + 1;
      } else if (byte === COLON) this.takeName(from, end, { at, level });
      else if (byte === COMMA) this.values += 1;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        this.values += 1;
        level += 1;
        this.widths[level] = 0;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) level -= 1;
    }
  }

  private endOfText(from: number): number {
    const { line } = this;
    let at = from + 1;
    while (at < line.length && line[at] !== QUOTE) at += line[at] === BACKSLASH ? 2 : 1;
    return at;
  }

  private takeName(from: number, end: number, { at, level }: { at: number; level: number }): void {
    const { line, seen, widths } = this;
    const width = (widths[level] ?? 0) + 1;
    widths[level] = width;
    this.named += width > WIDE ? WIDE_COUNTS : 1;
    let hash = 0x811c9dc5 ^ (end - from);
    for (let place = from; place < end; place++) hash = Math.imul(hash ^ (line[place] ?? 0), 0x01000193);
    const bit = ((hash >>> 12) ^ hash) & (BITS - 1);
    const mask = 1 << (bit & 7);
    const before = seen[bit >> 3] ?? 0;
    if ((before & mask) === 0) this.names += 1;
    seen[bit >> 3] = before | mask;
    if (level !== 1) return;
    if (ID.equals(line.subarray(from, end))) this.idAt = at + 1;
    if (METHOD.equals(line.subarray(from, end))) this.isRequest = true;
  }
}

function problemOf({ values, named, names }: Count): string | undefined {
  const say = (most: number, what: string) => `${most.toLocaleString('en-US')} ${what}`;
  if (names > MOST_NAMES) return say(MOST_NAMES, 'different names of fields');
  if (named > MOST_NAMED) return say(MOST_NAMED, 'fields');
  return values > MOST_VALUES ? say(MOST_VALUES, 'values') : undefined;
}

/** The id of a request; null for any other message, and where it can't be told. */
function idOf(line: Buffer, { idAt, isRequest }: Count): string | number | null {
  if (idAt < 0 || !isRequest) return null;
  const id = AN_ID.exec(line.toString('utf8', idAt, idAt + LONGEST_ID))?.groups?.id;
  return id === undefined ? null : JSON.parse(id);
}

/** What is too much of a line of JSON; undefined where it may be parsed. */
export function overloadOf(line: Buffer): Overload | undefined {
  if (line.length < SHORT) return undefined;
  const count = new Count(line);
  const problem = problemOf(count);
  return problem === undefined ? undefined : { problem, id: idOf(line, count) };
}
