import { describe, expect, it, onTestFinished } from 'vitest';
import { aCommand } from '../support/mover.ts';
import { hooks, start, waiting } from '../support/poster.ts';
import { asDatabaseOwner } from '../support/postgres/database.ts';
import { fillDisk, makeRoom } from '../support/postgres/full-disk.ts';
import { aWorker } from '../support/postgres/workers.ts';
import { startServer, temporaryHome } from '../support/server.ts';
import { aSink } from '../support/sink.ts';

describe('a database whose disk is full', () => {
  it('refuses each change in words, answers what is asked, and goes on once there is room', async () => {
    const on = await startServer();
    onTestFinished(() => on.close());
    const save = (id: string) => on.raw('import_contacts', { contacts: [{ id }] });
    await save('before');
    await asDatabaseOwner(on.home, fillDisk);
    for (const id of ['a', 'b']) {
      const refused = await save(id);
      expect([refused.isError, JSON.stringify(refused.content)]).toEqual([
        true,
        expect.stringContaining('Its disk is full. Nothing was changed. Free some space there'),
      ]);
    }
    const known = async () => (await on.call('list_contacts')).contacts.map(({ id }: { id: string }) => id).sort();
    expect(await known()).toEqual(['before']);
    await asDatabaseOwner(on.home, makeRoom);
    expect((await save('a')).isError).toBeFalsy();
    expect(await known()).toEqual(['a', 'before']);
    const audit = await aCommand(process.execPath, on.home, ['audit']).end;
    expect([audit.code, audit.said]).toEqual([0, expect.stringContaining('whole')]);
  });

  it('while an action goes out has nobody do it twice, and its outcome is told once there is room', async () => {
    let isFull = false;
    let home = '';
    const sink = await aSink(async (_request, response) => {
      await asDatabaseOwner(home, fillDisk);
      isFull = true;
      response.end('ok');
    });
    const on = await start(sink);
    home = on.home;
    const { at } = await waiting(on, hooks(sink));
    await aWorker(home, { COUNTERSIGN_ALLOW_HOSTS: sink.host });
    const approving = on.raw('approve_action', await on.shown(at));
    await expect.poll(() => isFull).toBe(true);
    await approving;
    await asDatabaseOwner(home, makeRoom);
    const status = async () =>
      (await on.call('get_run', { run_id: at.run_id })).run.contact_results[0].proposed_actions[0].status;
    await expect.poll(status, { interval: 200 }).toMatch(/^(executed|unknown)$/);
    expect(sink.requests).toHaveLength(1);
  });
});

describe('a database that takes no writes', () => {
  it('refuses a change and says what to do, and answers what is asked', async () => {
    const home = temporaryHome();
    const readOnly = `do $$ begin execute format('alter database %I set default_transaction_read_only to on', current_database()); end $$`;
    await asDatabaseOwner(home, (client) => client.query(readOnly));
    const on = await startServer({ home });
    onTestFinished(() => on.close());
    const refused = await on.raw('import_contacts', { contacts: [{ id: 'a' }] });
    expect([refused.isError, JSON.stringify(refused.content)]).toEqual([
      true,
      expect.stringContaining('It takes no writes: its disk may be full, or it is a replica. Nothing was changed.'),
    ]);
    expect((await on.call('list_contacts')).contacts).toEqual([]);
  });
});
