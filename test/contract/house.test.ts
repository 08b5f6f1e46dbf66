import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;
/** The floors of the house, ground first. Imports only go down. */
const FLOORS: [string, number][] = [
  ['src/domain/', 0],
  ['src/store/', 1],
  ['src/net/', 1],
  ['src/evaluators/', 2],
  ['src/actions/', 2],
  ['src/engine/', 3],
  ['src/mcp/', 4],
  ['tools/', 5],
  ['src/version.ts', 0],
  ['src/config.ts', 1],
  ['src/server.ts', 6],
  ['src/', 7],
];

function sources(): string[] {
  const found = ['src', 'tools'].flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(folder, name)),
  );
  return found.filter((name) => name.endsWith('.ts'));
}

function floorOf(file: string): number {
  return FLOORS.find(([prefix]) => file.startsWith(prefix))?.[1] ?? 99;
}

function importsOf(file: string): string[] {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const relative = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '');
  return relative.map((specifier) => path.normalize(path.join(path.dirname(file), specifier)));
}

describe('the house', () => {
  it('imports only downwards', () => {
    const wrong = sources().flatMap((file) =>
      importsOf(file)
        .filter((target) => floorOf(target) > floorOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has tools that import no other tool and no store', () => {
    const wrong = sources()
      .filter((file) => file.startsWith('tools/') && file !== 'tools/index.ts')
      .flatMap((file) =>
        importsOf(file).filter((target) => target.startsWith('tools/') || target.startsWith('src/store/')),
      );
    expect(wrong).toEqual([]);
  });

  it('keeps the domain away from clock, disk and network', () => {
    const wrong = sources()
      .filter((file) => file.startsWith('src/domain/'))
      .filter((file) => {
        const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
        return /node:(fs|http|https|child_process)|Date\.now\(\)|new Date\(\)|process\.env/.test(text);
      });
    expect(wrong).toEqual([]);
  });

  it('has no way around the type checker', () => {
    const wayAround =
      /\bas (?!const\b)(any|unknown|never|[A-Z][A-Za-z]*)(?=[;,)\]}<[&|]|$)|: any\b|<any>|@ts-(ignore|expect-error|nocheck)/;
    const wrong = sources().flatMap((file) =>
      fs
        .readFileSync(path.join(ROOT, file), 'utf8')
        .split('\n')
        .filter((line) => wayAround.test(line) && !/^\s*(import|export|\/?\*|\/\/)/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });
});
