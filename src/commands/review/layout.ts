import type { Paint } from './terminal.ts';

/**
 * The columns that a character takes at most. Too few would be dangerous: the terminal would then break the line
 * itself, and text from outside would begin where only our own words may stand.
 */
function widthOf(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  const isNarrow = point < 0x1100 || (point >= 0x2010 && point <= 0x205e) || point === 0x27e8 || point === 0x27e9;
  return isNarrow ? 1 : 2;
}

function columns(text: string): number {
  let sum = 0;
  for (const character of text) sum += widthOf(character);
  return sum;
}

/** A word in pieces that fit into `width` columns. */
function broken(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && columns(piece) + widthOf(character) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const part of line.match(/\s+|\S+/g) ?? []) {
    if (columns(current) + columns(part) <= width) {
      current += part;
      continue;
    }
    if (current.trim() !== '') lines.push(current.trimEnd());
    const pieces = part.trim() === '' ? [''] : broken(part, width);
    lines.push(...pieces.slice(0, -1));
    current = pieces.at(-1) ?? '';
  }
  return [...lines, current.trimEnd()];
}

/** A text in lines of at most `width` columns, broken between words where possible. Its own line breaks stay. */
export function wrap(text: string, width: number): string[] {
  return text
    .replaceAll('\t', '    ')
    .split('\n')
    .flatMap((line) => wrapLine(line, width));
}

/** One row of a screen: our own label, and a text that may come from outside. */
export type TableRow = [label: string, text: string, style?: Parameters<Paint>[0]];

const GUTTER = ' │ ';
/** A longer label stands on a line of its own. */
const LONGEST_LABEL = 14;

/**
 * Rows with their labels in one column. Each line of a text stands behind a bar, and nothing of ours does, so that a
 * text can't pass for our own words.
 */
export function table(rows: readonly TableRow[], width: number, paint: Paint): string {
  const isShort = (label: string) => columns(label) <= LONGEST_LABEL;
  const labels = Math.max(0, ...rows.map(([label]) => (isShort(label) ? columns(label) : 0)));
  const room = width - labels - GUTTER.length - 3;
  return rows
    .flatMap(([label, text, style]) => {
      const lines = wrap(text, room).map((line, at) => {
        const shown = at === 0 && isShort(label) ? label : '';
        const start = `  ${shown}${' '.repeat(labels - columns(shown))}${GUTTER}`;
        if (line === '') return paint('dim', start.trimEnd());
        return `${paint('dim', start)}${style === undefined ? line : paint(style, line)}`;
      });
      return isShort(label) ? lines : [paint('dim', `  ${label}:`), ...lines];
    })
    .join('\n');
}
