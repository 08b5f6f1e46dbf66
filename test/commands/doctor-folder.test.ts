import { describe, expect, it } from 'vitest';
import { doctor } from '../../src/commands/doctor.ts';
import { settingsOf } from '../../src/process/environment.ts';
import { aHome } from '../support/fixtures.ts';
import { aFullDisk } from '../support/full-disk.ts';

/** What the doctor says of a home, run in this process. */
async function said(home: string, env: Record<string, string> = {}) {
  const settings = settingsOf({ COUNTERSIGN_HOME: home, ...env }, home);
  if ('problem' in settings) throw new Error(settings.problem);
  let text = '';
  const say = (more: string) => {
    text += more;
  };
  return { status: await doctor(settings, [], { say, tell: say }), text };
}

describe('a home whose folder can no longer be written', () => {
  it('is no home that is ok, and the doctor says what to do', async () => {
    const home = aHome();
    expect((await said(home)).status).toBe(0);
    aFullDisk('EROFS');
    const { status, text } = await said(home);
    expect(status).toBe(1);
    expect(text).toMatch(/^fault: .*EROFS.*remount it writable, or set COUNTERSIGN_HOME/m);
  });

  it('is good enough for a process that only reads, and a warning', async () => {
    const home = aHome();
    await said(home);
    aFullDisk('EROFS');
    const { status, text } = await said(home, { COUNTERSIGN_READ_ONLY: '1' });
    expect(status).toBe(0);
    expect(text).toMatch(/^warning: .*EROFS.*remount it writable/m);
  });
});
