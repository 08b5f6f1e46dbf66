import { describe, expect, it, onTestFinished } from 'vitest';
import { aCommand } from '../support/mover.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { startServer, temporaryHome } from '../support/server.ts';

const OF_FILES = onlyJson('a home on PostgreSQL is in the database: its folder only remembers what was seen of that');

const RULES = { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'n' } }] }] };

/** Starts a worker on a home. Gives its id once it says that it is ready. */
async function aWorker(home: string) {
  const { child, end } = aCommand(process.execPath, home, ['worker']);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
  });
  let told = '';
  child.stderr?.on('data', (bytes) => {
    told += bytes;
  });
  await expect.poll(() => told).toMatch(/^worker proc_\w+ ready\n$/);
  return { child, end, id: told.split(' ')[1] };
}

describe('countersign worker', () => {
  it('takes up a run of a process that was killed, and ends at once when it is told to', async () => {
    const home = temporaryHome();
    const on = await startServer({ home });
    await on.call('import_contacts', { contacts: Array.from({ length: 5 }, (_, n) => ({ id: `c${n}` })) });
    const { agent } = await on.call('create_agent', { name: 'Noter', capabilities: ['notes'], playbook: RULES });
    const worker = await aWorker(home);
    const { run_id } = await on.call('trigger_agent', { agent_id: agent.id, wait_seconds: 0 });
    if (on.pid !== undefined) process.kill(on.pid, 'SIGKILL');
    const other = await startServer({ home, env: { COUNTERSIGN_READ_ONLY: '1' } });
    await expect
      .poll(async () => (await other.call('get_run', { run_id, mode: 'summary' })).run, { interval: 250 })
      .toMatchObject({ status: 'completed', summary: { contacts_evaluated: 5 } });
    worker.child.kill('SIGTERM');
    expect(await worker.end).toMatchObject({ code: 0, said: '' });
  });

  it('says what is wrong, and exits with 1, where it can’t work', async () => {
    const home = temporaryHome();
    const readOnly = await aCommand(process.execPath, home, ['worker'], { COUNTERSIGN_READ_ONLY: '1' }).end;
    expect(readOnly).toMatchObject({ code: 1, said: '', told: expect.stringContaining('COUNTERSIGN_READ_ONLY') });
    expect(await aCommand(process.execPath, home, ['worker', 'now']).end).toMatchObject({ code: 1 });
  });

  OF_FILES.it('exits with 1 where it can’t write the home', async () => {
    expect(await aCommand(process.execPath, '/proc/home', ['worker']).end).toMatchObject({ code: 1 });
  });
});
