import { describe, expect, it } from 'vitest';
import { TALKIFAI_PIPELINE, TALKIFAI_REALTIME, TALKIFAI_TEXT } from '../domain/dialects/seeds.ts';
import { clientOf, restServer } from '../support/rest-server.ts';

async function talkifai() {
  const on = await restServer();
  return { on, api: clientOf(on, '/talkifai/v1', on.token()) };
}

describe("TalkifAI's agents", () => {
  it.each([TALKIFAI_PIPELINE, TALKIFAI_REALTIME, TALKIFAI_TEXT])(
    'are made by the $agentArchitecture example, inactive, and read back',
    async (body) => {
      const { api } = await talkifai();
      const made = await api.post('/agents', body);
      expect(made.status).toBe(201);
      const { name, agentArchitecture } = body;
      expect(made.json).toMatchObject({
        success: true,
        data: { id: expect.any(String), name, agentArchitecture, active: false },
      });
      const { id, createdAt } = made.json.data;
      expect((await api.get(`/agents/${id}`)).json).toEqual({
        success: true,
        data: {
          ...body,
          id,
          createdAt,
          updatedAt: createdAt,
          active: false,
          enabledFunctions: [],
          enabledCustomFunctions: [],
        },
      });
    },
  );

  it('need what their architecture needs', async () => {
    const { api } = await talkifai();
    for (const [body, fields] of [
      [TALKIFAI_PIPELINE, ['name', 'agentArchitecture', 'model', 'stt', 'tts', 'systemPrompt']],
      [TALKIFAI_REALTIME, ['name', 'agentArchitecture', 'realtimeProvider', 'systemPrompt']],
      [TALKIFAI_TEXT, ['name', 'agentArchitecture', 'model', 'systemPrompt']],
    ] as const)
      for (const field of fields) {
        const { status, json } = await api.post('/agents', { ...body, [field]: undefined });
        expect({ status, code: json.code, success: json.success }).toEqual({
          status: 400,
          code: 'VALIDATION_ERROR',
          success: false,
        });
        expect(json.error).toContain(field);
      }
    expect((await api.post('/agents', { ...TALKIFAI_TEXT, prompt: 'x' })).json.error).toContain('prompt');
  });

  it('are updated by the example of its documentation, and activated', async () => {
    const { api } = await talkifai();
    const { id } = (await api.post('/agents', TALKIFAI_PIPELINE)).json.data;
    const change = { systemPrompt: 'Updated instructions...', temperature: 0.5, active: true };
    const { status, json } = await api.patch(`/agents/${id}`, change);
    expect(status).toBe(200);
    expect(json).toMatchObject({ success: true, data: { ...TALKIFAI_PIPELINE, ...change } });
  });

  it('are deleted with a message', async () => {
    const { api } = await talkifai();
    const { id } = (await api.post('/agents', TALKIFAI_TEXT)).json.data;
    expect(await api.delete(`/agents/${id}`)).toMatchObject({
      status: 200,
      json: { success: true, data: { message: 'Agent deleted successfully' } },
    });
    expect(await api.get(`/agents/${id}`)).toMatchObject({ status: 404, json: { success: false, code: 'NOT_FOUND' } });
  });

  it('are listed by page and mode, with whether there is a next page', async () => {
    const { api } = await talkifai();
    for (let n = 1; n <= 21; n++)
      await api.post('/agents', { ...TALKIFAI_TEXT, name: `A${n}`, mode: n <= 2 ? 'commercial' : 'public' });
    const first = (await api.get('/agents')).json;
    expect(first).toMatchObject({ success: true, pagination: { page: 1, total: 21, hasNext: true } });
    expect(first.data).toHaveLength(20);
    expect(first.data[0]).toEqual({
      id: expect.any(String),
      name: 'A21',
      mode: 'public',
      agentArchitecture: 'text',
      active: false,
      createdAt: expect.any(String),
    });
    expect((await api.get('/agents?page=2')).json).toMatchObject({
      data: [{ name: 'A1' }],
      pagination: { page: 2, total: 21, hasNext: false },
    });
    expect((await api.get('/agents?mode=commercial&limit=1')).json).toMatchObject({
      data: [{ name: 'A2' }],
      pagination: { page: 1, total: 2, hasNext: true },
    });
    expect((await api.get('/agents?mode=private')).json.pagination).toEqual({ page: 1, total: 0, hasNext: false });
    for (const query of ['page=0', 'limit=0', 'limit=101', 'mode=secret', 'offset=1'])
      expect((await api.get(`/agents?${query}`)).status).toBe(400);
  });
});
