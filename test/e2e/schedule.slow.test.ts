import { describe, expect, it } from 'vitest';
import { onlyJson } from '../support/postgres/only-json.ts';
import { type Connection, startServer, temporaryHome } from '../support/server.ts';

const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** Three servers on one home, whose clocks say so many seconds of a minute, some days from now. */
function threeServers(home: string, second: number, days: number) {
  const toMinute = MINUTE - (Date.now() % MINUTE);
  const env = {
    NODE_OPTIONS: `--import=${CLOCK}`,
    SHIFT_CLOCK_MS: String(days * DAY + toMinute + second * 1_000),
  };
  const start = () => startServer({ home, env });
  return Promise.all([start(), start(), start()]);
}

async function closeAll(servers: Connection[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
}

/** The runs there are, once there are so many and every process had its time to make one too many. */
async function runsOnce(count: number, server: Connection) {
  await expect
    .poll(async () => (await server.call('list_runs')).total, { interval: 100 })
    .toBeGreaterThanOrEqual(count);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return (await server.call('list_runs')).runs;
}

onlyJson(
  'clocks of processes that are set forward; with a database that one’s decides, as wrong-clock.postgres.test.ts shows',
).describe('three servers on one home', () => {
  it('fire a tick once, and after a day away make up for it once', async () => {
    const home = temporaryHome();
    const [first, second, third] = await threeServers(home, 50, 0);
    await first.call('import_contacts', { contacts: [{ id: 'a' }, { id: 'b' }] });
    const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'seen {{ now }}' } }] }];
    const { agent, warnings } = await second.call('create_agent', {
      name: 'Minutely',
      enabled: true,
      capabilities: ['notes'],
      playbook: { rules },
      monitoring: { schedule_cron: '* * * * *', timezone: 'Europe/Amsterdam' },
    });
    expect(warnings.join(' ')).toContain('fires only while a Countersign process is alive');
    const [onTime, ...more] = await runsOnce(1, first);
    expect(more).toEqual([]);
    expect(onTime).toMatchObject({ trigger: 'schedule', scheduled_for: agent.next_firing, status: 'completed' });
    expect(onTime).not.toHaveProperty('catch_up');
    expect(onTime.summary).toMatchObject({ contacts_evaluated: 2, actions_pending_approval: 2 });
    await closeAll([first, second, third]);

    const [fourth, fifth, sixth] = await threeServers(home, 20, 1);
    const [madeUp, ...earlier] = await runsOnce(2, fourth);
    expect(madeUp).toMatchObject({ trigger: 'schedule', catch_up: true, status: 'completed' });
    expect(Date.parse(madeUp.scheduled_for) - Date.parse(onTime.scheduled_for)).toBeGreaterThan(DAY - 2 * MINUTE);
    expect(earlier).toEqual([onTime]);
    const { agent: later } = await sixth.call('get_agent', { agent_id: agent.id });
    expect(later.last_firing).toMatchObject({ run_id: madeUp.id, catch_up: true });
    expect(Date.parse(later.next_firing) - Date.parse(madeUp.scheduled_for)).toBe(MINUTE);
    await closeAll([fourth, fifth, sixth]);
  });
});

describe('a schedule that is saved', () => {
  it('is refused, with what to write instead, where it could not fire', async () => {
    const server = await startServer();
    const withSchedule = (monitoring: object) => ({
      name: 'Weekly',
      playbook_template: 'cold_outreach',
      monitoring,
    });
    for (const cron of ['every monday', '0 0 9 * * 1', '61 * * * *', '@reboot', '2026-05-01T09:00:00'])
      expect(await server.refusal('create_agent', withSchedule({ schedule_cron: cron })), cron).toMatchObject({
        code: 'VALIDATION_ERROR',
        details: { 'monitoring.schedule_cron': expect.stringContaining('"0 9 * * 1-5" for weekdays at 9:00') },
      });
    expect(await server.refusal('create_agent', withSchedule({ schedule_cron: '0 0 31 2 *' }))).toMatchObject({
      details: { 'monitoring.schedule_cron': expect.stringContaining('never comes') },
    });
    const zone = { schedule_cron: '0 9 * * 1', timezone: 'Europe/Atlantis' };
    expect(await server.refusal('create_agent', withSchedule(zone))).toMatchObject({
      details: { 'monitoring.timezone': expect.stringContaining('Europe/Amsterdam') },
    });
    const { agent } = await server.call('create_agent', withSchedule({ schedule_cron: '0 9 * * 1' }));
    expect(agent).toMatchObject({ next_firing: null, next_firing_reason: expect.stringContaining('draft') });
    expect(
      await server.refusal('update_agent', { agent_id: agent.id, changes: { monitoring: { schedule_cron: '* *' } } }),
    ).toMatchObject({ code: 'VALIDATION_ERROR' });
    const enabled = await server.call('update_agent', { agent_id: agent.id, changes: { enabled: true } });
    expect(new Date(enabled.agent.next_firing).getUTCDay()).toBe(1);
    const paused = await server.call('update_agent', { agent_id: agent.id, clear: ['monitoring.schedule_cron'] });
    expect(paused.agent).toMatchObject({ next_firing: null, next_firing_reason: expect.stringContaining('not set') });
    await server.close();
  });
});
