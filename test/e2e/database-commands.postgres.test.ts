import { describe, expect, it } from 'vitest';
import { aHome } from '../support/fixtures.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { command } from '../support/served.ts';
import { temporaryHome } from '../support/server.ts';

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
    expect(stderr).toContain('permission denied');
    expect(stderr).not.toContain(PASSWORD);
  });

  it('make no schema without a database', () => {
    const { status, stderr } = command(aHome(), ['doctor', '--init'], { COUNTERSIGN_DATABASE_URL: '' });
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('COUNTERSIGN_DATABASE_URL names, and that is not set'),
    ]);
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
