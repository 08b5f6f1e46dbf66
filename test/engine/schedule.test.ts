import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentChanges, AgentInput } from '../../src/domain/agent.ts';
import { createIds } from '../../src/domain/ids.ts';
import type { Run } from '../../src/domain/run.ts';
import { createAgent, getAgent, updateAgent } from '../../src/engine/agents.ts';
import { createHouse, type House } from '../../src/engine/house.ts';
import { importContacts } from '../../src/engine/import.ts';
import { cancelRun, newRun } from '../../src/engine/runs.ts';
import { createScheduler, keepFiring, type Scheduler } from '../../src/engine/schedule.ts';
import { createJsonStore } from '../../src/store/json/json-store.ts';
import { anAgent, testDeps } from '../support/fixtures.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Process = { house: House; scheduler: Scheduler };

let home: string;
let clock: number;
let open: House[];
let first: Process;

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-schedule-'));
  clock = Date.parse('2026-03-02T08:30:00Z');
  open = [];
  first = newProcess();
  await importContacts(first.house, 'test', { contacts: [{ id: 'a' }] });
  await first.scheduler.look();
});

afterEach(async () => {
  for (const house of open) await house.store.close();
  fs.rmSync(home, { recursive: true, force: true });
});

/** A house of its own on the home, as another process has it. */
function newProcess(now = () => new Date(clock)): Process {
  const deps = { ...testDeps(), now, newId: createIds(() => new Date()) };
  const house = createHouse(createJsonStore(home, deps), deps);
  open.push(house);
  return { house, scheduler: createScheduler(house) };
}

type Monitoring = NonNullable<AgentInput['monitoring']>;

/** An active agent that fires on the hour, in UTC. */
async function aScheduled(monitoring: Monitoring = {}, more: Partial<AgentInput> = {}): Promise<string> {
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: '{{ now }}' } }] }];
  const input = { name: 'Hourly', enabled: true, capabilities: ['notes'], playbook: { rules } };
  const { agent } = await createAgent(
    first.house,
    'test',
    { ...input, monitoring: { schedule_cron: '0 * * * *', ...monitoring }, ...more },
    undefined,
  );
  return String(agent.id);
}

function change(id: string, changes: AgentChanges) {
  return updateAgent(first.house, 'test', id, {
    changes,
    clear: [],
    restore_version: undefined,
    expected_version: undefined,
  });
}

/** Looks in every process, and waits for what that started. */
async function look(...processes: Process[]): Promise<void> {
  await Promise.all(processes.map(({ scheduler }) => scheduler.look()));
  for (const { house } of processes) await Promise.all([...house.runs.values()].map((run) => run.done));
}

/** Lets a waking machine's time pass, looked at every few seconds, up to a time of that day. */
async function pass(time: string, ...processes: Process[]): Promise<void> {
  const until = Date.parse(`2026-03-02T${time}Z`);
  while (clock < until) {
    clock = Math.min(until, clock + 5 * SECOND);
    await look(...processes);
  }
}

function runs(): Promise<Run[]> {
  return first.house.store.read((view) => [...view.runs().values()]);
}

async function shown(id: string) {
  return (await getAgent(first.house, id, undefined)).agent;
}

describe('a schedule', () => {
  it('makes one run a tick, whoever looks', async () => {
    const id = await aScheduled();
    const others = [newProcess(), newProcess()];
    await look(...others);
    await pass('08:59:55', first, ...others);
    expect(await runs()).toEqual([]);
    await pass('10:01:00', first, ...others);
    expect(await runs()).toMatchObject([
      { agent_id: id, trigger: 'schedule', scheduled_for: '2026-03-02T09:00:00.000Z', status: 'completed' },
      { agent_id: id, trigger: 'schedule', scheduled_for: '2026-03-02T10:00:00.000Z', status: 'completed' },
    ]);
    expect((await runs()).filter((run) => run.catch_up || run.summary.contacts_evaluated !== 1)).toEqual([]);
  });

  it('says how long nothing is due', async () => {
    await aScheduled();
    clock += 29 * MINUTE + 58 * SECOND;
    expect(await first.scheduler.look()).toBe(2 * SECOND);
    expect(await runs()).toEqual([]);
  });

  it('fires active agents only, and counts from when one is enabled', async () => {
    const id = await aScheduled({}, { enabled: false });
    expect(await shown(id)).toMatchObject({ next_firing: null, next_firing_reason: expect.stringContaining('draft') });
    await pass('09:30:00', first);
    expect(await runs()).toEqual([]);
    const { agent } = await change(id, { enabled: true });
    expect(agent.next_firing).toBe('2026-03-02T10:00:00.000Z');
    await pass('09:59:00', first);
    expect(await runs()).toEqual([]);
    await change(id, { status: 'archived' });
    await pass('10:05:00', first);
    expect(await runs()).toEqual([]);
  });

  it('skips a tick for good while a run of the agent is going', async () => {
    const id = await aScheduled();
    const waiting = await first.house.store.commit('test', (view) => {
      const agent = anAgent({ id, llm_config: { concurrency: 1, provider: 'rules' } });
      const created = newRun(first.house, view, agent, 'test', { trigger: 'manual' });
      return { events: [created], value: created.run };
    });
    await pass('09:01:00', first, newProcess());
    expect(await runs()).toHaveLength(1);
    const skip = { scheduled_for: '2026-03-02T09:00:00.000Z', reason: expect.stringContaining(waiting.id) };
    expect(await shown(id)).toMatchObject({ last_skip: skip, next_firing: '2026-03-02T10:00:00.000Z' });
    await cancelRun(first.house, 'test', waiting.id);
    await pass('09:59:55', first);
    expect(await runs()).toHaveLength(1);
    await pass('10:00:00', first);
    expect((await runs()).map((run) => run.scheduled_for)).toEqual([undefined, '2026-03-02T10:00:00.000Z']);
  });
});

describe('after an absence', () => {
  it('makes up for all that was missed with one run, marked so', async () => {
    const id = await aScheduled();
    clock += 3 * DAY;
    const [second, third] = [newProcess(), newProcess()];
    await look(second, third);
    await look(second, third);
    const mark = { catch_up: true, scheduled_for: '2026-03-05T08:00:00.000Z' };
    expect(await runs()).toMatchObject([{ ...mark, trigger: 'schedule', status: 'completed' }]);
    expect((await shown(id)).last_firing).toMatchObject(mark);
    clock += 20 * MINUTE;
    await look(second, third);
    expect(await runs()).toHaveLength(1);
  });

  it('leaves it out where catch_up is none, and says so', async () => {
    const id = await aScheduled({ catch_up: 'none' });
    clock += 3 * DAY;
    const second = newProcess();
    await look(second);
    expect(await runs()).toEqual([]);
    const { agent, warnings } = await getAgent(first.house, id, undefined);
    expect(agent).toMatchObject({ last_skip: { reason: expect.stringContaining('catch_up') } });
    expect(warnings.join(' ')).toContain('2026-03-05T08:00:00.000Z');
    for (let minutes = 0; minutes < 31; minutes++) {
      clock += MINUTE / 6;
      await look(second);
    }
    clock = Date.parse('2026-03-05T08:59:55Z');
    await look(second);
    clock += 6 * SECOND;
    await look(second);
    expect(await runs()).toMatchObject([{ scheduled_for: '2026-03-05T09:00:00.000Z' }]);
    expect((await runs())[0]).not.toHaveProperty('catch_up');
  });

  it('knows sleep by the gap between two looks', async () => {
    await aScheduled();
    await pass('08:59:50', first);
    clock += 12 * SECOND;
    await look(first);
    clock += 8 * HOUR;
    await look(first);
    clock += 20 * SECOND;
    await look(first);
    expect(await runs()).toMatchObject([
      { scheduled_for: '2026-03-02T09:00:00.000Z' },
      { scheduled_for: '2026-03-02T17:00:00.000Z', catch_up: true },
    ]);
    expect((await runs())[0]).not.toHaveProperty('catch_up');
  });

  it('leaves a tick of just now to a process that was awake for it', async () => {
    await aScheduled({ catch_up: 'none' });
    await pass('08:59:55', first);
    clock += 7 * SECOND;
    const late = newProcess();
    await look(late);
    expect(await runs()).toEqual([]);
    await look(first);
    expect(await runs()).toMatchObject([{ scheduled_for: '2026-03-02T09:00:00.000Z' }]);
    clock += 20 * SECOND;
    await look(late);
    expect(await runs()).toHaveLength(1);
  });

  it('counts a new or changed schedule from that moment, and any other change not at all', async () => {
    const id = await aScheduled();
    clock += 2 * HOUR;
    await change(id, { monitoring: { schedule_cron: '15 * * * *' } });
    await look(first);
    expect(await runs()).toEqual([]);
    clock += 50 * MINUTE;
    await change(id, { monitoring: { max_contacts_per_run: 3 }, description: 'as before' });
    await look(first);
    expect(await runs()).toMatchObject([{ catch_up: true, scheduled_for: '2026-03-02T11:15:00.000Z' }]);
  });
});

describe('a clock', () => {
  it('that goes back fires nothing twice', async () => {
    await aScheduled();
    await pass('09:00:30', first);
    clock -= 10 * MINUTE;
    const second = newProcess();
    await look(first, second);
    await pass('09:59:55', first, second);
    expect(await runs()).toHaveLength(1);
    await pass('10:00:00', first, second);
    expect(await runs()).toHaveLength(2);
  });

  it('that was years ahead for a while does not stop a schedule for years', async () => {
    const id = await aScheduled();
    clock += 1_000 * DAY;
    await look(first);
    clock -= 1_000 * DAY;
    await pass('08:45:00', first);
    expect(await runs()).toHaveLength(1);
    expect((await shown(id)).next_firing).toBe('2026-03-02T09:00:00.000Z');
    await pass('09:00:00', first);
    expect((await runs()).map((run) => run.scheduled_for?.slice(0, 4))).toEqual(['2028', '2026']);
  });
});

describe('trouble', () => {
  it('with a run that cannot be made is a skipped tick, written once, that get_agent tells of', async () => {
    const id = await aScheduled({}, { llm_config: { provider: 'openai', model: 'm' } });
    await pass('09:00:00', first);
    const n = await commits();
    await pass('09:01:00', first, newProcess());
    expect(await commits()).toBe(n);
    expect(await runs()).toEqual([]);
    const { warnings } = await getAgent(first.house, id, undefined);
    expect(warnings.join(' ')).toMatch(/2026-03-02T09:00:00.000Z, was skipped: PROVIDER_ERROR/);
  });

  it('with a schedule of an earlier build stops no other', async () => {
    const monitoring = { filter: {}, timezone: 'UTC', max_contacts_per_run: 25, catch_up: 'once' as const };
    const agent = anAgent({ id: 'ag_old', monitoring: { ...monitoring, schedule_cron: '*/5 * * * * *' } });
    await first.house.store.commit('test', () => ({ events: [{ type: 'agent_saved', agent }], value: undefined }));
    await aScheduled();
    await pass('09:00:00', first);
    expect(await runs()).toHaveLength(1);
    expect((await getAgent(first.house, 'ag_old', undefined)).agent).toMatchObject({
      next_firing: null,
      next_firing_reason: expect.stringContaining('6 fields'),
    });
  });

  it('of a home whose snapshots know of no schedules yet is none', async () => {
    await aScheduled();
    await first.house.store.close();
    fs.rmSync(path.join(home, 'state/schedules.json'));
    // What an earlier build counted, it kept under another name, without schedules.
    fs.renameSync(path.join(home, 'state/touched-2.json'), path.join(home, 'state/touched.json'));
    clock += HOUR;
    await look(newProcess());
    expect(await runs()).toMatchObject([{ scheduled_for: '2026-03-02T09:00:00.000Z' }]);
  });
});

async function commits(): Promise<number> {
  return first.house.store.check().commits;
}

it('fires by a timer of its own, until it is stopped', async () => {
  await aScheduled({ schedule_cron: '* * * * *' });
  const offset = Date.parse('2026-03-02T08:30:59.600Z') - Date.now();
  const processes = [1, 2, 3].map(() => newProcess(() => new Date(Date.now() + offset)));
  const stops = processes.map(({ house }) => keepFiring(house));
  const until = Date.now() + 5_000;
  while ((await runs()).length === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const stop of stops) stop();
  expect(await runs()).toMatchObject([{ scheduled_for: '2026-03-02T08:31:00.000Z' }]);
  expect((await runs())[0]).not.toHaveProperty('catch_up');
});
