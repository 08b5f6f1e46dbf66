import fs from 'node:fs';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { type DeskServer, deskServer } from '../support/desk-server.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { outboxFolder } from '../support/postgres/outbox-folder.ts';
import { type Connection, startServer, temporaryHome } from '../support/server.ts';

const EMAIL = { type: 'email_message', params: { subject: 'Hello', message: 'Zqsecretz' } };

/** The desk of one machine, and an email for the outbox that waits for a person. */
async function aDesk() {
  const desk = await deskServer();
  const owner = await desk.open();
  await desk.call('import_contacts', { contacts: [{ id: 'ann', email: 'ann@example.com' }] });
  const { agent } = await desk.call('create_agent', {
    ...{ name: 'Mailer', capabilities: ['email'], playbook: { rules: [{ name: 'all', propose: [EMAIL] }] } },
  });
  const { run_id } = await desk.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  const ref = { run_id, contact_id: 'ann', action_index: 0 };
  const listed = async () => (await owner.get('/desk/outbox')).json;
  const opened = () =>
    owner.get(`/desk/outbox/file?${new URLSearchParams({ ...ref, action_index: String(ref.action_index) })}`);
  return { desk, ref, listed, opened };
}

/** A client's server on another machine, with a folder of its own. */
async function another({ home }: DeskServer, folder = temporaryHome()): Promise<Connection> {
  const server = await startServer({ home: folder, env: { COUNTERSIGN_DATABASE_URL: databaseUrlOf(home) } });
  onTestFinished(() => server.close());
  return server;
}

async function aClient(home: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrlOf(home), options: '-c search_path=countersign' });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

describe('an email without a mail server', () => {
  it('is written by one machine, and shown and opened at another, until its contact is erased', async () => {
    const { desk, ref, listed, opened } = await aDesk();
    const there = await another(desk);
    const { action } = await there.call('approve_action', await there.shown(ref));
    expect(action).toMatchObject({ status: 'executed', result: { channel: 'outbox' } });
    expect(fs.readFileSync(action.result.path, 'utf8')).toContain('Zqsecretz');
    expect(fs.existsSync(outboxFolder(desk.home))).toBe(false);
    expect(await listed()).toMatchObject({ total: 1, files: [{ ...ref, action: { status: 'executed' } }] });
    const file = await opened();
    expect(file.headers.get('content-type')).toBe('message/rfc822');
    expect(file.text).toContain('Zqsecretz');

    await there.close();
    expect(await desk.call('delete_contact', { contact_id: 'ann' })).toMatchObject({ warnings: [] });
    expect(await listed()).toMatchObject({ total: 0, files: [] });
    expect((await opened()).status).toBe(404);
    const { rows } = await (await aClient(desk.home)).query('select from outbox');
    expect(rows).toEqual([]);
    // A machine that was off at that moment takes its copy away once a process works there again.
    expect(fs.readdirSync(outboxFolder(there.home))).toHaveLength(1);
    await another(desk, there.home);
    await expect.poll(() => fs.readdirSync(outboxFolder(there.home)), { interval: 100 }).toEqual([]);
  });

  it('is there once, where its process dies before it can say so, and a person has it tried again', async () => {
    const { desk, ref, listed, opened } = await aDesk();
    const there = await another(desk);
    const [one, two, eye] = [await aClient(desk.home), await aClient(desk.home), await aClient(desk.home)];
    const waits = async (...statements: string[]) =>
      (
        await eye.query<{ pid: number }>(
          `select pid from pg_stat_activity where wait_event_type = 'Lock' and query like any($1)`,
          [statements],
        )
      ).rows;
    // A process alone writes at once; where others commit as well, it first waits for its turn to read.
    const committing = ['select append%', '%locked_news%'];
    await one.query('begin; lock table outbox');
    const approved = there.call('approve_action', await there.shown(ref)).catch(() => undefined);
    await expect.poll(() => waits('insert into outbox%')).toHaveLength(1);
    // The file gets there now, and the receipt doesn't.
    await two.query('begin; select from head for update');
    await one.query('rollback');
    await expect.poll(() => waits(...committing)).toHaveLength(1);
    if (there.pid !== undefined) process.kill(there.pid, 'SIGKILL');
    for (const { pid } of await waits(...committing)) await eye.query('select pg_terminate_backend($1)', [pid]);
    await two.query('rollback');
    await approved;

    const status = async () => {
      await recover(desk.house);
      const { run } = await desk.call('get_run', { run_id: ref.run_id });
      return run.contact_results[0].proposed_actions[0];
    };
    await expect.poll(status, { interval: 500 }).toMatchObject({ status: 'unknown' });
    expect((await listed()).total).toBe(0);
    const { digest } = await status();
    await desk.call('settle_action', { ...ref, outcome: 'retry', expected_digest: digest });
    await expect.poll(status, { interval: 100 }).toMatchObject({ status: 'executed' });
    expect(await listed()).toMatchObject({ total: 1, files: [ref] });
    expect((await opened()).text).toContain('Zqsecretz');
    expect((await one.query('select from outbox')).rows).toHaveLength(1);
  });
});
