import { describe, expect, it } from 'vitest';
import { CLIENTS } from '../../src/install/clients.ts';
import { codesIn, PAGES, readPage, rowsOf } from '../support/pages.ts';

const IDS: string[] = CLIENTS.map(({ id }) => id);
const text = readPage('docs/clients.md');

/** The rows of the page's tables whose first cell is one client's name on the command line. */
const rows = text
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, first = '']) => IDS.includes(first.replaceAll('`', '')) && first.startsWith('`'));

describe('the page of clients', () => {
  it('has a row for each client that install knows, and says where it adds a rule to ask', () => {
    expect(rows.map(([, id]) => codesIn(id)[0])).toEqual(IDS);
    const ruled = rows.filter(([, , , added = '']) => added !== '').map(([, id]) => codesIn(id)[0]);
    expect(ruled).toEqual(CLIENTS.filter(({ asksByRule }) => asksByRule !== undefined).map(({ id }) => id));
  });

  it('is true to what each draws and asks by itself', () => {
    const shown = new Map(rowsOf('docs/clients.md', 'client').map(([name = '', ...rest]) => [name, rest]));
    for (const { title, drawsForms, isWindowed, asks } of CLIENTS) {
      const [, [forms = '', asking = ''] = []] = [...shown].find(([name]) => name.startsWith(title)) ?? [];
      if (isWindowed) continue;
      expect([title, forms.slice(0, 2)]).toEqual([title, drawsForms ? 'ye' : 'no']);
      expect([title, asking.includes('for nothing')]).toEqual([title, asks.includes('NOTHING')]);
    }
  });
});

describe('a documented line that installs', () => {
  const lines = PAGES.flatMap((page) => [
    ...readPage(page).matchAll(/countersign(?:\.js)? (?:un)?install ([a-z-]+|--[a-z]+)/g),
  ]).map(([, word = '']) => word);

  it('names a client that there is, or an option', () => {
    const known = new Set([...IDS, '--list', '--service']);
    expect(lines.filter((word) => !known.has(word))).toEqual([]);
  });

  it('is in the README for each client', () => {
    const named = [...readPage('README.md').matchAll(/npx -y countersign install ([a-z-]+)/g)].map(([, id]) => id);
    expect(named.sort()).toEqual([...IDS].sort());
  });
});
