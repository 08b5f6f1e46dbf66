import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/domain/base/version.ts';
import { aHome } from '../support/fixtures.ts';
import { BUNDLE, baseEnv, startServer } from '../support/server.ts';

/** A copy of the built program without compiled code beside it. */
function copyOfBundle(): string {
  const folder = aHome();
  for (const name of fs.readdirSync(path.dirname(BUNDLE)))
    if (!name.endsWith('.cache')) fs.copyFileSync(path.join(path.dirname(BUNDLE), name), path.join(folder, name));
  return folder;
}

const caches = (folder: string) => fs.readdirSync(folder).filter((name) => name.endsWith('.cache'));

function version(folder: string): string {
  return execFileSync(process.execPath, [path.join(folder, 'countersign.js'), '--version'], {
    encoding: 'utf8',
  }).trim();
}

/** Lets the server live until it has kept what it compiled. */
async function startOnce(folder: string): Promise<void> {
  const server = spawn(process.execPath, [path.join(folder, 'countersign.js')], {
    env: baseEnv(path.join(folder, 'home')),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  await expect.poll(() => caches(folder)).toHaveLength(1);
  server.stdin.end();
  await ended;
}

/** Whether V8 of a fresh process takes the compiled code for that of the program. */
function isTaken(folder: string, name: string): boolean {
  const read = `const fs = require('node:fs'); const data = fs.readFileSync(process.argv[1]).subarray(20);
    const text = fs.readFileSync(process.argv[2], 'latin1');
    const source = '(function (exports, require, module, __filename, __dirname) {' + text + '\\n})';
    console.log(new (require('node:vm').Script)(source, { cachedData: data }).cachedDataRejected === false);`;
  const app = `${name.split('.')[0]}.js`;
  const words = ['-e', read, path.join(folder, name), path.join(folder, app)];
  return execFileSync(process.execPath, words, { encoding: 'utf8' }).trim() === 'true';
}

describe('starting', () => {
  it('keeps code that the next start takes, whatever this one has set for itself', async () => {
    const folder = copyOfBundle();
    await startOnce(folder);
    const [name = ''] = caches(folder);
    expect(isTaken(folder, name)).toBe(true);
    const file = path.join(folder, name);
    fs.writeFileSync(file, fs.readFileSync(file).fill(7, 30, 60));
    expect(isTaken(folder, name)).toBe(false);
  });

  it('keeps compiled code for the next start, and starts without it, or with what is left of it', async () => {
    const folder = copyOfBundle();
    expect(version(folder)).toBe(VERSION);
    await startOnce(folder);
    const [name = ''] = caches(folder);
    const file = path.join(folder, name);
    const whole = fs.readFileSync(file);
    expect(version(folder)).toBe(VERSION);
    for (const broken of [whole.subarray(0, 5_000), Buffer.from('garbage'), Buffer.alloc(0), Buffer.alloc(50_000, 7)]) {
      fs.writeFileSync(file, broken);
      expect(version(folder)).toBe(VERSION);
    }
    const flipped = Buffer.from(whole);
    flipped[50_000] = (flipped[50_000] ?? 0) ^ 255;
    fs.writeFileSync(file, flipped);
    expect(version(folder)).toBe(VERSION);
  });
});

describe('an older Node', () => {
  it.each(['20.18.3', '18.20.8'])('gets one line, before anything else is loaded: %s', (version) => {
    const folder = aHome();
    // Nothing else of the program is there to be loaded.
    fs.copyFileSync(BUNDLE, path.join(folder, 'countersign.js'));
    const older = path.join(folder, 'older.cjs');
    fs.writeFileSync(older, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
    for (const args of [[], ['--version'], ['install', 'cursor']]) {
      const words = ['--require', older, path.join(folder, 'countersign.js'), ...args];
      const { status, stdout, stderr } = spawnSync(process.execPath, words, { input: '', encoding: 'utf8' });
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(new RegExp(`^countersign needs Node 20\\.19 or later; this is ${version}\\. [^\\n]+\\n$`));
    }
  });
});

describe('the built program', () => {
  it('has letters of every language as its sources have them', async () => {
    // The launcher reads code byte by byte.
    for (const name of fs.readdirSync(path.dirname(BUNDLE)).filter((file) => file.endsWith('.js')))
      expect(fs.readFileSync(path.join(path.dirname(BUNDLE), name), 'latin1')).not.toMatch(/[^\0-\x7f]/);
    const server = await startServer();
    const contacts = [
      { id: 'a', email: 'ânna@alder.example' },
      { id: 'm', email: '“Mia@alder.example”' },
      { id: 's', email: 'sol@alder.example', 状态: '退订' },
    ];
    await server.call('import_contacts', { contacts });
    const found = await server.call('list_contacts', { fields: ['do_not_email'] });
    expect(found.contacts).toMatchObject([
      { id: 's', do_not_email: true },
      { id: 'm', email: 'mia@alder.example' },
      { id: 'a', email: 'ânna@alder.example' },
    ]);
    await server.close();
  });
});
