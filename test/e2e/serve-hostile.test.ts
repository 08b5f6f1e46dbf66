import { describe, expect, it } from 'vitest';
import { aSession, initialize, listTools, post, rawHttp, toolCall } from '../support/http-wire.ts';
import { command, serve } from '../support/served.ts';

const CREATE = toolCall('create_agent', { name: 'A', playbook: { playbook_md: 'Wait.' } });
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);

/** A request as text, with a right token unless the headers say otherwise. */
function request(line: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`, 'Content-Type: application/json'];
  return `${line} HTTP/1.1\r\n${[...headers, ...length, 'Accept: application/json, text/event-stream', 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;
}

const whole = (answer: string) => /\r\n\r\n/.test(answer) && bodyOf(answer) !== '';

async function scene() {
  const served = await serve();
  const { url } = served;
  const token = served.token();
  const host = `Host: localhost:${new URL(url).port}`;
  const bearer = `Authorization: Bearer ${token}`;
  /** What the home holds afterwards. */
  const agents = async () => {
    const id = await aSession(url, token);
    const { json } = await post(url, token, toolCall('list_agents'), { 'mcp-session-id': id });
    return json.result.structuredContent.agents;
  };
  return { ...served, url, token, tokenFor: served.token, host, bearer, agents };
}

describe('a request that has no right to be here', () => {
  it('is refused without a token, with a wrong, a foreign, a cut and a revoked one', async () => {
    const { url, token, agents, tokenFor, home } = await scene();
    const elsewhere = await serve();
    const revoked = tokenFor('ben');
    const [, id = ''] = revoked.split('_');
    for (const wrong of [
      '',
      'x',
      token.slice(0, -1),
      `${token}0`,
      token.toUpperCase(),
      `cs_${'a'.repeat(12)}_${'0'.repeat(64)}`,
      `cs_${id}_${'0'.repeat(64)}`,
      'cs_../../home_x',
      elsewhere.token(),
    ])
      expect((await post(url, wrong, CREATE)).status).toBe(401);
    expect(command(home, ['token', 'revoke', id]).status).toBe(0);
    await expect.poll(async () => (await post(url, revoked, initialize())).status).toBe(401);
    expect(await agents()).toEqual([]);
  });

  it('is refused by another scheme, by two tokens, by the query and by a cookie', async () => {
    const { url, token, host, bearer, agents } = await scene();
    const body = JSON.stringify(CREATE);
    for (const [line, ...headers] of [
      ['POST /mcp', host, `Authorization: Basic ${Buffer.from(`${token}:`).toString('base64')}`],
      ['POST /mcp', host, `Authorization: Token ${token}`],
      ['POST /mcp', host, bearer, bearer],
      ['POST /mcp', host, `Authorization: Bearer ${token} ${token}`],
      [`POST /mcp?access_token=${token}`, host],
      [`POST /mcp?token=${token}`, host, `Cookie: token=${token}; access_token=${token}`],
    ])
      expect(statusOf(await rawHttp(url, request(String(line), headers, body)))).toBe(401);
    expect(await agents()).toEqual([]);
  });

  it('is refused with another Host than one of the server’s own, right token and all', async () => {
    const { url, bearer, agents } = await scene();
    const { port } = new URL(url);
    const status = async (...hosts: string[]) =>
      statusOf(await rawHttp(url, request('POST /mcp', [...hosts, bearer], JSON.stringify(CREATE))));
    const foreign = ['evil.example:PORT', 'localhost:1', 'localhost', 'x.localhost:PORT', 'localhost.:PORT'];
    for (const host of [...foreign, '2130706433:PORT', '127.1:PORT', '0.0.0.0:PORT'])
      expect([host, await status(`Host: ${host.replace('PORT', port)}`)]).toEqual([host, 403]);
    expect(await status(`Host: localhost:${port}`, 'Host: evil.example')).toBe(400);
    expect(await status()).toBe(400);
    expect(await agents()).toEqual([]);
  });

  it('is refused with another Origin than the server’s own page', async () => {
    const { url, host, bearer, agents } = await scene();
    for (const origin of [
      ...['https://evil.example', 'null', 'http://localhost', 'http://localhost:1', 'https://localhost:PORT'],
      ...['http://localhost:PORT.evil.example', 'http://LOCALHOST:PORT/', 'http://localhost:PORT, null', ''],
    ]) {
      const headers = [host, bearer, `Origin: ${origin.replace('PORT', new URL(url).port)}`];
      const answer = await rawHttp(url, request('POST /mcp', headers, JSON.stringify(CREATE)));
      expect([origin, statusOf(answer)]).toEqual([origin, 403]);
    }
    expect(await agents()).toEqual([]);
  });

  it('is told nothing of which paths there are', async () => {
    const { url, host } = await scene();
    for (const path of ['/nowhere', '/mcp', '/tokens', '/admin', '/.git/config'])
      expect(statusOf(await rawHttp(url, request(`GET ${path}`, [host])))).toBe(401);
  });

  it('gets no cross-origin permission, and no list of methods', async () => {
    const { url, host } = await scene();
    const asked = request('OPTIONS /mcp', [
      host,
      `Origin: http://localhost:${new URL(url).port}`,
      'Access-Control-Request-Method: POST',
    ]);
    const answer = await rawHttp(url, asked);
    expect(statusOf(answer)).toBe(401);
    expect(answer.toLowerCase()).not.toContain('access-control-');
  });

  it('waits after ten failures within a minute, while a right token is let in', async () => {
    const { url, token } = await scene();
    const statuses: number[] = [];
    for (let round = 0; round < 12; round++) statuses.push((await post(url, 'wrong', listTools)).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    const refused = await post(url, 'wrong', listTools);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post(url, token, initialize())).status).toBe(200);
  });
});

describe('any answer', () => {
  it('is kept by no browser and no proxy, and taken for no other type', async () => {
    const { url, token } = await scene();
    const session = await aSession(url, token);
    const withSession = { 'mcp-session-id': session };
    const answers = [
      await post(url, token, initialize()),
      await post(url, token, toolCall('list_agents'), withSession),
      await post(url, token, toolCall('list_agents'), { 'mcp-session-id': 'unknown' }),
      await post(url, 'wrong', listTools),
      ...(await Promise.all(['/', '/healthz', '/openapi.json', '/nowhere'].map((path) => fetch(new URL(path, url))))),
    ];
    for (const { status, headers } of answers) {
      const found = [status, headers.get('cache-control') ?? '', headers.get('x-content-type-options')];
      expect(found).toEqual([status, expect.stringContaining('no-store'), 'nosniff']);
    }
  });
});

describe('a request of a right token', () => {
  it('finds nothing at paths that only look like ours, and is told so in JSON', async () => {
    const { url, host, bearer } = await scene();
    for (const path of [
      ...['/nowhere', '//mcp', '/mcp/', '/./mcp', '/x/../mcp', '/%6dcp', '/mcp%00', '/..%2fmcp', '/mcp;x', '/MCP'],
      ...['http://evil.example/mcp', '/healthz/../mcp', '/.well-known/../mcp', '/.well-known/oauth-protected-resource'],
      ...['/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource/mcp'],
    ]) {
      const answer = await rawHttp(url, request(`GET ${path}`, [host, bearer]), whole);
      expect([path, statusOf(answer)]).toEqual([path, 404]);
      expect(bodyOf(answer)).toContain('"NOT_FOUND"');
    }
  });

  it('is refused where its path makes no URL', async () => {
    const { url, host, bearer } = await scene();
    expect(statusOf(await rawHttp(url, request('GET /mcp\\x', [host, bearer]), whole))).toBe(400);
  });

  it('is refused by an unknown method, type and size, in this order', async () => {
    const { url, host, bearer } = await scene();
    const status = async (line: string, ...headers: string[]) =>
      statusOf(await rawHttp(url, `${line} HTTP/1.1\r\n${[host, bearer, ...headers].join('\r\n')}\r\n\r\n`));
    expect(await status('PUT /mcp')).toBe(405);
    expect(await status('PATCH /mcp', 'Content-Length: 99999999')).toBe(405);
    expect(await status('POST /mcp', 'Content-Type: text/plain', 'Content-Length: 99999999')).toBe(415);
    expect(await status('POST /mcp', 'Content-Length: 99999999')).toBe(415);
    expect(await status('POST /mcp', 'Content-Type: application/json', 'Content-Length: 10485761')).toBe(413);
    expect(await status('TRACE /mcp')).toBe(405);
  });

  it('is cut off where it sends more than it may, without saying how much', async () => {
    const { url, host, bearer } = await scene();
    const head = [host, bearer, 'Content-Type: application/json', 'Transfer-Encoding: chunked'];
    const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`;
    const answer = await rawHttp(url, `POST /mcp HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${chunk.repeat(11)}0\r\n\r\n`);
    expect(statusOf(answer)).toBe(413);
  });

  it('is refused unparsed where it holds more fields than a message may', async () => {
    const { url, host, bearer, agents } = await scene();
    const fields = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`f${at}`, at]));
    const params = { name: 'create_agent', arguments: { name: 'Wide', ...fields } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const answer = await rawHttp(url, request('POST /mcp', [host, bearer], body));
    expect(statusOf(answer)).toBe(413);
    expect(answer).toContain('at most 20,000 different names of fields');
    expect(await agents()).toEqual([]);
  });

  it('can’t smuggle a second one by two lengths, or by a length and chunks', async () => {
    const { url, host, bearer, agents } = await scene();
    const hidden = request('POST /mcp', [host, bearer], JSON.stringify(CREATE));
    for (const lengths of [
      ['Content-Length: 4', 'Transfer-Encoding: chunked'],
      ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
      ['Content-Length: 4', `Content-Length: ${hidden.length}`],
      ['Transfer-Encoding: xchunked'],
      ['Content-Length: +4'],
    ]) {
      const head = ['POST /mcp HTTP/1.1', host, bearer, 'Content-Type: application/json', ...lengths].join('\r\n');
      const answer = await rawHttp(url, `${head}\r\n\r\n0\r\n\r\n${hidden}`);
      expect(statusOf(answer)).toBe(400);
    }
    expect(await agents()).toEqual([]);
  });

  it('gets an error for a body that is no message', async () => {
    const { url, token } = await scene();
    const old = '{"jsonrpc":"1.0","id":1,"method":"ping"}';
    for (const body of ['', '{', '[]', 'null', '7', '"x"', old, '[[]]', '\u0000', `${'['.repeat(100_000)}`]) {
      const answer = await post(url, token, body);
      expect([body.slice(0, 50), answer.status]).toEqual([body.slice(0, 50), 400]);
      expect(answer.json?.error?.message ?? '').not.toBe('');
    }
  });

  it('does nothing more by a batch than its scopes allow', async () => {
    const { url, tokenFor, agents } = await scene();
    const reader = tokenFor('rea', '--scopes', 'read');
    const id = await aSession(url, reader);
    const answer = await post(url, reader, [listTools, { ...CREATE, id: 9 }], { 'mcp-session-id': id });
    expect(answer.body).toContain('FORBIDDEN');
    expect(await agents()).toEqual([]);
  });

  it('can’t make its own capabilities: a form’s answer counts only with our own state', async () => {
    const { url, token } = await scene();
    const id = await aSession(url, token, { elicitation: {} });
    const forged = {
      ...CREATE,
      params: { ...CREATE.params, inputResponses: { decision: { action: 'accept' } }, requestState: 'x' },
    };
    const { json } = await post(url, token, forged, { 'mcp-session-id': id });
    expect(json.error ?? json.result.structuredContent).toBeDefined();
  });
});
