import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { restServer } from '../support/rest-server.ts';

describe('/openapi.json', () => {
  it('is valid OpenAPI 3.1, for anybody', async () => {
    const on = await restServer();
    const { status, headers, json } = await on.send('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    const result = await new Validator().validate(structuredClone(json));
    expect(result).toMatchObject({ valid: true });
    expect(json.openapi).toBe('3.1.0');
    const ids = Object.values<object>(json.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect((await on.send('POST', '/openapi.json', { body: {} })).status).toBe(405);
  });

  it('names every endpoint of the five APIs, with its query and what logs in', async () => {
    const on = await restServer();
    const { json } = await on.send('GET', '/openapi.json');
    const told = Object.entries<object>(json.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    const agents = (prefix: string, id: string) => [
      `get ${prefix}/agents`,
      `post ${prefix}/agents`,
      ...['get', 'patch', 'delete'].map((method) => `${method} ${prefix}/agents/{${id}}`),
    ];
    const action = '/pathbound/v1/agents/runs/{runId}/contacts/{contactId}/actions/{actionIndex}';
    expect(told.sort()).toEqual(
      [
        ...agents('/pathbound/v1', 'id'),
        'post /pathbound/v1/agents/{id}/trigger',
        'get /pathbound/v1/agents/{id}/runs',
        'get /pathbound/v1/agents/runs/{runId}',
        `post ${action}/approve`,
        `post ${action}/reject`,
        ...agents('/make/ai-agents/v1', 'agentId'),
        'post /make/ai-agents/v1/agents/{agentId}/run',
        'post /make/ai-agents/v1/agents/{agentId}/run/stream',
        ...agents('/converra/api/v1', 'id'),
        'get /converra/api/v1/agents/{id}/status',
        'get /converra/api/v1/agents/{id}/insights',
        ...agents('/talkifai/v1', 'id'),
        ...['batch', 'identify', 'page', 'track'].map((name) => `post /segment/v1/${name}`),
      ].sort(),
    );
    const list = json.paths['/pathbound/v1/agents'].get;
    expect(list.parameters).toContainEqual({
      name: 'limit',
      in: 'query',
      required: false,
      schema: { default: 20, type: 'integer', minimum: 1, maximum: 100 },
    });
    expect(json.paths['/make/ai-agents/v1/agents'].get).toMatchObject({
      parameters: [{ name: 'teamId', in: 'query', required: true, schema: { type: 'integer' } }],
      security: [{ token: [] }],
    });
  });

  it('says of a body what the endpoint checks', async () => {
    const on = await restServer();
    const { json } = await on.send('GET', '/openapi.json');
    const body = json.paths['/talkifai/v1/agents'].post.requestBody;
    expect(body).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { additionalProperties: false } } },
    });
    expect(body.content['application/json'].schema.required).toEqual(
      expect.arrayContaining(['name', 'agentArchitecture', 'systemPrompt']),
    );
    const run = json.paths['/make/ai-agents/v1/agents/{agentId}/run/stream'].post;
    expect(Object.keys(run.responses['200'].content)).toEqual(['text/event-stream']);
  });
});
