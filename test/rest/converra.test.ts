import { describe, expect, it } from 'vitest';
import { clientOf, restServer } from '../support/rest-server.ts';

/** The example of Converra's documentation. */
const EXAMPLE = {
  name: 'Customer Support',
  content: 'You are a helpful customer support agent...',
  llmModel: 'gpt-4o',
  description: 'Main support chatbot',
  tags: ['support', 'production'],
};

async function converra() {
  const on = await restServer();
  return { on, api: clientOf(on, '/converra/api/v1', on.token()) };
}

describe("Converra's agents", () => {
  it('are made active by the example of its documentation, and read back', async () => {
    const { api } = await converra();
    const made = await api.post('/agents', EXAMPLE);
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ ...EXAMPLE, id: expect.any(String), status: 'active' });
    expect(made.json.createdAt).toBe(made.json.updatedAt);
    const read = await api.get(`/agents/${made.json.id}`);
    const { id, createdAt, updatedAt } = made.json;
    expect(read).toMatchObject({ status: 200 });
    expect(read.json).toEqual({ ...EXAMPLE, id, status: 'active', createdAt, updatedAt });
  });

  it('need a name, a prompt and a model', async () => {
    const { api } = await converra();
    const { status, json } = await api.post('/agents', { llmModel: '' });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: 'VALIDATION_ERROR', message: expect.any(String) });
    expect(Object.keys(json.error.details).sort()).toEqual(['content', 'llmModel', 'name']);
    const minimal = await api.post('/agents', {
      name: 'A',
      content: 'B',
      llmModel: 'claude-3.5-sonnet',
      temperature: 2,
      maxTokens: 5,
    });
    expect(minimal).toMatchObject({ status: 201, json: { temperature: 2, maxTokens: 5, tags: [] } });
    expect((await api.post('/agents', { ...EXAMPLE, temperature: 2.1 })).json.error.details).toHaveProperty(
      'temperature',
    );
    expect((await api.post('/agents', { ...EXAMPLE, model: 'x' })).json.error.details).toHaveProperty('model');
  });

  it('are updated by the example of its documentation, in the given fields alone', async () => {
    const { api } = await converra();
    const { id } = (await api.post('/agents', EXAMPLE)).json;
    const change = { content: 'Updated system prompt...', tags: ['support', 'v2'] };
    const { status, json } = await api.patch(`/agents/${id}`, change);
    expect(status).toBe(200);
    expect(json).toMatchObject({ ...EXAMPLE, ...change, id });
  });

  it('take back what an answer said, warnings too', async () => {
    const { api } = await converra();
    const made = await api.post('/agents', EXAMPLE);
    expect(made.json.warnings).toBeDefined();
    expect((await api.post('/agents', made.json)).status).toBe(201);
    const patched = await api.patch(`/agents/${made.json.id}`, { ...made.json, name: 'Same but for this' });
    expect(patched.status).toBe(200);
    expect(JSON.stringify(patched.json.warnings)).not.toContain('status');
  });

  it('say so where a body asks for a status that they do not get', async () => {
    const { api } = await converra();
    const made = await api.post('/agents', { ...EXAMPLE, status: 'draft' });
    expect(made).toMatchObject({ status: 201, json: { status: 'active' } });
    const told = expect.stringMatching(/^status can't be set .* it is "active"/);
    expect(made.json.warnings).toContainEqual(told);
    const patched = await api.patch(`/agents/${made.json.id}`, { status: 'archived' });
    expect(patched.json.warnings).toEqual([told]);
  });

  it('are deleted with a message, and are then not found', async () => {
    const { api } = await converra();
    const { id } = (await api.post('/agents', EXAMPLE)).json;
    expect(await api.delete(`/agents/${id}`)).toMatchObject({
      status: 200,
      json: { success: true, message: 'Agent deleted' },
    });
    const gone = await api.get(`/agents/${id}`);
    expect(gone).toMatchObject({ status: 404, json: { error: { code: 'NOT_FOUND', message: expect.any(String) } } });
  });

  it('are listed 20 a page, by all of some tags and by status', async () => {
    const { on, api } = await converra();
    for (let n = 1; n <= 21; n++)
      await api.post('/agents', { ...EXAMPLE, name: `A${n}`, tags: n === 5 ? ['support', 'v2'] : ['support'] });
    const listed = await api.get('/agents');
    expect(listed.json.pagination).toEqual({ total: 21, limit: 20, offset: 0 });
    expect(listed.json.data).toHaveLength(20);
    expect(listed.json.data[0]).toMatchObject({ name: 'A21', content: EXAMPLE.content, status: 'active' });
    expect((await api.get('/agents?limit=5&offset=20')).json).toMatchObject({
      data: [{ name: 'A1' }],
      pagination: { total: 21, limit: 5, offset: 20 },
    });
    expect((await api.get('/agents?tags=support,v2')).json.data).toMatchObject([{ name: 'A5' }]);
    expect((await api.get('/agents?tags=support,none')).json.pagination.total).toBe(0);
    await on.call('update_agent', { agent_id: 'A7', changes: { status: 'archived' } });
    await on.call('update_agent', { agent_id: 'A8', changes: { status: 'draft' } });
    expect((await api.get('/agents?status=archived')).json.data).toMatchObject([{ name: 'A7', status: 'archived' }]);
    expect((await api.get('/agents?status=draft')).json.data).toMatchObject([{ name: 'A8', status: 'draft' }]);
    expect((await api.get('/agents?status=active')).json.pagination.total).toBe(19);
    for (const query of ['limit=101', 'limit=0', 'offset=-1', 'status=running'])
      expect((await api.get(`/agents?${query}`)).status).toBe(400);
  });
});

describe("Converra's figures", () => {
  const DAY = 86_400_000;

  it('are null where nothing is known', async () => {
    const { api } = await converra();
    const { id } = (await api.post('/agents', EXAMPLE)).json;
    const status = await api.get(`/agents/${id}/status`);
    expect(status.status).toBe(200);
    expect(status.json).toEqual({
      id,
      name: EXAMPLE.name,
      status: 'active',
      optimizationState: 'idle',
      metrics: { conversationCount: 0, taskCompletionRate: null, avgSentiment: null },
      lastOptimized: null,
    });
    const insights = await api.get(`/agents/${id}/insights?days=all`);
    expect(insights.json).toEqual({
      agentId: id,
      period: { days: 'all', from: null, to: expect.any(String) },
      summary: { totalConversations: 0, completedConversations: 0, abandonedConversations: 0, completionRate: null },
      metrics: {
        taskCompletion: { rate: null, trend: null },
        sentiment: { average: null, distribution: { positive: null, neutral: null, negative: null } },
        avgResponseTime: null,
        avgConversationLength: null,
      },
      topIssues: [],
      recommendations: [],
    });
    expect((await api.get('/agents/ag_none/insights')).status).toBe(404);
    expect((await api.get(`/agents/${id}/insights?days=14`)).status).toBe(400);
  });

  it('count the conversations of a period, with the change against the one before', async () => {
    let at = Date.parse('2026-03-01T10:00:00Z');
    const on = await restServer({ now: () => new Date(at) });
    const api = clientOf(on, '/api/v1', on.token());
    const { id } = (await api.post('/agents', EXAMPLE)).json;
    let threads = 0;
    const talk = async (outcome: 'completed' | 'abandoned' | undefined, task_completed: boolean | undefined) => {
      const thread_id = `th_${++threads}`;
      const begun = new Date(at).toISOString();
      const said = (role: 'user' | 'assistant', seconds: number) => ({
        role,
        content: 'x',
        id: `${thread_id}_${role}`,
        agent_iteration_id: 'it_1',
        at: new Date(at + seconds * 1000).toISOString(),
      });
      const thread = {
        ...{ thread_id, agent_id: id, status: 'open' as const, messages: 0 },
        ...{ created_by: 'zoe', created_at: begun, updated_at: begun },
      };
      const messages = [said('user', 0), said('assistant', 3)];
      await on.house.commit('zoe', () => ({ events: [{ type: 'thread_talked', thread, messages }], value: undefined }));
      if (outcome)
        await on.call('end_thread', {
          thread_id,
          outcome,
          ...(task_completed === undefined ? {} : { task_completed }),
        });
    };
    await talk('completed', true);
    await talk('completed', false);
    at += 31 * DAY;
    await talk('completed', true);
    await talk('completed', true);
    await talk('abandoned', false);
    await talk(undefined, undefined);
    at += 60_000;
    const month = (await api.get(`/agents/${id}/insights`)).json;
    expect(month).toMatchObject({
      period: { days: 30, from: new Date(at - 30 * DAY).toISOString(), to: new Date(at).toISOString() },
      summary: { totalConversations: 4, completedConversations: 2, abandonedConversations: 1, completionRate: 50 },
      metrics: { taskCompletion: { rate: 66.7, trend: '+16.7%' }, avgResponseTime: 3, avgConversationLength: 2 },
    });
    const all = (await api.get(`/agents/${id}/insights?days=all`)).json;
    expect(all).toMatchObject({
      period: { days: 'all', from: '2026-03-01T10:00:00.000Z' },
      summary: { totalConversations: 6 },
      metrics: { taskCompletion: { rate: 60, trend: null } },
    });
    expect((await api.get(`/agents/${id}/insights?days=7`)).json.summary.totalConversations).toBe(4);
    await api.patch(`/agents/${id}`, { content: 'Another prompt.' });
    expect((await api.get(`/agents/${id}/status`)).json).toMatchObject({
      metrics: { conversationCount: 6, taskCompletionRate: 60, avgSentiment: null },
      lastOptimized: new Date(at).toISOString(),
    });
  });
});
