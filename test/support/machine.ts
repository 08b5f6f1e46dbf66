import fs from 'node:fs';
import { onTestFinished } from 'vitest';
import type { AgentChanges, AgentInput } from '../../src/domain/agents/agent.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Run } from '../../src/domain/runs/run.ts';
import { getAgent } from '../../src/engine/agents/read.ts';
import { createAgent, updateAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { createScheduler, type Scheduler } from '../../src/engine/upkeep/schedule.ts';
import { createHouse } from '../../src/process/house.ts';
import { aHome, testDeps } from './fixtures.ts';
import { aStore, runsIn } from './store.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

type Process = { house: House; scheduler: Scheduler };
type Monitoring = NonNullable<AgentInput['monitoring']>;

/** A machine with a clock that the test sets, and a home that its processes share. */
export class Machine {
  readonly home = aHome();
  clock = Date.parse('2026-03-02T08:30:00Z');
  readonly first = this.newProcess();

  /** Another house on the same home, as another process has one. */
  newProcess(now = () => new Date(this.clock)): Process {
    const deps = { ...testDeps(), now, newId: createIds(() => new Date()) };
    const house = createHouse(aStore(this.home, deps), deps);
    onTestFinished(() => house.store.close());
    return { house, scheduler: createScheduler(house) };
  }

  /** An active agent that fires on the hour, in UTC, for one contact. */
  async schedule(monitoring: Monitoring = {}, more: Partial<AgentInput> = {}): Promise<string> {
    await importContacts(this.first.house, 'test', { contacts: [{ id: 'a' }] });
    await this.first.scheduler.look();
    const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: '{{ now }}' } }] }];
    const input = { name: 'Hourly', enabled: true, capabilities: ['notes'], playbook: { rules } };
    const all = { ...input, monitoring: { schedule_cron: '0 * * * *', ...monitoring }, ...more };
    const { agent } = await createAgent(this.first.house, 'test', all);
    return String(agent.id);
  }

  change(id: string, changes: AgentChanges) {
    const update = { changes, clear: [], restore_version: undefined, expected_version: undefined };
    return updateAgent(this.first.house, 'test', id, update);
  }

  /** Has each process look for due schedules, and waits for the runs that this starts. */
  async look(...processes: Process[]): Promise<void> {
    await Promise.all(processes.map(({ scheduler }) => scheduler.look()));
    for (const { house } of processes) await Promise.all([...house.runs.values()].map((run) => run.done));
  }

  /** Lets time pass up to a time of that day, while the machine is awake: the processes look every 5 seconds. */
  async pass(time: string, ...processes: Process[]): Promise<void> {
    const until = Date.parse(`2026-03-02T${time}Z`);
    while (this.clock < until) {
      this.clock = Math.min(until, this.clock + 5 * SECOND);
      await this.look(...processes);
    }
  }

  /** Lets time pass while no process looks. */
  sleep(ms: number): void {
    this.clock += ms;
  }

  runs(): Promise<Run[]> {
    return this.first.house.read((view) => runsIn(view));
  }

  shown(id: string) {
    return getAgent(this.first.house, id, undefined);
  }

  async commits(): Promise<number> {
    return (await this.first.house.store.check()).commits;
  }

  /** Makes the snapshots look like those of an earlier build, which had no schedules. */
  forgetSchedules(): void {
    fs.rmSync(`${this.home}/state/schedules.json`);
    const touched = `${this.home}/state/touched.json`;
    const text = fs.readFileSync(touched, 'utf8').replace(/^\{"format": \d+/, '{"format": 1');
    fs.writeFileSync(touched, text.replace(/^\["schedules",\d+\],?\n/m, ''));
  }
}
