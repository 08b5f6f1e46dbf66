import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/domain/base/version.ts';
import { aHome } from '../support/fixtures.ts';
import { BUNDLE, baseEnv } from '../support/server.ts';

const URL = 'postgres://app:hunter2@localhost:1/work';
const SENTENCE =
  /^COUNTERSIGN_DATABASE_URL is set, and PostgreSQL needs Node 22\.12 or later; this is 20\.19\.4\. [^\n]*\n$/;

/** Runs the built program as Node 20.19.4 would, whatever Node runs the tests. */
function run(args: string[], url = URL) {
  const home = aHome();
  const preload = path.join(home, 'older.cjs');
  fs.writeFileSync(
    preload,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.4' } });",
  );
  const env = baseEnv(home, { COUNTERSIGN_DATABASE_URL: url, HOME: home, NODE_OPTIONS: `--require ${preload}` });
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...args], {
    ...{ env, input: '', encoding: 'utf8', timeout: 20_000 },
  });
  return { status, stdout, stderr, files: fs.readdirSync(home).filter((name) => name !== 'older.cjs') };
}

describe('PostgreSQL with an older Node', () => {
  it.each([[[]], [['review']], [['audit']], [['serve']], [['token', 'list']], [['open']], [['pause']]])(
    '%j says one sentence and ends, and nothing is written',
    (args) => {
      const { status, stdout, stderr, files } = run(args);
      expect([status, stdout, files]).toEqual([1, '', []]);
      expect(stderr).toMatch(SENTENCE);
    },
  );

  it('leaves what needs no database working, and it says so', () => {
    const version = run(['--version']);
    expect([version.status, version.stdout]).toEqual([0, `${VERSION}\n`]);
    const help = run(['--help']);
    expect([help.status, help.stdout]).toEqual([0, expect.stringContaining('countersign doctor')]);
    const listed = run(['install', '--list']);
    expect([listed.status, listed.stdout]).toEqual([0, expect.stringContaining('claude-code')]);
    for (const { stderr } of [version, help, listed]) expect(stderr).toMatch(SENTENCE);
  });

  it('has a doctor that tells of the rest, with that as its fault', () => {
    const { status, stdout } = run(['doctor']);
    expect(status).toBe(1);
    expect(stdout).toContain('database: work at localhost, port 1 (on this machine), role app, schema countersign\n');
    expect(stdout).toMatch(/\nstore: not read\n[\s\S]*\nfault: COUNTERSIGN_DATABASE_URL is set, [^\n]*20\.19\.4/);
    expect(stdout).not.toContain('hunter2');
  });

  it('is told of a URL that can’t be, before that', () => {
    const { status, stderr } = run([], 'postgres://app:hunter2@db.example/work?sslmode=require');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^COUNTERSIGN_DATABASE_URL: The URL of the database leads to another machine, db\.example, /,
    );
    expect(stderr).not.toContain('hunter2');
  });
});
