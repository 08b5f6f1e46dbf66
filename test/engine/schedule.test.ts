import { describe, expect, it } from 'vitest';
import { cancelRun } from '../../src/engine/runs/cancel.ts';
import { newRun } from '../../src/engine/runs/trigger.ts';
import { keepFiring } from '../../src/engine/upkeep/schedule.ts';
import { anAgent } from '../support/fixtures.ts';
import { HOUR, Machine, MINUTE, SECOND } from '../support/machine.ts';

describe('a schedule', () => {
  it('makes one run a tick, however many processes look', async () => {
    const machine = new Machine();
    const id = await machine.schedule();
    const others = [machine.newProcess(), machine.newProcess()];
    await machine.look(...others);
    await machine.pass('08:59:55', machine.first, ...others);
    expect(await machine.runs()).toEqual([]);
    await machine.pass('10:01:00', machine.first, ...others);
    expect(await machine.runs()).toMatchObject([
      { agent_id: id, trigger: 'schedule', scheduled_for: '2026-03-02T09:00:00.000Z', status: 'completed' },
      { agent_id: id, trigger: 'schedule', scheduled_for: '2026-03-02T10:00:00.000Z', status: 'completed' },
    ]);
    expect((await machine.runs()).filter((run) => run.catch_up || run.summary.contacts_evaluated !== 1)).toEqual([]);
    // The processes that looked later made no run, and counted no tick as skipped.
    expect((await machine.shown(id)).agent.last_skip).toBeUndefined();
  });

  it('says for how long nothing is due', async () => {
    const machine = new Machine();
    await machine.schedule();
    machine.sleep(29 * MINUTE + 58 * SECOND);
    expect(await machine.first.scheduler.look()).toBe(2 * SECOND);
    expect(await machine.runs()).toEqual([]);
  });

  it('fires for active agents only, and counts ticks from the moment an agent is enabled', async () => {
    const machine = new Machine();
    const id = await machine.schedule({}, { enabled: false });
    expect((await machine.shown(id)).agent).toMatchObject({
      next_firing: null,
      next_firing_reason: expect.stringContaining('draft'),
    });
    await machine.pass('09:30:00', machine.first);
    expect(await machine.runs()).toEqual([]);
    const { agent } = await machine.change(id, { enabled: true });
    expect(agent.next_firing).toBe('2026-03-02T10:00:00.000Z');
    await machine.pass('09:59:00', machine.first);
    expect(await machine.runs()).toEqual([]);
    await machine.change(id, { status: 'archived' });
    await machine.pass('10:05:00', machine.first);
    expect(await machine.runs()).toEqual([]);
  });

  it('skips a tick for good while another run of the agent is unfinished', async () => {
    const machine = new Machine();
    const id = await machine.schedule();
    const waiting = await machine.first.house.commit('test', (view, moment) => {
      const agent = anAgent({ id, llm_config: { concurrency: 1, provider: 'rules' } });
      const created = newRun(view, moment, agent, {
        by: 'test',
        trigger: 'manual',
        whom: { found: { ids: ['a'], matched: 1 } },
      });
      return { events: [created], value: created.run };
    });
    await machine.pass('09:01:00', machine.first, machine.newProcess());
    expect(await machine.runs()).toHaveLength(1);
    const skip = { scheduled_for: '2026-03-02T09:00:00.000Z', reason: expect.stringContaining(waiting.id) };
    expect((await machine.shown(id)).agent).toMatchObject({ last_skip: skip, next_firing: '2026-03-02T10:00:00.000Z' });
    await cancelRun(machine.first.house, 'test', waiting.id);
    await machine.pass('09:59:55', machine.first);
    expect(await machine.runs()).toHaveLength(1);
    await machine.pass('10:00:00', machine.first);
    expect((await machine.runs()).map((run) => run.scheduled_for)).toEqual([undefined, '2026-03-02T10:00:00.000Z']);
  });
});

describe('a tick or a schedule with a fault', () => {
  it('is skipped where its run cannot be made: written once, and shown by get_agent', async () => {
    const machine = new Machine();
    const id = await machine.schedule({}, { llm_config: { provider: 'openai', model: 'm' } });
    await machine.pass('09:00:00', machine.first);
    const n = await machine.commits();
    await machine.pass('09:01:00', machine.first, machine.newProcess());
    expect(await machine.commits()).toBe(n);
    expect(await machine.runs()).toEqual([]);
    const { warnings } = await machine.shown(id);
    expect(warnings.join(' ')).toMatch(/2026-03-02T09:00:00.000Z, was skipped: PROVIDER_ERROR/);
  });

  it('stops no other schedule where an earlier build accepted it', async () => {
    const machine = new Machine();
    const before = { filter: {}, max_contacts_per_run: 25, catch_up: 'once' as const };
    const monitorings = [
      { ...before, timezone: 'UTC', schedule_cron: '*/5 * * * * *' },
      { ...before, timezone: 'Europe/Atlantis', schedule_cron: '0 * * * *' },
    ];
    const agents = monitorings.map((monitoring, i) => anAgent({ id: `ag_${i}`, monitoring }));
    await machine.first.house.commit('test', () => ({
      events: agents.map((agent) => ({ type: 'agent_saved', agent })),
      value: undefined,
    }));
    await machine.schedule();
    await machine.pass('09:00:00', machine.first);
    expect(await machine.runs()).toHaveLength(1);
    for (const [id, why] of [
      ['ag_0', '6 fields'],
      ['ag_1', 'Europe/Atlantis'],
    ] as const) {
      const reason = { next_firing: null, next_firing_reason: expect.stringContaining(why) };
      expect((await machine.shown(id)).agent).toMatchObject(reason);
    }
  });

  it('is none where the snapshots of a home are older than schedules', async () => {
    const machine = new Machine();
    await machine.schedule();
    await machine.first.house.store.close();
    machine.forgetSchedules();
    machine.sleep(HOUR);
    await machine.look(machine.newProcess());
    expect(await machine.runs()).toMatchObject([{ scheduled_for: '2026-03-02T09:00:00.000Z' }]);
  });
});

it('keepFiring fires by its own timer, until it is stopped', async () => {
  const machine = new Machine();
  await machine.schedule({ schedule_cron: '* * * * *' });
  const offset = Date.parse('2026-03-02T08:30:59.600Z') - Date.now();
  const processes = [1, 2, 3].map(() => machine.newProcess(() => new Date(Date.now() + offset)));
  const stops = processes.map(({ house }) => keepFiring(house));
  await expect.poll(async () => (await machine.runs()).length).toBe(1);
  for (const stop of stops) stop();
  expect(await machine.runs()).toMatchObject([{ scheduled_for: '2026-03-02T08:31:00.000Z' }]);
  expect((await machine.runs())[0]).not.toHaveProperty('catch_up');
});
