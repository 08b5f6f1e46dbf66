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
  if (file.endsWith('.postgres.test.ts')) return 'postgres';
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

type Listed = { file: string; projectName: string };

/** The files that vitest would run by a config, with their lanes; a file in two lanes is there twice. */
function filesBy(config: string): Listed[] {
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
  const text = execFileSync(process.execPath, [vitest, 'list', '--filesOnly', '--json', '--config', config], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const listed: Listed[] = JSON.parse(text.slice(text.indexOf('[')));
  return listed.map(({ file, projectName }) => ({ file: path.relative(ROOT, file), projectName }));
}

it('every test file is in exactly one lane, and its place or name tells which', () => {
  const told = testFiles().map((file) => [file, laneToldBy(file)]);
  // The lane of PostgreSQL runs files of others again, with the second store.
  const again = filesBy('vitest.postgres.config.ts');
  const only = again.filter(({ file }) => laneToldBy(file) === 'postgres');
  const found = [...filesBy('vitest.config.ts'), ...only].map(({ file, projectName }) => [file, projectName]);
  expect(found.sort()).toEqual(told.sort());
  const stories = testFiles().filter((file) => laneToldBy(file) === 'e2e');
  expect(again.map(({ file }) => file)).toEqual(expect.arrayContaining(stories));
});

it('there is a script for each lane, and npm test runs all of them', () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  for (const lane of LANES) expect(scripts[`test:${lane}`]).toMatch(new RegExp(`vitest run --project ${lane}$`));
  expect(scripts.test).toMatch(/vitest run && node scripts\/test-postgres\.mjs$/);
  expect(scripts['test:postgres']).toMatch(/node scripts\/test-postgres\.mjs$/);
  expect([...new Set(testFiles().map(laneToldBy))].sort()).toEqual([...LANES, 'postgres'].sort());
});

it('no test measures how long something took', () => {
  const measures = /performance\.now\(|hrtime|expect\([^\n]*Date\.now\(\)/;
  const wrong = testFiles().filter((file) => measures.test(fs.readFileSync(path.join(ROOT, file), 'utf8')));
  expect(wrong.filter((file) => file !== 'test/contract/lanes.test.ts')).toEqual([]);
});

it('a story names a home to a program only along with its database, as baseEnv does', () => {
  const stories = testFiles().filter((file) => file.startsWith('test/e2e/'));
  const wrong = stories.flatMap((file) => {
    const lines = fs.readFileSync(path.join(ROOT, file), 'utf8').split('\n');
    const bare = lines.filter((line) => /\bCOUNTERSIGN_HOME: [^_]/.test(line) && !line.includes('databaseEnv('));
    return bare.map((line) => `${file}: ${line.trim()}`);
  });
  expect(stories.length).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
});

it('a file that mocks a module loads its modules anew, and leaves none of them to the next file', () => {
  const texts = testFiles().map((file) => ({ file, text: fs.readFileSync(path.join(ROOT, file), 'utf8') }));
  const mocking = texts.filter(({ text }) => /^vi\.mock\(/m.test(text));
  const fresh = ['vi.hoisted(() => vi.resetModules());', 'afterAll(() => void vi.resetModules());'];
  expect(mocking.length).toBeGreaterThan(0);
  expect(mocking.filter(({ text }) => !fresh.every((line) => text.includes(line))).map(({ file }) => file)).toEqual([]);
});
