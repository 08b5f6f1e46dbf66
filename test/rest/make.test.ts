import { describe, expect, it } from 'vitest';
import { clientOf, restServer } from '../support/rest-server.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const BODY = {
  name: 'Order helper',
  teamId: 1,
  makeConnectionId: 77,
  defaultModel: 'gpt-4o',
  systemPrompt: 'do what user says',
};

async function make(team = 1) {
  const on = await restServer();
  return { on, api: clientOf(on, '/make/ai-agents/v1', on.token({ team }), 'Token') };
}

describe("Make's agents", () => {
  it('are made active, have UUIDs, and are read back as they were given', async () => {
    const { api } = await make();
    const made = await api.post('/agents?teamId=1', BODY);
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ ...BODY, id: expect.stringMatching(UUID), createdAt: expect.any(String) });
    const read = await api.get(`/agents/${made.json.id}?teamId=1`);
    expect(read.status).toBe(200);
    expect(read.json).toEqual({ ...BODY, id: made.json.id, createdAt: made.json.createdAt });
    // A UUID means the same in any case.
    expect((await api.get(`/agents/${made.json.id.toUpperCase()}?teamId=1`)).json).toEqual(read.json);
  });

  it('are listed as an array, without the connection', async () => {
    const { on, api } = await make();
    expect((await api.get('/agents?teamId=1')).json).toEqual([]);
    const { id, createdAt } = (await api.post('/agents?teamId=1', BODY)).json;
    const { makeConnectionId: _, ...row } = BODY;
    expect((await api.get('/agents?teamId=1')).json).toEqual([{ ...row, id, createdAt }]);
    const { agents } = await on.call('list_agents');
    expect(agents).toMatchObject([{ name: 'Order helper', status: 'active' }]);
  });

  it('take back what an answer said, and say what of a body was left out', async () => {
    const { api } = await make();
    const made = await api.post('/agents?teamId=1', BODY);
    expect(made.json.warnings).toBeDefined();
    expect((await api.post('/agents?teamId=1', made.json)).status).toBe(201);
    const same = await api.patch(`/agents/${made.json.id}?teamId=1`, made.json);
    expect(same.headers.get('warning')).not.toContain("can't be set");
    const moved = await api.patch(`/agents/${made.json.id}?teamId=1`, { makeConnectionId: 8 });
    expect(moved.headers.get('warning')).toMatch(/makeConnectionId can't be set .* it is 77/);
    const elsewhere = await api.patch(`/agents/${made.json.id}?teamId=1`, { teamId: 2 });
    expect(elsewhere).toMatchObject({ status: 403, json: { code: 'SC403' } });
  });

  it('are named by UUIDs in errors, too', async () => {
    const { api } = await make();
    const [gone, left] = await Promise.all(
      ['Gone', 'Left'].map(async (name) => (await api.post('/agents?teamId=1', { ...BODY, name })).json.id),
    );
    await api.delete(`/agents/${gone}?teamId=1`);
    const { status, json } = await api.get(`/agents/${gone}?teamId=1`);
    expect(status).toBe(404);
    expect(json.message).toContain(gone);
    expect(json.message).toContain(left);
    expect(`${json.message}${json.detail}`).not.toMatch(/ag_/);
  });

  it('are modified and deleted with 204 and no body', async () => {
    const { api } = await make();
    const { id } = (await api.post('/agents?teamId=1', BODY)).json;
    const patched = await api.patch(`/agents/${id}?teamId=1`, {
      systemPrompt: 'be brief',
      defaultModel: 'claude-opus-4-7',
    });
    expect(patched).toMatchObject({ status: 204, text: '' });
    expect((await api.get(`/agents/${id}?teamId=1`)).json).toMatchObject({
      ...BODY,
      systemPrompt: 'be brief',
      defaultModel: 'claude-opus-4-7',
    });
    expect(await api.delete(`/agents/${id}?teamId=1`)).toMatchObject({ status: 204, text: '' });
    expect(await api.get(`/agents/${id}?teamId=1`)).toMatchObject({ status: 404, json: { code: 'SC404' } });
    expect((await api.delete(`/agents/${id}?teamId=1`)).status).toBe(404);
  });

  it('keep an output format, and hold answers against it', async () => {
    const { on, api } = await make();
    const outputParserFormat = { type: 'make-schema', schema: [{ name: 'total', type: 'number', required: true }] };
    const made = await api.post('/agents?teamId=1', { ...BODY, outputParserFormat });
    expect(made.json.outputParser).toEqual(outputParserFormat);
    const { agent } = await on.call('get_agent', { agent_id: 'Order helper' });
    expect(agent.output_schema).toMatchObject({ properties: { total: { type: 'number' } }, required: ['total'] });
  });

  it('tell of a model that no provider here has, also where the answer has no body', async () => {
    const { api } = await make();
    const made = await api.post('/agents?teamId=1', { ...BODY, defaultModel: 'mystery-9' });
    expect(made.json).toMatchObject({
      defaultModel: 'mystery-9',
      warnings: expect.arrayContaining([expect.stringContaining('mystery-9')]),
    });
    const messages = [{ role: 'user', content: 'Hello' }];
    expect(await api.post(`/agents/${made.json.id}/run?teamId=1`, { messages })).toMatchObject({
      status: 502,
      json: { code: 'SC502' },
    });
    const patched = await api.patch(`/agents/${made.json.id}?teamId=1`, { defaultModel: 'mystery-10' });
    expect(patched.status).toBe(204);
    expect(patched.headers.get('warning')).toContain('mystery-10');
  });

  it('of another team are SC403, and the team has to be named', async () => {
    const { api } = await make(3);
    for (const got of [
      await api.get('/agents?teamId=1'),
      await api.post('/agents?teamId=1', { ...BODY, teamId: 3 }),
      await api.post('/agents?teamId=3', { ...BODY, teamId: 1 }),
      await api.get('/agents/00000000-0000-0000-0000-000000000000?teamId=1'),
    ])
      expect(got).toMatchObject({
        status: 403,
        json: { code: 'SC403', detail: expect.any(String), message: expect.any(String) },
      });
    for (const query of ['', '?teamId=', '?teamId=three', '?teamId=1.5'])
      expect(await api.get(`/agents${query}`)).toMatchObject({ status: 400, json: { code: 'SC400' } });
    const made = await api.post('/agents?teamId=3', { ...BODY, teamId: 3 });
    expect(made).toMatchObject({ status: 201, json: { teamId: 3 } });
    expect((await api.get('/agents?teamId=3')).json).toMatchObject([{ teamId: 3 }]);
  });

  it.each([
    ['systemPrompt', { ...BODY, systemPrompt: '' }],
    ['defaultModel', { ...BODY, defaultModel: undefined }],
    ['makeConnectionId', { ...BODY, makeConnectionId: '77' }],
    ['name', { ...BODY, name: undefined }],
    ['temperature', { ...BODY, temperature: 1 }],
  ])('are refused for %s', async (field, body) => {
    const { api } = await make();
    const { status, json } = await api.post('/agents?teamId=1', body);
    expect(status).toBe(400);
    expect(json.code).toBe('SC400');
    expect(json.detail).toContain(field);
  });

  it('are found by no id that Make has not given', async () => {
    const { on, api } = await make();
    await api.post('/agents?teamId=1', BODY);
    const { agents } = await on.call('list_agents');
    for (const id of [agents[0].id, 'Order%20helper', '445431dd-c20e-4a58-a043-ca9c131d4010', 'x'])
      expect((await api.get(`/agents/${id}?teamId=1`)).status).toBe(404);
  });
});
