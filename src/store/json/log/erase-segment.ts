import type { RewrittenLine } from '../../../domain/state/events.ts';
import { readPlain } from '../../../files/durable.ts';
import { type Commit, type LineHead, parseLine, type RewriteMarks, readHead, splitLines } from '../../log/commit.ts';
import { allKept, type Eraser } from '../../log/eraser.ts';
import { damaged } from './faults.ts';

/**
 * A sealed segment after an erasure, with only the commits that count. `isChanged`: the bytes differ from the file.
 * `lines`: those that this erasure rewrote, by this process or by one that ended in the middle of it.
 */
export type RewrittenSegment = { bytes: Buffer; isChanged: boolean; lines: RewrittenLine[] };

const FEED = Buffer.from('\n');

function commitOf(line: Buffer, head: LineHead, file: string): Commit & Partial<RewriteMarks> {
  const commit = parseLine(line, head);
  if (!commit) throw damaged(head.n, file);
  return commit;
}

/** Gives a segment without the deleted contacts. Throws AppError STORE_ERROR where a commit is missing or damaged. */
export function eraseSegment(eraser: Eraser, file: string, first: number): RewrittenSegment {
  const kept: (Buffer | string)[] = [];
  eraser.named = [];
  let isChanged = false;
  let before: LineHead | undefined;
  const { lines, rest } = splitLines(readPlain(file));
  for (const [index, bytes] of lines.entries()) {
    const head = readHead(bytes);
    const n = before ? before.n + 1 : first;
    // A line that doesn't count (it lost a race, or was cut short) may name a person too, so it is dropped.
    if (!head || head.n < n) {
      isChanged = true;
      continue;
    }
    if (head.n > n || (before && head.prev !== before.sha)) throw damaged(n, file);
    before = head;
    const line = { bytes, head, commit: () => commitOf(bytes, head, file) };
    const cleared = eraser.without(line);
    if (cleared) isChanged = true;
    // Lines behind the seal don't count either. The loop ends before them, so they are dropped.
    if (head.isSeal && (index < lines.length - 1 || rest.length > 0)) isChanged = true;
    kept.push(eraser.keep(line, head.isSeal && isChanged ? (cleared ?? allKept(line)) : cleared));
    if (head.isSeal) break;
  }
  if (!before?.isSeal) throw damaged((before?.n ?? first - 1) + 1, file);
  return {
    bytes: Buffer.concat(kept.flatMap((line) => [Buffer.from(line), FEED])),
    isChanged,
    lines: eraser.named,
  };
}
