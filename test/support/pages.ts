import fs from 'node:fs';
import path from 'node:path';

export const ROOT = new URL('../..', import.meta.url).pathname;

function filesBelow(folder: string, ending: string): string[] {
  const names = fs.readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(ending)).map((name) => path.posix.join(folder, name));
}

export function readPage(page: string): string {
  return fs.readFileSync(path.join(ROOT, page), 'utf8');
}

/** The pages of the manual, by their paths from the repository's root. */
export const MANUAL: readonly string[] = filesBelow('docs', '.md');

/** Every page that a person may read: those at the root, the manual, and what the bench's figures mean. */
export const PAGES: readonly string[] = [
  ...fs.readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...MANUAL,
  'bench/README.md',
];

/** The text of all sources in these folders, one after another. */
export function sourceText(folders: readonly string[]): string {
  return folders
    .flatMap((folder) => filesBelow(folder, '.ts'))
    .map(readPage)
    .join('\n');
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

/** The rows of a page's table, as cells, whose header begins with `head`. */
export function rowsOf(page: string, head: string): string[][] {
  const lines = readPage(page).split('\n');
  const from = lines.findIndex((line, at) => line.startsWith(`| ${head} |`) && lines[at + 1]?.startsWith('|---'));
  if (from < 0) throw new Error(`${page} has no table whose first column is "${head}"`);
  const body = lines.slice(from + 2);
  const length = body.findIndex((line) => !line.startsWith('|'));
  return body.slice(0, length < 0 ? body.length : length).map(cellsOf);
}

/** The texts in backticks. */
export function codesIn(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The texts in backticks in one column of a table, from the top. */
export function columnOf(page: string, head: string, column = 0): string[] {
  return rowsOf(page, head).flatMap((cells) => codesIn(cells[column]));
}

/** A page without its fenced blocks, in which `[]()` and `#` are no links and headings. */
export function proseOf(page: string): string {
  return readPage(page).replace(/^```[\s\S]*?^```/gm, '');
}

/** A heading's anchor, as GitHub makes it. */
function anchorOf(heading: string): string {
  const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return plain
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

export function anchorsIn(page: string): string[] {
  return [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** A link of a page to a file of the repository, by its path from the root, and to an anchor in the file. */
export type Link = { page: string; file: string; anchor: string | undefined };

export function linksIn(page: string): Link[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#');
      return { page, file: file === '' ? page : path.posix.join(path.posix.dirname(page), file), anchor };
    });
}
