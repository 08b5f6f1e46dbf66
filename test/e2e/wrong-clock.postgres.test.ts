import { describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { initialize, post } from '../support/http-wire.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';
import { anIssuer } from '../support/issuer.ts';
import { accept, NOTE, waits, withPerson } from '../support/person.ts';
import { aWorker } from '../support/postgres/workers.ts';
import { serve } from '../support/served.ts';
import { type Connection, startServer, temporaryHome } from '../support/server.ts';

const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const wrongBy = (hours: number) => ({ NODE_OPTIONS: `--import=${CLOCK}`, SHIFT_CLOCK_MS: String(hours * HOUR) });

const NOTING = {
  name: 'Noter',
  capabilities: ['notes'],
  playbook: { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'n' } }] }] },
};

/** A home as somebody left it who worked on it some hours ago. It has one contact. */
async function homeOf(hoursAgo: number): Promise<InProcess> {
  const now = () => new Date(Date.now() - hoursAgo * HOUR);
  const on = inProcess({ now, newId: createIds(now) });
  await on.call('import_contacts', { contacts: [{ id: 'a' }] });
  return on;
}

async function aServer(home: string, env: Record<string, string> = {}): Promise<Connection> {
  const server = await startServer({ home, env });
  onTestFinished(() => server.close());
  return server;
}

describe('where the clocks of machines are wrong by hours, the database’s', () => {
  it('fires a schedule, once, for the tick that is over by that clock', async () => {
    const { home, call } = await homeOf(2);
    const tick = new Date(Math.floor(Date.now() / MINUTE) * MINUTE - 30 * MINUTE);
    const monitoring = { schedule_cron: `${tick.getUTCMinutes()} * * * *`, timezone: 'UTC' };
    await call('create_agent', { ...NOTING, enabled: true, monitoring });
    await Promise.all([3, -3].map((hours) => aWorker(home, wrongBy(hours))));
    const onlooker = await aServer(home, { COUNTERSIGN_READ_ONLY: '1' });
    const runs = async () => (await onlooker.call('list_runs')).runs;
    await expect.poll(async () => (await runs())[0]?.status, { interval: 200 }).toBe('completed');
    expect(await runs()).toMatchObject([{ trigger: 'schedule', scheduled_for: tick.toISOString(), catch_up: true }]);
    const [{ created_at, completed_at }] = await runs();
    const isNow = [created_at, completed_at].map((time) => Math.abs(Date.parse(time) - Date.now()) < HOUR);
    expect(isNow).toEqual([true, true]);
  });

  it('says when an action expires, in a process that is ahead', async () => {
    const { home, call } = await homeOf(0);
    const { agent } = await call('create_agent', { ...NOTING, approval: { expires_after_hours: 1 } });
    await call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
    const ahead = await aServer(home, wrongBy(2));
    const [row] = (await ahead.call('list_pending_actions')).actions;
    const { run_id, contact_id, action_index } = row;
    const { action } = await ahead.call('approve_action', await ahead.shown({ run_id, contact_id, action_index }));
    expect(action.status).toBe('executed');
    expect(action.decided_at < action.expires_at).toBe(true);
  });

  it('says when an action expires, in a process that is behind', async () => {
    const { home, call } = await homeOf(2);
    const { agent } = await call('create_agent', { ...NOTING, approval: { expires_after_hours: 1 } });
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
    const behind = await aServer(home, wrongBy(-4));
    expect((await behind.call('list_pending_actions')).total).toBe(0);
    const { run } = await behind.call('get_run', { run_id });
    expect(run.contact_results[0].proposed_actions).toMatchObject([{ status: 'expired' }]);
  });

  it('says when a form expires, in a process that is behind and one that is ahead', async () => {
    const { server } = await withPerson('sdk-2-modern', () => accept({ decision: 'approve' }), wrongBy(-25));
    onTestFinished(() => server.close());
    const { at } = await waits(server, NOTE);
    const yes = await server.shown(at);
    const { requestState } = await server.exchange('approve_action', yes, {});
    const ahead = await startServer({
      ...{ home: server.home, era: 'sdk-2-modern', env: wrongBy(25), onForm: () => ({ action: 'decline' }) },
    });
    onTestFinished(() => ahead.close());
    const round = { requestState, inputResponses: { decision: accept({ decision: 'approve' }) } };
    expect(await ahead.exchange('approve_action', yes, round)).toMatchObject({
      structuredContent: { action: { status: 'executed', decided_via: 'elicited' } },
    });
  });

  it.each([
    ['lets a token of an issuer in that is in force, in a process that is ahead', 2, 1, 200],
    ['lets none in that is over, in a process that is behind', -2, -1, 401],
  ])('%s', async (_what, wrong, over, status) => {
    const issuer = await anIssuer();
    const { url } = await serve({ home: temporaryHome(), env: { ...issuer.env, ...wrongBy(wrong) } });
    const token = await issuer.token({ exp: Math.floor((Date.now() + over * HOUR) / 1_000) });
    expect((await post(url, token, initialize())).status).toBe(status);
  });
});
