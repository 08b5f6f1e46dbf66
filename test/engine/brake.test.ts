import { beforeEach, describe, expect, it } from 'vitest';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import { emptySummary } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { readBrake, setBrake } from '../../src/engine/review/set-brake.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { createHouse } from '../../src/process/house.ts';
import type { Store } from '../../src/store/store.ts';
import { asShown } from '../support/as-shown.ts';
import { aHome, anAgent, NOW, testDeps } from '../support/fixtures.ts';
import { Machine, MINUTE } from '../support/machine.ts';
import { aStore } from '../support/store.ts';

const on = (house: House, reason?: string) => setBrake(house, 'test', { on: true, reason, via: 'client' });
const off = (house: House) => setBrake(house, 'test', { on: false, via: 'human' });

let home: string;
let store: Store;
let house: House;
let other: House;

beforeEach(() => {
  home = aHome();
  const deps = testDeps(home);
  store = aStore(home, deps);
  house = createHouse(store, deps);
  other = createHouse(aStore(home, deps), deps);
});

/** An action that waits, of this type, for one contact. */
async function anAction(on: House, propose: { type: string; params: Record<string, unknown> }) {
  await importContacts(on, 'test', { contacts: [{ id: 'p', email: 'p@example.com' }] });
  const rules = [{ name: 'all', propose: [propose] }];
  const { agent } = await createAgent(on, 'test', {
    ...{ name: 'Follow-up', capabilities: ['email', 'notes'], playbook: { rules } },
  });
  const run = await trigger(on, 'test', { agent_id: String(agent.id) }, undefined);
  await on.runs.get(run.id)?.done;
  const ref = { run_id: run.id, contact_id: 'p', action_index: 0 };
  const status = () => other.read((view) => view.results(run.id).results.get('p')?.proposed_actions[0]?.status);
  return { ref, status, args: await asShown(on, ref) };
}

const EMAIL = { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } };
const NOTE = { type: 'note', params: { body: 'Seen' } };

describe('the brake between two processes', () => {
  it('is seen by the other from its next call on, and stays as the first one put it on', async () => {
    const { since } = await on(house, 'a complaint');
    expect(await readBrake(other)).toEqual({ on: true, reason: 'a complaint', since, by: 'test' });
    expect(await on(other, 'another reason')).toMatchObject({ reason: 'a complaint' });
    expect(await off(other)).toMatchObject({ on: false });
    expect(await readBrake(house)).not.toHaveProperty('reason');
  });

  it('lets nothing start after the commit that set it, even between the last look and the attempt', async () => {
    let isArmed = false;
    // Puts the brake on, in the other process, right after the attempt has read the action.
    const late: Store = {
      ...store,
      async read(look) {
        const found = await store.read(look);
        if (!isArmed) return found;
        isArmed = false;
        await on(other);
        return found;
      },
      async commit(author, decide) {
        const made = await store.commit(author, decide);
        isArmed = author === 'decider';
        return made;
      },
    };
    const racing = createHouse(late, testDeps(home));
    const { args, status } = await anAction(house, EMAIL);
    const action = await approve(racing, 'decider', args, 10);
    expect(await readBrake(house)).toMatchObject({ on: true });
    expect([action.status, await status()]).toEqual(['approved', 'approved']);
    await recover(racing);
    await racing.executing;
    expect(await status()).toBe('approved');
    await off(house);
    await recover(racing);
    await racing.executing;
    expect(await status()).toBe('executed');
  });

  it.each([
    ['an email', EMAIL],
    ['a note', NOTE],
  ])('keeps %s that was approved from being done, in however many rounds', async (_, propose) => {
    const { args, status } = await anAction(house, propose);
    await on(other);
    await approve(house, 'test', args, 0);
    for (const each of [house, other, house]) {
      await recover(each);
      await each.executing;
    }
    expect(await status()).toBe('approved');
    await off(other);
    await recover(house);
    await house.executing;
    expect(await status()).toBe('executed');
  });

  it('lets a person take back what they approved: it is cancelled, and never done', async () => {
    const { args, ref, status } = await anAction(house, EMAIL);
    await on(other);
    await approve(house, 'test', args, 0);
    await expect(reject(other, 'test', { ...ref, expected_digest: 'another' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await reject(other, 'test', { ...ref, reason: 'no' })).toMatchObject({ status: 'cancelled', reason: 'no' });
    await off(other);
    await recover(house);
    await house.executing;
    expect(await status()).toBe('cancelled');
    expect(await house.read((view) => view.run(ref.run_id)?.summary)).toMatchObject({
      ...{ actions_proposed: 1, actions_approved: 0, actions_cancelled: 1, actions_executed: 0 },
    });
  });
});

describe('the lock', () => {
  const RUN = {
    ...{ id: 'run_1', job_id: 'job_1', agent_id: 'ag_test', agent_version: 1, status: 'queued' as const },
    ...{ dry_run: false, created_at: NOW, created_by: 'test', summary: emptySummary() },
  };
  const base = { run_id: 'run_1', agent_id: 'ag_test', at: NOW };
  const BASE = { ...base, contact_id: 'p', action_index: 0, auto_approved: false };
  const changed = (change: Pick<ActionChange, 'from' | 'to' | 'set'>): Event => ({
    type: 'actions_changed',
    changes: [{ ...BASE, ...change }],
  });
  const BEGUN: [string, Event][] = [
    ['a run', { type: 'run_created', run: { ...RUN, id: 'run_2', trigger: 'schedule' } }],
    ['a start', { type: 'run_started', ...base, holder: 'h' }],
    [
      'an evaluation',
      { type: 'evaluation_leased', ...base, contact_id: 'p', evaluation_id: 'ev', by: 't', until: NOW },
    ],
    ['a part of a run', { type: 'targets_taken', ...base, holder: 'h', targets: ['p'] }],
    ['an attempt', changed({ from: 'approved', to: 'executing', set: {} })],
    ['an effect', changed({ from: 'approved', to: 'executed', set: {} })],
    ['its end without a proof', { type: 'brake_set', on: false, at: NOW, by: 'test', via: 'client' }],
  ];
  const commit = (event: Event) => house.commit('test', () => ({ events: [event], value: undefined }));

  const aRunAndTheBrake = async () => {
    await store.commit('test', () => ({
      events: [
        { type: 'agent_saved', agent: anAgent({}) },
        { type: 'run_created', run: { ...RUN, trigger: 'manual' } },
      ],
      value: undefined,
    }));
    await on(house);
  };

  it('lets a process leave a run to others while the brake is on', async () => {
    await aRunAndTheBrake();
    await commit({ type: 'targets_taken', ...base, holder: 'h', leaves: true, targets: [] });
    expect(await house.read((view) => view.run('run_1')?.left)).toEqual(['h']);
  });

  it.each(BEGUN)('writes no commit with %s while the brake is on', async (_, event) => {
    await aRunAndTheBrake();
    const before = await house.read((view) => view.commits());
    await expect(commit(event)).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('brake') });
    expect(await house.read((view) => view.commits())).toBe(before);
  });
});

describe('schedules and the brake', () => {
  it('fire nothing while it is on; the ticks that fell into it count as missed, by one run', async () => {
    const machine = new Machine();
    const id = await machine.schedule();
    const second = machine.newProcess();
    await machine.look(second);
    await on(second.house);
    await machine.pass('10:30:00', machine.first, second);
    expect(await machine.runs()).toEqual([]);
    expect((await machine.shown(id)).agent).toMatchObject({
      next_firing: null,
      next_firing_reason: expect.stringContaining('brake'),
    });
    await off(machine.first.house);
    await machine.pass('10:31:00', machine.first, second);
    const mark = { catch_up: true, scheduled_for: '2026-03-02T10:00:00.000Z' };
    expect(await machine.runs()).toMatchObject([{ ...mark, trigger: 'schedule', status: 'completed' }]);
    expect((await machine.shown(id)).agent.last_firing).toMatchObject(mark);
    await machine.pass('11:00:05', machine.first, second);
    const runs = await machine.runs();
    expect(runs.map((run) => run.scheduled_for)).toEqual(['2026-03-02T10:00:00.000Z', '2026-03-02T11:00:00.000Z']);
    expect(runs[1]).not.toHaveProperty('catch_up');
  });

  it('skip what they missed where catch_up is none, and say why', async () => {
    const machine = new Machine();
    const id = await machine.schedule({ catch_up: 'none' });
    await on(machine.first.house);
    await machine.pass('09:05:00', machine.first);
    await off(machine.first.house);
    await machine.pass('09:06:00', machine.first);
    expect(await machine.runs()).toEqual([]);
    const { agent } = await machine.shown(id);
    expect(agent).toMatchObject({ last_skip: { reason: expect.stringMatching(/brake was on.*catch_up/) } });
    machine.sleep(MINUTE);
    await machine.pass('10:00:05', machine.first);
    expect(await machine.runs()).toHaveLength(1);
  });
});
