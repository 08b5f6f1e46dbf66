import { describe, expect, it, onTestFinished } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { createHouse } from '../../src/process/house.ts';
import { inProcess } from '../support/in-process.ts';
import { aMailSink, type MailScript } from '../support/mail-sink.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { startServer } from '../support/server.ts';
import { aStore } from '../support/store.ts';
import { TRUSTING } from '../support/trusting.ts';

const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;
const MINUTE = 60_000;
/** A recipient that is put off at the first `times` asks; each attempt asks twice. */
const greylisting = (times: number): MailScript => ({
  recipient: (count) => (count < times ? { code: 451, words: '4.7.1 Greylisted, come back later' } : undefined),
});

/** Tools over a house whose clock the test moves, and a mail server; nothing happens by itself. */
async function aScene(script: MailScript, agent: Record<string, unknown> = {}) {
  const sink = await aMailSink(script);
  let minutes = 0;
  const began = Date.now();
  const now = () => new Date(began + minutes * MINUTE);
  const deps: Partial<Deps> = { now, env: { ...TRUSTING, COUNTERSIGN_SMTP: sink.url() } };
  const { call, house, home } = inProcess(deps);
  const sam = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP', gap_seconds: 0 };
  const { identity } = await call('save_identity', sam);
  const made = await call('create_agent', {
    ...{ name: 'Mailer', capabilities: ['email'], identity_id: identity.id },
    playbook: {
      rules: [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 'Hi', message: 'Hi' } }] }],
    },
    ...agent,
  });
  const propose = async (contact_id: string) => {
    await call('import_contacts', { contacts: [{ id: contact_id, email: `${contact_id}@example.com` }] });
    const { run_id } = await call('trigger_agent', { agent_id: made.agent.id, contact_ids: [contact_id] });
    return { run_id, contact_id, action_index: 0 };
  };
  const actionOf = async ({ run_id, contact_id }: { run_id: string; contact_id: string }) => {
    const { run } = await call('get_run', { run_id, contact_id });
    return run.contact_results[0].proposed_actions[0];
  };
  const approve = async (ref: { run_id: string; contact_id: string; action_index: number }) => {
    const { digest } = await actionOf(ref);
    return (await call('approve_action', { ...ref, expected_digest: digest })).action;
  };
  /** What a process does every few seconds, at a time so many minutes after the beginning. */
  const at = async (later: number, other = house) => {
    minutes = later;
    await recover(other);
    await other.executing;
  };
  return {
    sink,
    call,
    house,
    home,
    propose,
    actionOf,
    approve,
    at,
    deps: house.deps,
    time: (m: number) => new Date(began + m * MINUTE).toISOString(),
  };
}

describe('an email that a server puts off', () => {
  it('waits for minutes, visibly, and is then sent as the same message', async () => {
    const { sink, call, propose, actionOf, approve, at, time } = await aScene(greylisting(2));
    const ref = await propose('ada');
    const action = await approve(ref);
    const waits = { until: time(5), why: expect.stringContaining('451 4.7.1 Greylisted') };
    expect(action).toMatchObject({ status: 'approved', attempted_at: time(0), tries: 1, waits, decided_via: 'client' });
    expect(action).not.toHaveProperty('error');
    expect((await call('list_pending_actions')).total).toBe(0);
    const listed = await call('list_pending_actions', { status: 'approved', detail: 'brief' });
    expect(listed.actions).toMatchObject([{ ...ref, status: 'approved', waits }]);
    await at(4.9);
    expect(sink.connections()).toBe(2);
    await at(5);
    const sent = await actionOf(ref);
    expect(sent).toMatchObject({ status: 'executed', attempted_at: time(5), tries: 1 });
    expect(sent).not.toHaveProperty('waits');
    expect(sink.mails.map(({ text }) => /^Message-ID: (.*)\r$/im.exec(text)?.[1])).toEqual([sent.result.message_id]);
    const { run } = await call('get_run', { run_id: ref.run_id, mode: 'summary' });
    expect(run.summary).toMatchObject({ actions_proposed: 1, actions_approved: 1, actions_executed: 1 });
  });

  it('waits longer after each try, and holds nothing else', async () => {
    const { sink, propose, actionOf, approve, at, time } = await aScene(greylisting(4));
    const slow = await propose('ada');
    await approve(slow);
    await at(6);
    expect(await actionOf(slow)).toMatchObject({ status: 'approved', tries: 2, waits: { until: time(21) } });
    const other = await propose('bea');
    expect(await approve(other)).toMatchObject({ status: 'executed' });
    expect(sink.mails.map(({ to }) => to)).toEqual([['bea@example.com']]);
    await at(21);
    expect(await actionOf(slow)).toMatchObject({ status: 'executed' });
  });

  it('is looked at anew before each try: what moved brings it back to review', async () => {
    for (const [what, moved, told] of [
      ['events', [{ contact_id: 'ada', type: 'track', name: 'replied' }], 'replied'],
      ['contacts', [{ id: 'ada', do_not_email: true }], 'do_not_email'],
      ['contacts', [{ id: 'ada', email: 'new@example.com' }], 'recipient'],
    ] as const) {
      const { sink, call, propose, actionOf, approve, at } = await aScene(greylisting(2));
      const ref = await propose('ada');
      const { digest } = await approve(ref);
      await call('import_contacts', { [what]: moved });
      await at(5);
      const action = await actionOf(ref);
      expect(action).toMatchObject({ status: 'pending_approval', reason: expect.stringContaining(told) });
      for (const gone of ['waits', 'tries', 'decided_by']) expect(action).not.toHaveProperty(gone);
      expect(action.digest).not.toBe(digest);
      expect(sink.mails).toEqual([]);
    }
  });

  it('obeys the brake, and goes on when it is off', async () => {
    const { sink, call, house, propose, actionOf, approve, at } = await aScene(greylisting(2));
    const ref = await propose('ada');
    await approve(ref);
    await call('set_brake', { on: true });
    await at(5);
    expect(await actionOf(ref)).toMatchObject({ status: 'approved' });
    expect(sink.connections()).toBe(2);
    await house.commit('test', (_view, moment) => ({
      events: [{ type: 'brake_set', on: false, at: moment.at, by: 'test', via: 'human' }],
      value: undefined,
    }));
    await at(6);
    expect(await actionOf(ref)).toMatchObject({ status: 'executed' });
  });

  it('is taken back by reject_action: it is cancelled, and never sent', async () => {
    const { sink, call, propose, actionOf, approve, at } = await aScene(greylisting(2));
    const ref = await propose('ada');
    await approve(ref);
    const { action } = await call('reject_action', { ...ref, reason: 'They called' });
    expect(action).toMatchObject({ status: 'cancelled', reason: 'They called' });
    expect(action).not.toHaveProperty('waits');
    await at(10);
    expect(await actionOf(ref)).toMatchObject({ status: 'cancelled' });
    expect(sink.mails).toEqual([]);
  });

  it('goes back to review when its decision expires meanwhile', async () => {
    const { sink, propose, actionOf, approve, at, time } = await aScene(greylisting(9), {
      approval: { expires_after_hours: 0.1 },
    });
    const ref = await propose('ada');
    await approve(ref);
    await at(5);
    const { waits } = await actionOf(ref);
    expect(waits.until < time(6.1)).toBe(true);
    await at(6.1);
    expect(await actionOf(ref)).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('expired'),
    });
    expect(sink.connections()).toBe(4);
  });

  it('is tried by one process alone, and by one that has the variable', async () => {
    const { sink, house, home, propose, actionOf, approve, at, deps } = await aScene(greylisting(2));
    const ref = await propose('ada');
    await approve(ref);
    const others = [deps.env, {}].map((env) => createHouse(aStore(home, deps), { ...deps, env }));
    const [same, without] = others;
    onTestFinished(async () => {
      for (const other of others) await other.store.close();
    });
    await at(5, without);
    expect(await actionOf(ref)).toMatchObject({ status: 'approved' });
    await Promise.all([at(5, same), at(5, house), at(5, without)]);
    await expect.poll(async () => (await actionOf(ref)).status).toBe('executed');
    expect(sink.mails).toHaveLength(1);
  });
});

onlyJson(
  'a clock of a process that is set forward; with a database that one’s decides, as wrong-clock.postgres.test.ts shows',
).it('a wait outlives the process: the next one makes the next try at its time', async () => {
  const sink = await aMailSink(greylisting(2));
  const env = { ...TRUSTING, COUNTERSIGN_SMTP: sink.url() };
  const first = await startServer({ env });
  await first.call('import_contacts', { contacts: [{ id: 'ada', email: 'ada@example.com' }] });
  const sam = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP', gap_seconds: 0 };
  const { identity } = await first.call('save_identity', sam);
  const { agent } = await first.call('create_agent', {
    ...{ name: 'Mailer', capabilities: ['email'], identity_id: identity.id },
    playbook: {
      rules: [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 'Hi', message: 'Hi' } }] }],
    },
  });
  const { run_id } = await first.call('trigger_agent', { agent_id: agent.id });
  const ref = { run_id, contact_id: 'ada', action_index: 0 };
  const { action } = await first.call('approve_action', await first.shown(ref));
  expect(action).toMatchObject({ status: 'approved', waits: { why: expect.stringContaining('451') } });
  if (first.pid !== undefined) process.kill(first.pid, 'SIGKILL');
  await first.close();
  const statusIn = async (server: typeof first) =>
    (await server.call('get_run', { run_id })).run.contact_results[0].proposed_actions[0].status;
  const early = await startServer({ home: first.home, env });
  expect(await statusIn(early)).toBe('approved');
  await early.close();
  expect(sink.connections()).toBe(2);
  const shifted = { NODE_OPTIONS: `--import=${CLOCK}`, SHIFT_CLOCK_MS: String(6 * MINUTE) };
  const later = await startServer({ home: first.home, env: { ...env, ...shifted } });
  onTestFinished(() => later.close());
  await expect.poll(() => statusIn(later), { interval: 100 }).toBe('executed');
  expect(sink.mails).toHaveLength(1);
});
