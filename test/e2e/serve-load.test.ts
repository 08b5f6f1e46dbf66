import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { aSession, initialize, listTools, post } from '../support/http-wire.ts';
import { serve } from '../support/served.ts';

async function scene() {
  const served = await serve();
  return { url: served.url, token: served.token() };
}

describe('a server under load', () => {
  it('drops whoever sends no whole header, and answers others meanwhile', async () => {
    const { url, token } = await scene();
    const { port } = new URL(url);
    const slow = Array.from({ length: 200 }, () => net.connect(Number(port), '127.0.0.1'));
    const closed = Promise.all(slow.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    for (const socket of slow)
      socket
        .resume()
        .on('error', () => undefined)
        .write('POST /mcp HTTP/1.1\r\nHost: loc');
    expect((await post(url, token, initialize())).status).toBe(200);
    await closed;
  });

  it('closes idle connections for new ones, however many are opened', async () => {
    const { url, token } = await scene();
    const { port } = new URL(url);
    const idle = Array.from({ length: 1_000 }, () => net.connect(Number(port), '127.0.0.1'));
    for (const socket of idle) socket.resume().on('error', () => undefined);
    let closed = 0;
    for (const socket of idle) socket.once('close', () => closed++);
    await expect.poll(() => closed).toBeGreaterThanOrEqual(700);
    expect((await post(url, token, initialize())).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });

  it('gives a token 64 streams, and the next one once one is closed; answers to forms need no place', async () => {
    const { url, token } = await scene();
    const session = await aSession(url, token);
    const open = async () => {
      const id = await aSession(url, token);
      const end = new AbortController();
      const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'mcp-session-id': id };
      const response = await fetch(new URL('/mcp', url), { headers, signal: end.signal });
      return { status: response.status, response, end };
    };
    const streams: Awaited<ReturnType<typeof open>>[] = [];
    for (let round = 0; round < 64; round++) streams.push(await open());
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await post(url, token, initialize());
    expect(refused.status).toBe(429);
    const answer = { jsonrpc: '2.0', id: 5, result: { action: 'decline' } };
    expect((await post(url, token, answer, { 'mcp-session-id': session })).status).toBe(202);
    const headers = { authorization: `Bearer ${token}`, 'mcp-session-id': session };
    expect((await fetch(new URL('/mcp', url), { method: 'DELETE', headers })).status).toBe(200);
    streams[0]?.end.abort();
    await expect.poll(async () => (await post(url, token, initialize())).status).toBe(200);
  });
});

describe('a server behind a proxy', () => {
  it('believes nothing of X-Forwarded-* but the address that limits count by, where it is told to trust it', async () => {
    const served = await serve({ args: ['--trust-proxy'] });
    const { url } = served;
    const status = async (token: string, from: string) =>
      (await post(url, token, listTools, { 'x-forwarded-for': from, 'x-forwarded-host': 'evil.example' })).status;
    for (let round = 0; round < 10; round++) expect(await status('wrong', '203.0.113.7')).toBe(401);
    expect(await status('wrong', '203.0.113.7')).toBe(429);
    expect(await status('wrong', '203.0.113.7, 203.0.113.8')).toBe(401);
    // Whoever has one address of IPv6 has all of its network.
    for (let round = 0; round < 10; round++) expect(await status('wrong', `2001:db8:1:2::${round}`)).toBe(401);
    expect(await status('wrong', '2001:db8:1:2:ffff::1')).toBe(429);
    expect(await status('wrong', '2001:db8:1:3::1')).toBe(401);
    const plain = await serve();
    for (let round = 0; round < 11; round++)
      await post(plain.url, 'wrong', listTools, { 'x-forwarded-for': `203.0.113.${round}` });
    expect((await post(plain.url, 'wrong', listTools, { 'x-forwarded-for': '203.0.113.99' })).status).toBe(429);
  });
});

describe('a client that goes in the middle of its request', () => {
  it('is one line at debug in the log, and no error', async () => {
    const served = await serve({ env: { COUNTERSIGN_LOG: 'debug' } });
    const { port } = new URL(served.url);
    const credentials = `Authorization: Bearer ${served.token()}`;
    const gone = () => served.said().match(/the client went before its request was whole/g)?.length ?? 0;
    for (const [at, size] of ['Content-Length: 1000', 'Transfer-Encoding: chunked'].entries()) {
      const type = 'Content-Type: application/json';
      const head = [`Host: localhost:${port}`, credentials, type, size, 'Expect: 100-continue'].join('\r\n');
      const socket = net.connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined).write(`POST /mcp HTTP/1.1\r\n${head}\r\n\r\n5\r\n{"a":`);
      // The server says "100 Continue" once it has read the head.
      await once(socket, 'data');
      socket.destroy();
      await expect.poll(gone).toBe(at + 1);
    }
    expect(served.said()).not.toMatch(/"level":[456]0|\\n {4}at /);
  });
});
