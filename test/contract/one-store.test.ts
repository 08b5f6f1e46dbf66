import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..');
const files = fs
  .readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|mjs)$/.test(name))
  .map((name) => ({ name, imports: importsOf(fs.readFileSync(path.join(ROOT, name), 'utf8')) }));

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import) ?\(?'([^']+)'/g)].map(([, target = '']) => target);
}

it('every test has its store from aStore()', () => {
  const makers = files.filter(({ imports }) => imports.some((target) => /\/(json|postgres)-store\.ts$/.test(target)));
  expect(makers.map(({ name }) => name)).toEqual(['support/store.ts']);
});

it('the suite that describes the port knows nothing of how a store keeps what it is told', () => {
  const suite = files.filter(({ name }) => /^(store\/port.*\.test|support\/port)\.ts$/.test(name));
  expect(suite.length).toBeGreaterThan(6);
  const inside = suite.flatMap(({ name, imports }) =>
    imports.filter((target) => /store\/json|node:fs|node:path/.test(target)).map((target) => `${name} ${target}`),
  );
  expect(inside).toEqual([]);
});
