import { type LineHead, readHead } from '../../log/commit.ts';
import { damaged } from '../log/faults.ts';

const FEED = 10;
/** So many bytes are looked through before other calls of the process get their turn, or one line. */
const AT_ONCE = 1 << 20;

/**
 * The lines of a segment that count: whole ones, of which each follows the one before it. `starts` are their offsets,
 * so that the number of a line's commit is that of the segment and its place in the list. `isSealed`: the last of them
 * is the seal.
 */
export type SegmentLines = { starts: number[]; isSealed: boolean };

function follows(head: LineHead, before: LineHead | undefined): boolean {
  return before === undefined || (head.n === before.n + 1 && head.prev === before.sha);
}

/**
 * Finds the lines of a segment that count. It stops now and then, so that its caller can let others run. Throws
 * AppError STORE_ERROR where a commit is missing or damaged.
 */
export function* countedLines(bytes: Buffer, first: number, file: string): Generator<undefined, SegmentLines> {
  const starts: number[] = [];
  let before: LineHead | undefined;
  let start = 0;
  let told = 0;
  for (let end = bytes.indexOf(FEED); end !== -1 && !before?.isSeal; end = bytes.indexOf(FEED, start)) {
    const head = readHead(bytes.subarray(start, end));
    const n = first + starts.length;
    // A line that doesn't count lost a race, or was cut short.
    if (head && head.n >= n) {
      if (head.n > n || !follows(head, before)) throw damaged(n, file);
      before = head;
      starts.push(start);
    }
    start = end + 1;
    if (start - told < AT_ONCE) continue;
    told = start;
    yield undefined;
  }
  return { starts, isSealed: before?.isSeal === true };
}
