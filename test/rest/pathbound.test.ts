import { describe, expect, it } from 'vitest';
import { PATHBOUND_EXAMPLE } from '../domain/dialects/seeds.ts';
import { clientOf, restServer } from '../support/rest-server.ts';

async function pathbound() {
  const on = await restServer();
  return { on, api: clientOf(on, '/pathbound/v1', on.token()) };
}

describe("Pathbound's agents", () => {
  it('are made by the example of its documentation, and read back with all that it said', async () => {
    const { api } = await pathbound();
    const made = await api.post('/agents', PATHBOUND_EXAMPLE);
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ status: 'success', agent: PATHBOUND_EXAMPLE });
    expect(made.json.warnings.join()).toContain('identity_id');
    const { _id } = made.json.agent;
    const read = await api.get(`/agents/${_id}`);
    expect(read.status).toBe(200);
    expect(read.json).toMatchObject({
      status: 'success',
      agent: { ...PATHBOUND_EXAMPLE, id: _id, _id, status: 'active' },
    });
  });

  it('have no template once it is one that is not here, and keep their playbook', async () => {
    const { on, api } = await pathbound();
    const made = await api.post('/agents', { name: 'A', playbook_template: 'cold_outreach' });
    const { _id, playbook } = made.json.agent;
    const patched = await api.patch(`/agents/${_id}`, { playbook_template: 'warm_outreach' });
    expect(patched.json.agent).toMatchObject({ playbook_template: 'warm_outreach', playbook });
    expect((await on.call('get_agent', { agent_id: _id })).agent).not.toHaveProperty('playbook_template');
    const found = (await api.get('/agents?playbook_template=warm_outreach')).json;
    expect([found.total, found.agents[0]._id]).toEqual([1, _id]);
    expect((await api.get('/agents?playbook_template=cold_outreach')).json.total).toBe(0);
  });

  it('send as nobody once their sender is one that is not here', async () => {
    const { on, api } = await pathbound();
    const { identity } = await on.call('save_identity', { name: 'Sales', email: 'sales@example.com' });
    const made = await api.post('/agents', { ...PATHBOUND_EXAMPLE, identity_id: identity.id });
    const path = `/agents/${made.json.agent._id}`;
    const patched = await api.patch(path, { identity_id: 'id_999' });
    expect(patched).toMatchObject({ status: 200, json: { agent: { identity_id: 'id_999' } } });
    expect(patched.json.warnings.join()).toContain('sends as nobody');
    const { agent } = await on.call('get_agent', { agent_id: made.json.agent._id });
    expect(agent).not.toHaveProperty('identity_id');
    const again = await api.patch(path, { identity_id: identity.id });
    expect(again.json.agent.identity_id).toBe(identity.id);
  });

  it('are drafts unless they are enabled', async () => {
    const { api } = await pathbound();
    const made = await api.post('/agents', { name: 'A', playbook_template: 'cold_outreach' });
    expect(made.json.agent).toMatchObject({ status: 'draft', enabled: false });
    const on = await api.patch(`/agents/${made.json.agent._id}`, { enabled: true });
    expect(on.json.agent).toMatchObject({ status: 'active', enabled: true });
    const off = await api.patch(`/agents/${made.json.agent._id}`, { enabled: false });
    expect(off.json.agent).toMatchObject({ status: 'draft', enabled: false });
  });

  it('are listed 20 a page, newest first, by state and by template', async () => {
    const { api } = await pathbound();
    for (let n = 1; n <= 21; n++)
      await api.post('/agents', {
        name: `A${n}`,
        playbook_template: n % 7 === 0 ? 'trial_ending' : 'cold_outreach',
        enabled: n === 3,
      });
    const { json, status } = await api.get('/agents');
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: 'success', total: 21, limit: 20, offset: 0 });
    expect(json.agents).toHaveLength(20);
    expect(json.agents[0]).toMatchObject({ name: 'A21', playbook: { playbook_md: expect.any(String) } });
    expect((await api.get('/agents?offset=20')).json.agents.map((a: { name: string }) => a.name)).toEqual(['A1']);
    expect((await api.get('/agents?enabled=true')).json).toMatchObject({ total: 1, agents: [{ name: 'A3' }] });
    expect((await api.get('/agents?enabled=false')).json.total).toBe(20);
    const named = (await api.get('/agents?playbook_template=trial_ending&limit=1&offset=1')).json;
    expect(named).toMatchObject({ total: 3, limit: 1, offset: 1, agents: [{ name: 'A14' }] });
    expect((await api.get('/agents?offset=500')).json).toMatchObject({ agents: [], total: 21 });
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=ten',
    'limit=1.5',
    'offset=-1',
    'enabled=yes',
    'limit=1&limit=2',
    'sort=name',
  ])('refuse the query %s, naming what is wrong', async (query) => {
    const { api } = await pathbound();
    const { status, json } = await api.get(`/agents?${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ status: 'error', error: expect.any(String), timestamp: expect.any(String) });
    expect(json.details[0].path).toBe(query.split('=')[0]);
  });

  it('change only in the fields that are sent', async () => {
    const { api } = await pathbound();
    const { _id } = (await api.post('/agents', PATHBOUND_EXAMPLE)).json.agent;
    const patched = await api.patch(`/agents/${_id}`, { playbook: { playbook_md: 'Be brief.' } });
    expect(patched.status).toBe(200);
    expect(patched.json.agent).toMatchObject({
      ...PATHBOUND_EXAMPLE,
      playbook: { playbook_md: 'Be brief.' },
      version: 2,
    });
    const same = await api.patch(`/agents/${_id}`, {});
    expect(same.json.agent.version).toBe(2);
  });

  it('keep every change of several that come at once', async () => {
    const { api } = await pathbound();
    const { _id } = (await api.post('/agents', PATHBOUND_EXAMPLE)).json.agent;
    const names = ['a', 'b', 'c', 'd'];
    const patched = await Promise.all(names.map((name) => api.patch(`/agents/${_id}`, { playbook: { [name]: 1 } })));
    expect(patched.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { agent } = (await api.get(`/agents/${_id}`)).json;
    expect(agent.playbook.config).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  });

  it('take their own answer back, and ignore what only answers have', async () => {
    const { api } = await pathbound();
    const { agent } = (await api.post('/agents', PATHBOUND_EXAMPLE)).json;
    const { status, json } = await api.patch(`/agents/${agent._id}`, { ...agent, name: 'Renamed' });
    expect(status).toBe(200);
    expect(json.agent).toMatchObject({ ...PATHBOUND_EXAMPLE, name: 'Renamed', _id: agent._id });
  });

  it('are refused with each field at fault', async () => {
    const { api } = await pathbound();
    const none = await api.post('/agents', { playbook: { playbook_md: 'x' } });
    expect(none.status).toBe(400);
    expect(none.json.details.map((d: { path: string }) => d.path)).toEqual(['name']);
    const wrong = await api.post('/agents', {
      ...PATHBOUND_EXAMPLE,
      colour: 'red',
      monitoring: { filter: {}, schedule_cron: 'x', pace: 1 },
    });
    expect(wrong.status).toBe(400);
    expect(wrong.json.error).toContain('colour');
    expect(wrong.json.details.map((d: { path: string }) => d.path)).toEqual(
      expect.arrayContaining(['colour', 'monitoring.pace']),
    );
    const cron = await api.post('/agents', { ...PATHBOUND_EXAMPLE, monitoring: { schedule_cron: 'every day' } });
    expect(cron.status).toBe(400);
    expect(cron.json.error).toContain('schedule_cron');
  });

  it('go with their runs', async () => {
    const { on, api } = await pathbound();
    await on.call('import_contacts', { contacts: [{ id: 'c1', email: 'ann@example.com' }] });
    const { _id } = (await api.post('/agents', { name: 'A', playbook_template: 'cold_outreach' })).json.agent;
    await api.post(`/agents/${_id}/trigger`);
    const [run] = (await api.get(`/agents/${_id}/runs`)).json.runs;
    expect(await api.delete(`/agents/${_id}`)).toMatchObject({ status: 200, json: { status: 'success' } });
    for (const path of [`/agents/${_id}`, `/agents/${_id}/runs`, `/agents/runs/${run._id}`])
      expect(await api.get(path)).toMatchObject({ status: 404, json: { status: 'error', details: [] } });
    expect((await api.delete(`/agents/${_id}`)).status).toBe(404);
  });

  it('that would send data elsewhere are kept for a person, and refused', async () => {
    const { on, api } = await pathbound();
    const { status, json } = await api.post('/agents', {
      ...PATHBOUND_EXAMPLE,
      llm_config: { provider: 'openai_compatible', model: 'm', base_url: 'https://models.elsewhere.example/v1' },
    });
    expect(status).toBe(403);
    const kept = json.details.find(({ path }: { path: string }) => path === 'change_id');
    const { changes } = await on.call('list_pending_actions');
    expect(changes.map(({ change_id }: { change_id: string }) => change_id)).toEqual([kept.message]);
    expect((await api.get('/agents')).json.total).toBe(0);
  });

  it('that would act unasked are made without the permission, and say which change asks for it', async () => {
    const { api } = await pathbound();
    const { status, json } = await api.post('/agents', { ...PATHBOUND_EXAMPLE, approval: { require_approval: false } });
    expect(status).toBe(201);
    expect(json.change_id).toMatch(/^ch_/);
    expect(json.agent.approval.unasked).toMatchObject({ granted: false });
  });
});
