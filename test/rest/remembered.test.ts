import { describe, expect, it } from 'vitest';
import { clientOf, restServer } from '../support/rest-server.ts';

const AGENT = { name: 'A', playbook: { playbook_md: 'x' }, enabled: true };

describe('a list that is asked for again', () => {
  it('shows what was committed meanwhile, by whatever way', async () => {
    const on = await restServer();
    const api = clientOf(on, '/v1', on.token());
    await api.post('/agents', AGENT);
    const names = async () => (await api.get('/agents')).json.agents.map(({ name }: { name: string }) => name);
    expect(await names()).toEqual(['A']);
    expect(await names()).toEqual(['A']);
    await on.call('update_agent', { agent_id: 'A', changes: { name: 'B' } });
    expect(await names()).toEqual(['B']);
    expect((await api.get('/agents?enabled=false')).json.agents).toEqual([]);
  });

  it('shows the next firing as time goes on', async () => {
    let at = Date.parse('2026-03-02T09:59:59Z');
    const on = await restServer({ now: () => new Date(at) });
    const api = clientOf(on, '/v1', on.token());
    await api.post('/agents', { ...AGENT, monitoring: { schedule_cron: '0 * * * *' } });
    const next = async () => (await api.get('/agents')).json.agents[0].next_firing;
    expect(await next()).toBe('2026-03-02T10:00:00.000Z');
    at += 1_000;
    expect(await next()).toBe('2026-03-02T11:00:00.000Z');
  });
});
