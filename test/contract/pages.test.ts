import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsIn, type Link, linksIn, MANUAL, PAGES, ROOT, readPage } from '../support/pages.ts';

const { files, scripts } = JSON.parse(readPage('package.json'));
const LINKS = PAGES.flatMap(linksIn);

function leadsSomewhere({ file, anchor }: Link): boolean {
  if (!fs.existsSync(path.join(ROOT, file))) return false;
  return anchor === undefined || anchorsIn(file).includes(anchor);
}

describe('the README', () => {
  it('is a shop window: at most 16 KB', () => {
    expect(Buffer.byteLength(readPage('README.md'))).toBeLessThanOrEqual(16_384);
  });

  it('begins with one sentence, then the two commands that set up, show and test', () => {
    const [title, sentence, commands] = readPage('README.md').split('\n\n');
    expect(title).toBe('# Countersign');
    expect(sentence).toMatch(/^\*\*Countersign is [^.]+\.\*\*$/);
    expect(commands).toMatch(/^```sh\nnpm ci && npm run demo .*\nnpm ci && npm test .*\n```$/);
    expect(scripts).toMatchObject({ demo: expect.any(String), test: expect.any(String) });
  });

  it('leads to every page of the manual', () => {
    const linked = linksIn('README.md').map(({ file }) => file);
    expect(MANUAL.filter((page) => !linked.includes(page))).toEqual([]);
  });
});

describe('the pages', () => {
  it('have no link that leads nowhere', () => {
    expect(LINKS.length).toBeGreaterThan(100);
    expect(LINKS.filter((link) => !leadsSomewhere(link))).toEqual([]);
  });

  it('are all listed in the index of the manual', () => {
    const listed = linksIn('docs/README.md').map(({ file }) => file);
    expect(MANUAL.filter((page) => page !== 'docs/README.md' && !listed.includes(page))).toEqual([]);
  });

  it.each(MANUAL)('%s says first what it is about', (page) => {
    expect(readPage(page)).toMatch(/^# .+\n\n[A-Z`].+/);
  });

  it('name only npm scripts that there are', () => {
    const named = PAGES.flatMap((page) =>
      [...readPage(page).matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => ({ page, script })),
    );
    expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });

  it('are packed together with all that they link to', () => {
    const isPacked = (file: string) =>
      files.some((part: string) => file === part || file.startsWith(`${part}/`) || part.startsWith(`${file}/`));
    // Pages about changing Countersign are read where it is changed.
    const development = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'bench/README.md'];
    const missing = LINKS.filter(({ page, file }) => isPacked(page) && !isPacked(file));
    expect(missing.filter(({ file }) => !development.includes(file))).toEqual([]);
  });
});

describe('the map', () => {
  const map = readPage('ARCHITECTURE.md');
  const words = new Set([...map.matchAll(/`([^`\n]+)`/g)].flatMap(([, text = '']) => text.split(/[\s/]+/)));
  const filesBelow = (folder: string) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'));

  it('names every file of the engine and of the domain', () => {
    const found = ['src/engine', 'src/domain'].flatMap(filesBelow).map((name) => path.basename(name, '.ts'));
    const shown = new Set(filesBelow('src/engine/base/shown').map((name) => path.basename(name, '.ts')));
    expect(found.filter((name) => !words.has(name) && !shown.has(name))).toEqual([]);
  });

  it('names no file that is not there', () => {
    const named = [...map.matchAll(/`((?:src|tools|test|scripts|bench|docs)\/[\w./-]+)`/g)].map(
      ([, name = '']) => name,
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !fs.existsSync(path.join(ROOT, name)))).toEqual([]);
  });
});
