/**
 * A text that may be too long to hold twice. It is gone through by places, which count characters, or bytes where the
 * text is held as such; a place that the functions give stands between two characters.
 */
export type LongText = {
  /** The place behind the last character. */
  end: number;
  /** Whether the text may hold half a character: one that came as UTF-8 holds none. */
  mayBeHalved: boolean;
  slice: (from: number, to: number) => string;
  has: (sign: LineEnd) => boolean;
  /** The place behind the first such sign at `from` or later, or the end. */
  behind: (sign: LineEnd, from: number) => number;
  /** How many places a beginning of the text takes. */
  places: (beginning: string) => number;
};

export type LineEnd = '\n' | '\r';

/** So many places are read at once. */
export const PLACES_AT_ONCE = 256 << 10;
/** So many places are enough for every question about a text's beginning. */
const BEGINNING = 4 << 20;
const MARK = '\uFEFF';

function longText(held: string | Buffer, slice: LongText['slice'], places: LongText['places']): LongText {
  return {
    end: held.length,
    mayBeHalved: typeof held === 'string',
    slice,
    has: (sign) => held.includes(sign),
    behind(sign, from) {
      const at = from < held.length ? held.indexOf(sign, from) : -1;
      return at < 0 ? held.length : at + 1;
    },
    places,
  };
}

/** A text held as a string, without its byte order mark. */
export function textOfString(given: string): LongText {
  const text = given.startsWith(MARK) ? given.slice(1) : given;
  return longText(
    text,
    (from, to) => text.slice(from, to),
    (beginning) => beginning.length,
  );
}

/** A text held as its bytes, which must be UTF-8: as a string it would take up to twice the memory. */
export function textOfBytes(given: Uint8Array): LongText {
  const all = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const bytes = all.subarray(all.toString('utf8', 0, 3) === MARK ? 3 : 0);
  return longText(
    bytes,
    (from, to) => bytes.toString('utf8', from, to),
    (beginning) => Buffer.byteLength(beginning),
  );
}

export function textStart(text: LongText): string {
  return text.slice(0, Math.min(text.end, BEGINNING));
}

export function wholeText(text: LongText): string {
  return text.slice(0, text.end);
}
