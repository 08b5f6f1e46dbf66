import { visible } from '../domain/text/visible.ts';

/** The most lines that are compared one by one. */
const MOST = 2_000;

/** How many lines two texts share in order, from each pair of places on. */
function sharedFrom(before: readonly string[], after: readonly string[]): Uint16Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = rows[i];
      if (row === undefined) continue;
      const down = rows[i + 1]?.[j] ?? 0;
      const diagonal = rows[i + 1]?.[j + 1] ?? 0;
      row[j] = before[i] === after[j] ? diagonal + 1 : Math.max(down, row[j + 1] ?? 0);
    }
  return rows;
}

/** The lines that two texts don't share, `-` before those that go and `+` before those that come. */
function lineMarks(before: readonly string[], after: readonly string[]): string[] {
  if (before.length * after.length > MOST * MOST)
    return [...before.map((line) => `- ${line}`), ...after.map((line) => `+ ${line}`)];
  const shared = sharedFrom(before, after);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && before[i] === after[j]) [i, j] = [i + 1, j + 1];
    else if (j < after.length && (i === before.length || (shared[i]?.[j + 1] ?? 0) > (shared[i + 1]?.[j] ?? 0)))
      lines.push(`+ ${after[j++]}`);
    else lines.push(`- ${before[i++]}`);
  }
  return lines;
}

/** Whether a line only got or lost a comma at its end. Such lines may hold secrets of others, and tell nothing. */
function isCommaOnly(gone: string | undefined, come: string | undefined): boolean {
  const bare = (line: string) => line.slice(2).replace(/,\s*$/, '');
  return gone?.startsWith('- ') === true && come?.startsWith('+ ') === true && bare(gone) === bare(come);
}

/** What changes from one text to another, line by line, for a person to read: no line of others that stays. */
export function difference(before: string, after: string): string[] {
  const split = (text: string) => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));
  const [one, other] = [split(before), split(after)];
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start++;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const lines = lineMarks(one.slice(start, one.length - end), other.slice(start, other.length - end));
  const told = lines.filter((line, at) => !isCommaOnly(line, lines[at + 1]) && !isCommaOnly(lines[at - 1], line));
  return told.map((line) => visible(line));
}
