import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aHome } from '../support/fixtures.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { command } from '../support/served.ts';
import { BUNDLE, baseEnv, temporaryHome } from '../support/server.ts';

const PASSWORD = 'pw-of-the-app';

describe('the commands on a database', () => {
  it('are told by the doctor which one it is', () => {
    const home = temporaryHome();
    const { host } = new URL(databaseUrlOf(home));
    const { status, stdout, stderr } = command(home, ['doctor']);
    expect(stdout).toMatch(
      new RegExp(`\\ndatabase: home_\\d+ at ${host.replace(':', ', port ')} \\(on this machine\\)`),
    );
    expect(stdout).toMatch(/\ndatabase server: PostgreSQL \d+\.\d+, schema of format \d+\n/);
    expect(stdout).toContain('\nstore: 0 commits, whole\n');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain(PASSWORD);
  });

  it('refuse a role that owns nothing the making of the schema', () => {
    const home = temporaryHome();
    const { status, stdout, stderr } = command(home, ['doctor', '--init']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/permission denied.* by COUNTERSIGN_DATABASE_OWNER_URL\.\n$/);
    expect(stderr).not.toContain(PASSWORD);
  });

  it('make no schema without a database', () => {
    const { status, stderr } = command(aHome(), ['doctor', '--init'], { COUNTERSIGN_DATABASE_URL: '' });
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('COUNTERSIGN_DATABASE_URL names, and that is not set'),
    ]);
  });

  it('say what to install where the driver is missing', () => {
    const folder = aHome();
    for (const name of fs.readdirSync(path.dirname(BUNDLE)))
      if (!/\.cache$|^pg-/.test(name)) fs.copyFileSync(path.join(path.dirname(BUNDLE), name), path.join(folder, name));
    const env = baseEnv(temporaryHome());
    const words = [path.join(folder, 'countersign.js'), 'pause'];
    const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^[^\n]*package pg is missing[^\n]*npm install pg\n$/)]);
  });

  it('say where the data is without the password', () => {
    const home = temporaryHome();
    const shown = databaseUrlOf(home).replace(`:${PASSWORD}`, '');
    const paused = command(home, ['pause', 'testing']);
    expect([paused.status, paused.stdout]).toEqual([0, expect.stringContaining(`The brake is on, in ${shown}.`)]);
    const audited = command(home, ['audit']);
    expect([audited.status, audited.stdout]).toEqual([0, expect.stringContaining(`home: ${shown}\n`)]);
    expect(command(home, ['doctor']).stdout).toMatch(/warning: .*countersign resume/);
    expect(`${paused.stdout}${paused.stderr}${audited.stdout}${audited.stderr}`).not.toContain(PASSWORD);
  });
});
