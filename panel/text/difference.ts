export type Piece = { text: string; kind: 'same' | 'added' | 'taken' };

/** More words than this, and only what is equal at both ends is found. */
const MOST_CELLS = 4_000_000;

function splitWords(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

function commonEnds(a: readonly string[], b: readonly string[]): [number, number] {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return [start, end];
}

function middle(a: readonly string[], b: readonly string[]): Piece[] {
  const wide = b.length + 1;
  if (a.length * wide > MOST_CELLS)
    return [
      { text: a.join(''), kind: 'taken' },
      { text: b.join(''), kind: 'added' },
    ];
  // For each pair of places, the length of the longest common row of words from there on.
  const lengths = new Uint16Array((a.length + 1) * wide);
  const at = (i: number, j: number) => lengths[i * wide + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * wide + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const pieces: Piece[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [taken, added] = [a[i], b[j]];
    if (taken !== undefined && taken === added) {
      pieces.push({ text: taken, kind: 'same' });
      i++;
      j++;
    } else if (taken !== undefined && (added === undefined || at(i + 1, j) >= at(i, j + 1))) {
      pieces.push({ text: taken, kind: 'taken' });
      i++;
    } else {
      pieces.push({ text: added ?? '', kind: 'added' });
      j++;
    }
  }
  return pieces;
}

/** What was taken from one text and added in another, in whole words. */
export function wordDifference(before: string, after: string): Piece[] {
  const a = splitWords(before);
  const b = splitWords(after);
  const [start, end] = commonEnds(a, b);
  const pieces: Piece[] = [
    { text: a.slice(0, start).join(''), kind: 'same' },
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    { text: a.slice(a.length - end).join(''), kind: 'same' },
  ];
  const joined: Piece[] = [];
  for (const piece of pieces.filter(({ text }) => text !== '')) {
    const last = joined.at(-1);
    if (last?.kind === piece.kind) last.text += piece.text;
    else joined.push({ ...piece });
  }
  return joined;
}

/** DecidingHow much of two texts is the same, from 0 to 1. */
export function likeness(pieces: readonly Piece[]): number {
  const size = (kinds: readonly string[]) =>
    pieces.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { text }) => sum + text.length, 0);
  return size(['same']) / Math.max(size(['same', 'added']), size(['same', 'taken']), 1);
}
