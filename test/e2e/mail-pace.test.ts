import { describe, expect, it, onTestFinished } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { createHouse } from '../../src/process/house.ts';
import { inProcess } from '../support/in-process.ts';
import { aMailSink } from '../support/mail-sink.ts';
import { accept } from '../support/person.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { startServer } from '../support/server.ts';
import { aStore } from '../support/store.ts';
import { TRUSTING } from '../support/trusting.ts';

const SAM = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP' };
const EMAIL = { type: 'email_message', params: { subject: 'Hi {{ contact.id }}', message: 'Hi' } };
/** A Friday, 20 seconds before the hours of `OFFICE` end. */
const FRIDAY = Date.parse('2026-03-06T15:59:40.000Z');
const OFFICE = 'Mon-Fri 09:00-17:00 Europe/Berlin';
const MONDAY = '2026-03-09T08:00:00.000Z';
type Ref = { run_id: string; contact_id: string; action_index: number };

function refAt(refs: readonly Ref[], index: number): Ref {
  const found = refs[index];
  if (!found) throw new Error(`there is no action ${index}`);
  return found;
}

/** Tools over a house whose clock the test moves, and a mail server; nothing happens by itself. */
async function aScene(pace: Record<string, unknown>, count: number, agent: Record<string, unknown> = {}) {
  const sink = await aMailSink();
  let now = FRIDAY;
  const deps: Partial<Deps> = { now: () => new Date(now), env: { ...TRUSTING, COUNTERSIGN_SMTP: sink.url() } };
  const { call, house, home } = inProcess(deps);
  const { identity } = await call('save_identity', { ...SAM, ...pace });
  const ids = Array.from({ length: count }, (_, index) => `p${index + 1}`);
  await call('import_contacts', { contacts: ids.map((id) => ({ id, email: `${id}@example.com` })) });
  const made = await call('create_agent', {
    ...{ name: 'Mailer', capabilities: ['email'], identity_id: identity.id },
    playbook: { rules: [{ name: 'all', propose: [EMAIL] }] },
    monitoring: { max_contacts_per_run: 100 },
    ...agent,
  });
  const { run_id } = await call('trigger_agent', { agent_id: made.agent.id, contact_ids: ids });
  const refs: Ref[] = ids.map((contact_id) => ({ run_id, contact_id, action_index: 0 }));
  const actionOf = async ({ contact_id }: Ref) => {
    const { run } = await call('get_run', { run_id, contact_id });
    return run.contact_results[0].proposed_actions[0];
  };
  const approve = async (ref: Ref) => {
    const { digest } = await actionOf(ref);
    return call('approve_action', { ...ref, expected_digest: digest });
  };
  /** Moves the clock to a time, or to so many seconds after the beginning. */
  const move = (time: number | string) => {
    now = typeof time === 'string' ? Date.parse(time) : FRIDAY + time * 1_000;
  };
  /** What a process does every few seconds, at a time. */
  const at = async (time: number | string, ...houses: (typeof house)[]) => {
    move(time);
    for (const each of houses.length > 0 ? houses : [house]) {
      await recover(each);
      await each.executing;
    }
  };
  const sentTo = () => sink.mails.flatMap(({ to }) => to.map((address) => address.split('@')[0]));
  const later = (seconds: number) => new Date(FRIDAY + seconds * 1_000).toISOString();
  return { sink, call, house, home, refs, identity, actionOf, approve, move, at, sentTo, later };
}

/** Approves all rows at once, and waits until each was looked at. */
async function approveAll({ call, house }: Awaited<ReturnType<typeof aScene>>) {
  const { review_token } = await call('list_pending_actions', { detail: 'brief', limit: 100 });
  expect((await call('review_actions', { decision: 'approve', review_token })).skipped).toEqual([]);
  await house.executing;
}

describe('an approved email beyond its sender’s pace', () => {
  it('waits for the hours, says so before and after the yes, and goes when they begin', async () => {
    const scene = await aScene({ send_hours: OFFICE, gap_seconds: 30 }, 2);
    const { call, refs, actionOf, approve, at, sentTo } = scene;
    const [first, second] = [refAt(refs, 0), refAt(refs, 1)];
    expect((await approve(first)).action).toMatchObject({ status: 'executed' });
    const [row] = (await call('list_pending_actions')).actions;
    const why = "It waits for the sender's hours: Monday 09:00 Europe/Berlin.";
    expect(row.would_wait).toEqual({ until: MONDAY, why });
    const { action, next } = await approve(second);
    expect(action).toMatchObject({ status: 'approved', waits: { until: MONDAY, why } });
    expect(next).toContain(`Approved; it goes at ${MONDAY}. ${why}`);
    expect(action).not.toHaveProperty('attempted_at');
    await at('2026-03-09T07:59:59.000Z');
    expect(sentTo()).toEqual(['p1']);
    await at(MONDAY);
    expect(sentTo()).toEqual(['p1', 'p2']);
    expect(await actionOf(second)).toMatchObject({ status: 'executed', attempted_at: MONDAY });
    expect((await call('get_run', { run_id: first.run_id, mode: 'summary' })).run.summary).toMatchObject({
      actions_approved: 2,
      actions_executed: 2,
    });
  });

  it('of many approved at once, goes in their order, each at its own time', async () => {
    const scene = await aScene({ gap_seconds: 20 }, 40);
    const { refs, actionOf, at, sentTo, later } = scene;
    await approveAll(scene);
    expect(sentTo()).toEqual(['p1']);
    const waits = await Promise.all(refs.slice(1).map(async (ref) => (await actionOf(ref)).waits.until));
    expect(waits).toEqual(refs.slice(1).map((_, index) => later(20 * (index + 1))));
    for (let seconds = 5; seconds <= 60; seconds += 5) await at(seconds);
    expect(sentTo()).toEqual(['p1', 'p2', 'p3', 'p4']);
    // A night without a process: what is overdue goes at its pace all the same.
    await at(20_000);
    expect(sentTo()).toHaveLength(5);
    for (let seconds = 20_020; sentTo().length < 40; seconds += 20) await at(seconds);
    expect(sentTo()).toEqual(refs.map(({ contact_id }) => contact_id));
  });

  it('waits for another day once the most of a day was sent', async () => {
    const scene = await aScene({ gap_seconds: 0, max_per_day: 2 }, 3);
    await approveAll(scene);
    // Without a pause between them, either of the two may get there first.
    expect(scene.sentTo().sort()).toEqual(['p1', 'p2']);
    expect((await scene.actionOf(refAt(scene.refs, 2))).waits).toEqual({
      until: '2026-03-07T00:00:00.000Z',
      why: 'It waits because the sender sends at most 2 emails a day: Saturday 00:00 UTC.',
    });
    await scene.at('2026-03-07T00:00:00.000Z');
    expect(scene.sentTo().slice(2)).toEqual(['p3']);
  });

  it('is one pace among all processes', async () => {
    const scene = await aScene({ gap_seconds: 20 }, 6);
    const { house, home, sentTo, at } = scene;
    const other = createHouse(aStore(home, house.deps), house.deps);
    onTestFinished(() => other.store.close());
    await approveAll(scene);
    for (let seconds = 20; seconds <= 100; seconds += 20) {
      await at(seconds);
      await Promise.all([at(seconds, other), at(seconds, house)]);
      expect(sentTo()).toHaveLength(1 + seconds / 20);
    }
    expect(new Set(sentTo()).size).toBe(6);
  });

  it('isn’t held up by one whose time is long up, and that no process takes', async () => {
    const { refs, approve, move, sentTo, actionOf } = await aScene({}, 3);
    for (const index of [0, 1]) await approve(refAt(refs, index));
    move(1_000);
    expect((await approve(refAt(refs, 2))).action).toMatchObject({ status: 'executed' });
    expect(await actionOf(refAt(refs, 1))).toMatchObject({ status: 'approved' });
    expect(sentTo()).toEqual(['p1', 'p3']);
  });

  it('is looked at again before it goes: what moved brings it back to review', async () => {
    for (const [what, moved, told] of [
      ['events', [{ contact_id: 'p2', type: 'track', name: 'replied' }], 'replied'],
      ['contacts', [{ id: 'p2', do_not_email: true }], 'do_not_email'],
    ] as const) {
      const { call, refs, actionOf, approve, at, sentTo } = await aScene({}, 2);
      for (const ref of refs) await approve(ref);
      await call('import_contacts', { [what]: moved });
      await at(20);
      const action = await actionOf(refAt(refs, 1));
      expect(action).toMatchObject({ status: 'pending_approval', reason: expect.stringContaining(told) });
      expect(action).not.toHaveProperty('waits');
      expect(sentTo()).toEqual(['p1']);
    }
  });

  it('is cancelled by reject_action, and holds nobody up then', async () => {
    const { call, refs, actionOf, approve, at, sentTo } = await aScene({}, 3);
    for (const ref of refs) await approve(ref);
    expect((await call('reject_action', refs[1])).action.status).toBe('cancelled');
    await at(40);
    expect(sentTo()).toEqual(['p1', 'p3']);
    expect(await actionOf(refAt(refs, 1))).toMatchObject({ status: 'cancelled' });
  });

  it('obeys the brake, and goes when it is off', async () => {
    const { call, house, refs, approve, at, sentTo } = await aScene({}, 2);
    for (const ref of refs) await approve(ref);
    await call('set_brake', { on: true });
    await at(60);
    expect(sentTo()).toEqual(['p1']);
    await house.commit('test', (_view, moment) => ({
      events: [{ type: 'brake_set', on: false, at: moment.at, by: 'test', via: 'human' }],
      value: undefined,
    }));
    await at(65);
    expect(sentTo()).toEqual(['p1', 'p2']);
  });

  it('waits at the latest until its yes expires, and then comes back to review', async () => {
    const scene = await aScene({ send_hours: OFFICE }, 1, { approval: { expires_after_hours: 1 } });
    const { refs, approve, at, sentTo, later, actionOf } = scene;
    await at(60);
    expect((await approve(refAt(refs, 0))).action.waits.until).toBe(later(3_600));
    await at(3_600);
    expect(await actionOf(refAt(refs, 0))).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('expired'),
    });
    expect(sentTo()).toEqual([]);
  });

  it('is no matter of the outbox, which has no pace', async () => {
    const scene = await aScene({ smtp_url_env: undefined, send_hours: 'Sun 01:00-02:00 UTC', max_per_day: 1 }, 3);
    await approveAll(scene);
    const actions = await Promise.all(scene.refs.map(scene.actionOf));
    expect(actions.map(({ result }) => result.channel)).toEqual(['outbox', 'outbox', 'outbox']);
  });
});

onlyJson(
  'a clock of a process that is set forward; with a database that one’s decides, as wrong-clock.postgres.test.ts shows',
).it('a form says when the email would go, and what was approved by one process another sends', async () => {
  const sink = await aMailSink();
  const forms: string[] = [];
  const onForm = (form: unknown) => {
    forms.push(JSON.stringify(form));
    return accept({ decision: 'approve' });
  };
  const env = { COUNTERSIGN_SMTP: sink.url() };
  const server = await startServer({ env, onForm });
  const tomorrow = new Date(Date.now() + 86_400_000).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
  const { identity } = await server.call('save_identity', { ...SAM, send_hours: `${tomorrow} 00:00-24:00 UTC` });
  await server.call('import_contacts', { contacts: [{ id: 'ada', email: 'ada@example.com' }] });
  const { agent } = await server.call('create_agent', {
    ...{ name: 'Mailer', capabilities: ['email'], identity_id: identity.id },
    playbook: { rules: [{ name: 'all', propose: [EMAIL] }] },
  });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
  const ref = { run_id, contact_id: 'ada', action_index: 0 };
  const { action } = await server.call('approve_action', await server.shown(ref));
  expect(forms.at(-1)).toContain(`Goes: It waits for the sender's hours: ${tomorrow} 00:00 UTC.`);
  expect(action).toMatchObject({ status: 'approved', waits: { why: expect.stringContaining(tomorrow) } });
  await server.close();
  expect(sink.mails).toEqual([]);
  const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;
  const shifted = { NODE_OPTIONS: `--import=${CLOCK}`, SHIFT_CLOCK_MS: String(86_400_000) };
  const next = await startServer({ home: server.home, env: { ...env, ...shifted } });
  onTestFinished(() => next.close());
  await expect.poll(() => sink.mails.length, { interval: 100, timeout: 15_000 }).toBe(1);
});
