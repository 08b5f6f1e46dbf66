import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;
const LANES = ['fast', 'e2e', 'slow'];
const FOLDERS = ['test', 'src', 'tools', 'scripts', 'bench'];

/** What the place and the name of a file tell a reader. */
function laneToldBy(file: string): string {
  if (file.endsWith('.slow.test.ts')) return 'slow';
  return file.startsWith('test/e2e/') ? 'e2e' : 'fast';
}

function testFiles(): string[] {
  const files = FOLDERS.flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.posix.join(folder, name)),
  );
  return files.filter((file) => /\.(test|spec)\.[cm]?[jt]sx?$/.test(file) && !file.includes('node_modules/'));
}

/** Each test file with its lane, as vitest sees them; a file in two lanes is there twice. */
function filesInLanes(): string[][] {
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
  const text = execFileSync(process.execPath, [vitest, 'list', '--filesOnly', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const listed: { file: string; projectName: string }[] = JSON.parse(text.slice(text.indexOf('[')));
  return listed.map(({ file, projectName }) => [path.relative(ROOT, file), projectName]);
}

it('every test file is in exactly one lane, and its place or name tells which', () => {
  const told = testFiles().map((file) => [file, laneToldBy(file)]);
  expect(filesInLanes().sort()).toEqual(told.sort());
});

it('there is a script for each lane, and npm test runs all of them', () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  for (const lane of LANES) expect(scripts[`test:${lane}`]).toMatch(new RegExp(`vitest run --project ${lane}$`));
  expect(scripts.test).toMatch(/vitest run$/);
  expect([...new Set(testFiles().map(laneToldBy))].sort()).toEqual([...LANES].sort());
});

it('no test measures how long something took', () => {
  const measures = /performance\.now\(|hrtime|expect\([^\n]*Date\.now\(\)/;
  const wrong = testFiles().filter((file) => measures.test(fs.readFileSync(path.join(ROOT, file), 'utf8')));
  expect(wrong.filter((file) => file !== 'test/contract/lanes.test.ts')).toEqual([]);
});
