import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { actionOf, HOOK, proposing, waiting } from '../support/approved-scene.ts';
import { aPerson } from '../support/braked.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { command } from '../support/served.ts';
import { startServer, temporaryHome } from '../support/server.ts';
import { aSink } from '../support/sink.ts';
import { TRUSTING } from '../support/trusting.ts';

const RESTORED = 'restored from an older state';

onlyJson('a folder that is copied back; a database is restored in restored.postgres.test.ts').describe(
  'a home that was copied back from a backup',
  () => {
    it('sends nothing again once the doctor was told, until a person approves it again', async () => {
      const [sink, home] = [await aSink(), temporaryHome()];
      const env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host };
      const before = await aPerson(home, env);
      const { ref } = await waiting(before, sink, 'pat', proposing(HOOK));
      await before.call('set_brake', { on: true });
      await before.call('approve_action', await before.shown(ref));
      const copy = path.join(temporaryHome(), 'copy');
      fs.cpSync(home, copy, { recursive: true });
      await before.call('set_brake', { on: false });
      await expect.poll(async () => (await actionOf(before, ref)).status).toBe('executed');
      await before.close();
      fs.rmSync(home, { recursive: true });
      fs.renameSync(copy, home);

      const said = command(home, ['doctor', '--restored'], env);
      expect([said.status, said.stderr]).toEqual([0, '']);
      expect(said.stdout).toContain(`The brake is on in ${home}, and no agent acts unasked. 1 open action says`);
      const after = await aPerson(home, env);
      const { actions, notice } = await after.call('list_pending_actions');
      expect(actions).toMatchObject([{ status: 'pending_approval', reason: RESTORED }]);
      expect(notice).toContain(RESTORED);
      await after.call('set_brake', { on: false });
      await after.call('approve_action', await after.shown(ref));
      await expect.poll(async () => (await actionOf(after, ref)).status).toBe('executed');
      expect(sink.requests).toHaveLength(2);
      expect(command(home, ['audit'], env)).toMatchObject({ status: 0 });
    });
  },
);

describe('doctor --restored', () => {
  it('says the same again where nothing changed since, and is refused where nothing may be', async () => {
    const home = temporaryHome();
    const server = await startServer({ home });
    onTestFinished(() => server.close());
    await server.call('import_contacts', { contacts: [{ id: 'a' }] });
    const commits = (text: string) => /store: (\d+) commits/.exec(text)?.[1];
    const first = command(home, ['doctor', '--restored']);
    expect(first.stdout).toContain('0 open actions say');
    expect(commits(command(home, ['doctor', '--restored']).stdout)).toBe(commits(first.stdout));
    const refused = command(home, ['doctor', '--restored'], { COUNTERSIGN_READ_ONLY: '1' });
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('COUNTERSIGN_READ_ONLY=1 is set, so nothing is handed over');
  });
});
