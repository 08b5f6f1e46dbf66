import { expect, it, onTestFinished } from 'vitest';
import { startServer, temporaryHome } from '../support/server.ts';

const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;
const HOUR = 3_600_000;

it('a process on a machine whose clock is a month ahead goes by the time of the database', async () => {
  const home = temporaryHome();
  const start = async (env: Record<string, string> = {}) => {
    const server = await startServer({ home, env });
    onTestFinished(() => server.close());
    return server;
  };
  const server = await start();
  await server.call('import_contacts', { contacts: [{ id: 'a' }] });
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Hello' } }] }];
  const { agent } = await server.call('create_agent', { name: 'Notes', capabilities: ['notes'], playbook: { rules } });
  await server.call('trigger_agent', { agent_id: agent.id });
  const waiting = async () => (await server.call('list_pending_actions', {})).total;
  await expect.poll(waiting).toBe(1);
  const ahead = await start({ NODE_OPTIONS: `--import=${CLOCK}`, SHIFT_CLOCK_MS: String(31 * 24 * HOUR) });
  await ahead.call('list_contacts', {});
  const { agent: made } = await ahead.call('create_agent', {
    name: 'Later',
    capabilities: ['notes'],
    playbook: { rules },
  });
  expect(Math.abs(Date.parse(made.created_at) - Date.parse(agent.created_at))).toBeLessThan(HOUR);
  // What waits expires after some days.
  expect(await waiting()).toBe(1);
});
