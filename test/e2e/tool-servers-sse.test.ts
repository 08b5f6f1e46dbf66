import { describe, expect, it } from 'vitest';
import { aSink } from '../support/sink.ts';
import { desk, proposed } from '../support/tool-desk.ts';
import { ARGS, problemOf, servers, toolOf } from '../support/tool-pool.ts';
import { testTools, testToolsOverHttp } from '../support/tool-server.ts';

describe('a server that speaks HTTP+SSE only', () => {
  it.each(['--sse', '--sse-400', '--sse-404', '--sse-405'])(
    'is reached though its entry doesn’t say so (%s)',
    async (how) => {
      const tools = testTools();
      const url = await testToolsOverHttp(tools, '', how);
      const pool = servers({ crm: { url } });
      const send = await toolOf(pool, 'crm', 'send');
      expect(await pool.call({ server: 'crm', tool: send, args: ARGS, idempotency_key: 'k' })).toMatchObject({
        outcome: 'done',
      });
      expect(tools.calls()).toMatchObject([{ name: 'send', args: ARGS, key: 'k' }]);
    },
  );

  it('gets the headers of its entry, and serves a whole proposal', async () => {
    const tools = testTools();
    const url = await testToolsOverHttp(tools, 's3cret-token', '--sse-405');
    const entry = () => ({ url, headers: { Authorization: 'Bearer ${CRM_TOKEN}' } });
    const { server } = await desk({ ...tools, entry }, { env: { CRM_TOKEN: 's3cret-token' } });
    const { at } = await proposed(server, [{ tool: 'send', arguments: ARGS }]);
    expect((await server.call('approve_action', await server.shown(at))).action.status).toBe('executed');
    expect(tools.calls()).toHaveLength(1);
  });
});

describe('a server that speaks neither', () => {
  it('is named with what it answered to both', async () => {
    const alike = await aSink((_request, response) => response.writeHead(404).end('s3cret-in-words'));
    expect(await problemOf(servers({ crm: { url: alike.url() } }), 'crm')).toBe('it answered HTTP 404');
    const other = await aSink(({ method }, response) => response.writeHead(method === 'GET' ? 410 : 405).end());
    expect(await problemOf(servers({ crm: { url: other.url() } }), 'crm')).toBe(
      'it answered HTTP 405, and by the earlier transport HTTP+SSE it answered HTTP 410',
    );
    const wants = await aSink((_request, response) => response.writeHead(401).end());
    expect(await problemOf(servers({ crm: { url: wants.url() } }), 'crm')).toContain('wants authorization (HTTP 401)');
  });

  it('is not waited for where it opens a stream and says nothing', async () => {
    const silent = await aSink(({ method }, response) => {
      if (method !== 'GET') response.writeHead(405).end();
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const pool = servers({ crm: { url: silent.url(), startup_timeout_sec: 0.5 } });
    expect(await problemOf(pool, 'crm')).toContain("it didn't answer within 0.5 s");
  });

  it('is not asked again by another transport where it failed otherwise', async () => {
    const broken = await aSink((_request, response) => response.writeHead(500).end());
    expect(await problemOf(servers({ crm: { url: broken.url() } }), 'crm')).toBe('it answered HTTP 500');
    expect(broken.requests.map(({ method }) => method)).not.toContain('GET');
  });

  it('gets no header and no call at another place that it names', async () => {
    const elsewhere = await aSink();
    const stream = 'event: endpoint\ndata: ';
    const luring = await aSink(({ method }, response) => {
      if (method !== 'GET') return response.writeHead(405).end();
      return response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(`${stream}${elsewhere.url('/take')}\n\n`);
    });
    const headers = { 'X-Api-Key': 's3cret-key' };
    expect(await problemOf(servers({ crm: { url: luring.url(), headers } }), 'crm')).toContain('HTTP 405');
    const moving = await aSink((_request, response) =>
      response.writeHead(307, { location: elsewhere.url('/take') }).end(),
    );
    expect(await problemOf(servers({ crm: { url: moving.url(), headers } }), 'crm')).toContain('HTTP 307');
    expect(elsewhere.requests).toEqual([]);
  });
});
