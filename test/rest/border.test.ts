import { describe, expect, it } from 'vitest';
import type { Scope } from '../../src/domain/base/author.ts';
import { clientOf, type Got, type RestServer, restServer } from '../support/rest-server.ts';

/** Each API: where it is, how one logs in, its list, and what an error of it is like. */
const APIS = [
  {
    name: 'pathbound',
    prefix: '/pathbound/v1',
    scheme: 'Bearer',
    query: '',
    error: { status: 'error', error: expect.any(String), details: expect.any(Array), timestamp: expect.any(String) },
  },
  {
    name: 'make',
    prefix: '/make/ai-agents/v1',
    scheme: 'Token',
    query: '?teamId=1',
    error: { detail: expect.any(String), message: expect.any(String), code: expect.stringMatching(/^SC\d{3}$/) },
  },
  {
    name: 'converra',
    prefix: '/converra/api/v1',
    scheme: 'Bearer',
    query: '',
    error: { error: expect.objectContaining({ code: expect.any(String), message: expect.any(String) }) },
  },
  {
    name: 'talkifai',
    prefix: '/talkifai/v1',
    scheme: 'Bearer',
    query: '',
    error: { success: false, error: expect.any(String), code: expect.any(String) },
  },
] as const;
const BODIES = {
  pathbound: { name: 'A', playbook: { playbook_md: 'x' } },
  make: { name: 'A', teamId: 1, makeConnectionId: 1, defaultModel: 'gpt-4o', systemPrompt: 'x' },
  converra: { name: 'A', content: 'x', llmModel: 'gpt-4o' },
  talkifai: { name: 'A', agentArchitecture: 'text', model: 'gpt-4o', systemPrompt: 'x' },
} as const;

/** Holds an answer to be a refusal with a status, in the shape of an API. */
function refused({ status, json }: Got, wanted: number, error: object): void {
  expect({ status, json }).toEqual({ status: wanted, json: error });
}

describe.each(APIS)('the border of $name', ({ name, prefix, scheme, query, error }) => {
  const list = `${prefix}/agents${query}`;

  it('lets nobody in without a right token by its own scheme', async () => {
    const on = await restServer();
    const token = on.token();
    const wrong = scheme === 'Token' ? 'Bearer' : 'Token';
    refused(await on.send('GET', list), 401, error);
    refused(await on.send('GET', list, { token, scheme: wrong }), 401, error);
    refused(await on.send('GET', list, { token: `${token}0`, scheme }), 401, error);
    refused(await on.send('GET', `${list}${query === '' ? '?' : '&'}token=${token}`), 401, error);
    refused(await on.send('GET', `${prefix}/nothing`), 401, error);
    refused(await on.send('PUT', list), 401, error);
    expect((await on.send('GET', list, { token, scheme })).status).toBe(200);
  });

  it('knows no other paths and methods', async () => {
    const on = await restServer();
    const api = { token: on.token(), scheme };
    for (const path of ['', '/', '/agent', '/agents/a/b/c', '/agents/runs'])
      if (path !== '/agents/runs') refused(await on.send('GET', `${prefix}${path}${query}`, api), 404, error);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const got = await on.send(method, list, api);
      refused(got, 405, error);
      expect(got.headers.get('allow')).toBe('GET, POST');
    }
    refused(await on.send('POST', `${prefix}/agents/x${query}`, api), 405, error);
  });

  it('takes bodies of JSON only, up to 10 MB', async () => {
    const on = await restServer();
    const api = { token: on.token(), scheme };
    refused(
      await on.send('POST', list, { ...api, text: 'name=A', headers: { 'content-type': 'text/plain' } }),
      415,
      error,
    );
    refused(
      await on.send('POST', list, { ...api, body: BODIES[name], headers: { 'content-encoding': 'br' } }),
      415,
      error,
    );
    refused(await on.send('POST', list, { ...api, text: `"${'x'.repeat(10 << 20)}"` }), 413, error);
  });

  it.each([
    ['no JSON', '{"name":'],
    ['no body', ''],
    ['a list', '[]'],
    ['a text', '"agent"'],
    ['null', 'null'],
    ['100,000 levels', '['.repeat(100_000)],
    ['100,000 levels in a field', `{"name":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
    ['a prototype', '{"__proto__":{"name":"A"},"name":"A"}'],
    ['half a character', '{"name":"\\ud800"}'],
    ['numbers for texts', '{"name":7}'],
  ])('refuses %s as a body with 400, and makes nothing', async (_, text) => {
    const on = await restServer();
    refused(await on.send('POST', list, { token: on.token(), scheme, text }), 400, error);
    expect((await on.call('list_agents')).total).toBe(0);
  });

  it('asks for the scope of each endpoint', async () => {
    const on = await restServer();
    const only = (...scopes: Scope[]) => clientOf(on, prefix, on.token({ scopes }), scheme);
    const { status, json } = await only('agents:write').post(`/agents${query}`, BODIES[name]);
    expect(status).toBe(201);
    const id = json.agent?.id ?? json.data?.id ?? json.id;
    const denied = await only('agents:write', 'agents:trigger', 'agents:approve').get(`/agents${query}`);
    refused(denied, 403, error);
    expect(denied.text).toContain('agents:read');
    refused(await only('agents:read', 'agents:trigger').post(`/agents${query}`, BODIES[name]), 403, error);
    refused(await only('agents:read').patch(`/agents/${id}${query}`, { name: 'B' }), 403, error);
    refused(await only('agents:read').delete(`/agents/${id}${query}`), 403, error);
    expect((await only('agents:read').get(`/agents/${id}${query}`)).status).toBe(200);
  });

  it('is at the bare /v1 for a token that was made for it', async () => {
    const on = await restServer();
    const token = on.token({ dialect: name });
    const made = await on.send('POST', `/v1/agents${query}`, { token, scheme, body: BODIES[name] });
    expect(made.status).toBe(201);
    const [bare, own] = await Promise.all([
      on.send('GET', `/v1/agents${query}`, { token, scheme }),
      on.send('GET', list, { token, scheme }),
    ]);
    expect(bare.json).toEqual(own.json);
    const other = scheme === 'Token' ? 'Bearer' : 'Token';
    refused(await on.send('GET', `/v1/agents${query}`, { token, scheme: other }), 401, error);
  });

  it('tells whoever fails to log in too often to wait, and lets a right token in', async () => {
    const on = await restServer();
    const token = on.token();
    for (let n = 0; n < 10; n++) refused(await on.send('GET', list, { token: 'cs_none', scheme }), 401, error);
    const late = await on.send('GET', list, { token: 'cs_none', scheme });
    refused(late, 429, error);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await on.send('GET', list, { token, scheme })).status).toBe(200);
  });

  it('survives paths that mean several things', async () => {
    const on = await restServer();
    const api = { token: on.token(), scheme };
    for (const path of ['/agents/..%2f..', '/agents/%00', '/agents//x', '/agents/%ff'])
      expect([400, 404]).toContain((await on.send('GET', `${prefix}${path}${query}`, api)).status);
  });
});

describe('what the products have beside agents', () => {
  const NEIGHBOURS: Record<string, string[]> = {
    '/pathbound/v1': ['contacts', 'companies', 'identities', 'events', 'segments', 'batch', 'actions'],
    '/make/ai-agents/v1': ['contexts'],
    '/converra/api/v1': ['conversations', 'optimizations', 'usage', 'webhooks'],
    '/talkifai/v1': ['chat', 'calls', 'functions', 'webhooks'],
  };

  it.each(APIS)('is 501 in the shape of $name', async ({ prefix, scheme, error }) => {
    const on = await restServer();
    const api = { token: on.token(), scheme };
    for (const name of NEIGHBOURS[prefix] ?? []) {
      refused(await on.send('GET', `${prefix}/${name}`, api), 501, error);
      refused(await on.send('POST', `${prefix}/${name}/some/thing`, { ...api, body: {} }), 501, error);
      refused(await on.send('GET', `${prefix}/${name}`), 401, error);
    }
    refused(await on.send('GET', `${prefix}/contactsandmore`, api), 404, error);
  });
});

describe('the paths that the products themselves have', () => {
  it('lead to Make and Converra too', async () => {
    const on: RestServer = await restServer();
    const token = on.token();
    expect((await on.send('GET', '/ai-agents/v1/agents?teamId=1', { token, scheme: 'Token' })).json).toEqual([]);
    expect((await on.send('GET', '/api/v1/agents', { token })).json.data).toEqual([]);
  });
});
