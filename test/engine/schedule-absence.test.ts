import { describe, expect, it } from 'vitest';
import { DAY, HOUR, Machine, MINUTE, SECOND } from '../support/machine.ts';

describe('after a time in which no process was awake', () => {
  it('makes one run for all missed ticks, marked catch_up', async () => {
    const machine = new Machine();
    const id = await machine.schedule();
    machine.sleep(3 * DAY);
    const [second, third] = [machine.newProcess(), machine.newProcess()];
    await machine.look(second, third);
    await machine.look(second, third);
    const mark = { catch_up: true, scheduled_for: '2026-03-05T08:00:00.000Z' };
    expect(await machine.runs()).toMatchObject([{ ...mark, trigger: 'schedule', status: 'completed' }]);
    expect((await machine.shown(id)).agent.last_firing).toMatchObject(mark);
    machine.sleep(20 * MINUTE);
    await machine.look(second, third);
    expect(await machine.runs()).toHaveLength(1);
  });

  it('skips missed ticks where catch_up is none, and says so', async () => {
    const machine = new Machine();
    const id = await machine.schedule({ catch_up: 'none' });
    machine.sleep(3 * DAY);
    const second = machine.newProcess();
    await machine.look(second);
    expect(await machine.runs()).toEqual([]);
    const { agent, warnings } = await machine.shown(id);
    expect(agent).toMatchObject({ last_skip: { reason: expect.stringContaining('catch_up') } });
    expect(warnings.join(' ')).toContain('2026-03-05T08:00:00.000Z');
    for (let looks = 0; looks < 31; looks++) {
      machine.sleep(MINUTE / 6);
      await machine.look(second);
    }
    machine.clock = Date.parse('2026-03-05T08:59:55Z');
    await machine.look(second);
    machine.sleep(6 * SECOND);
    await machine.look(second);
    expect(await machine.runs()).toMatchObject([{ scheduled_for: '2026-03-05T09:00:00.000Z' }]);
    expect((await machine.runs())[0]).not.toHaveProperty('catch_up');
  });

  it('takes a long gap between two looks for sleep, and a short one not', async () => {
    const machine = new Machine();
    await machine.schedule();
    await machine.pass('08:59:50', machine.first);
    machine.sleep(12 * SECOND);
    await machine.look(machine.first);
    machine.sleep(8 * HOUR);
    await machine.look(machine.first);
    machine.sleep(20 * SECOND);
    await machine.look(machine.first);
    expect(await machine.runs()).toMatchObject([
      { scheduled_for: '2026-03-02T09:00:00.000Z' },
      { scheduled_for: '2026-03-02T17:00:00.000Z', catch_up: true },
    ]);
    expect((await machine.runs())[0]).not.toHaveProperty('catch_up');
  });

  it('leaves a tick of a moment ago to a process that was awake for it', async () => {
    const machine = new Machine();
    await machine.schedule({ catch_up: 'none' });
    await machine.pass('08:59:55', machine.first);
    machine.sleep(7 * SECOND);
    const late = machine.newProcess();
    await machine.look(late);
    expect(await machine.runs()).toEqual([]);
    await machine.look(machine.first);
    expect(await machine.runs()).toMatchObject([{ scheduled_for: '2026-03-02T09:00:00.000Z' }]);
    machine.sleep(20 * SECOND);
    await machine.look(late);
    expect(await machine.runs()).toHaveLength(1);
  });

  it('counts ticks from the moment a schedule is made or changed, but not from any other change of the agent', async () => {
    const machine = new Machine();
    const id = await machine.schedule();
    machine.sleep(2 * HOUR);
    await machine.change(id, { monitoring: { schedule_cron: '15 * * * *' } });
    await machine.look(machine.first);
    expect(await machine.runs()).toEqual([]);
    machine.sleep(50 * MINUTE);
    await machine.change(id, { monitoring: { max_contacts_per_run: 3 }, description: 'as before' });
    await machine.look(machine.first);
    expect(await machine.runs()).toMatchObject([{ catch_up: true, scheduled_for: '2026-03-02T11:15:00.000Z' }]);
  });
});

describe('a clock that was wrong', () => {
  it('fires no tick twice when it goes back', async () => {
    const machine = new Machine();
    await machine.schedule();
    await machine.pass('09:00:30', machine.first);
    machine.clock -= 10 * MINUTE;
    const second = machine.newProcess();
    await machine.look(machine.first, second);
    await machine.pass('09:59:55', machine.first, second);
    expect(await machine.runs()).toHaveLength(1);
    await machine.pass('10:00:00', machine.first, second);
    expect(await machine.runs()).toHaveLength(2);
  });

  it('does not stop a schedule for years when it was years ahead', async () => {
    const machine = new Machine();
    const id = await machine.schedule();
    machine.sleep(1_000 * DAY);
    await machine.look(machine.first);
    machine.clock -= 1_000 * DAY;
    await machine.pass('08:45:00', machine.first);
    expect(await machine.runs()).toHaveLength(1);
    expect((await machine.shown(id)).agent.next_firing).toBe('2026-03-02T09:00:00.000Z');
    await machine.pass('09:00:00', machine.first);
    expect((await machine.runs()).map((run) => run.scheduled_for?.slice(0, 4))).toEqual(['2028', '2026']);
  });
});
