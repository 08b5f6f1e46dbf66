const NEWLINE = 10;
const DASH = 45;

/**
 * How much of a message is read. A reply's text, a report and the head of what it returns stand at the beginning; what
 * goes on beyond these limits is a picture, a newsletter, or made to keep a reader busy.
 */
const MOST_BYTES = 256 << 10;
const MOST_LINES = 5_000;
const MOST_HEAD_BYTES = 64 << 10;
/** Lines that begin with two dashes, as those do that part a message. */
const MOST_DASHED_LINES = 200;

/** The bytes of a message that are asked of a server. */
export const SOURCE_BYTES = MOST_BYTES;
export const HEAD_BYTES = MOST_HEAD_BYTES;

/** The beginning of a message that is read, up to the end of a line where it is cut. */
export function mailBeginning(source: Uint8Array): Uint8Array {
  let [lines, dashed, isHead] = [0, 0, true];
  let start = 0;
  while (start < Math.min(source.length, MOST_BYTES)) {
    if (lines === MOST_LINES || dashed === MOST_DASHED_LINES) return source.subarray(0, start);
    const found = source.indexOf(NEWLINE, start);
    const next = found < 0 ? source.length : found + 1;
    if (isHead && next > MOST_HEAD_BYTES) return source.subarray(0, lines === 0 ? MOST_HEAD_BYTES : start);
    // An empty line, with a carriage return or without, ends the head.
    if (next - start <= 2) isHead = false;
    if (source[start] === DASH && source[start + 1] === DASH) dashed++;
    lines++;
    start = next;
  }
  return source.subarray(0, MOST_BYTES);
}
