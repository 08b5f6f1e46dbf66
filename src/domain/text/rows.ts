/** Letters that take two columns of a terminal, and those before which clients may show a backslash. */
const WIDE =
  /["\\\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
/** The longest indent that the rows of a broken line keep. */
const INDENT = /^ {0,8}/;

/** How many letters of a line fit into so many columns: at least one. */
function lettersWithin(letters: readonly string[], columns: number): number {
  let used = 0;
  const end = letters.findIndex((letter) => {
    used += WIDE.test(letter) ? 2 : 1;
    return used > columns;
  });
  return end === -1 ? letters.length : Math.max(1, end);
}

function brokenLine(line: string, columns: number): string[] {
  const indent = line.match(INDENT)?.[0] ?? '';
  const rows: string[] = [];
  let rest = [...line];
  for (;;) {
    const end = lettersWithin(rest, columns);
    if (end === rest.length) return [...rows, rest.join('')];
    const space = rest.slice(0, end + 1).lastIndexOf(' ');
    const cut = space > indent.length ? space : end;
    rows.push(rest.slice(0, cut).join('').trimEnd());
    rest = [...indent, ...rest.slice(rest[cut] === ' ' ? cut + 1 : cut)];
  }
}

/**
 * A text in rows of at most so many columns of a terminal (more than 8), broken at spaces where that is possible. Nothing
 * but spaces is left out.
 */
export function inRows(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => brokenLine(line, columns));
}
