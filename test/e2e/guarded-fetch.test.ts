import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { peerProblem } from '../../src/net/guarded-connect.ts';
import { createGuardedFetch, type GuardOptions } from '../../src/net/guarded-fetch.ts';
import { RequestError } from '../../src/net/request-error.ts';
import { aSink } from '../support/sink.ts';

function guarded(allowedHosts: string[] = [], options: Partial<GuardOptions> = {}) {
  return createGuardedFetch({ allowedHosts, ...options });
}

async function failureOf(request: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await request.then(
    () => new Error('it should have failed'),
    (reason: unknown) => reason,
  );
  if (error instanceof RequestError) return error;
  throw error;
}

/**
 * `two.example` has a public address and a loopback one, `nowhere.example` has none, any other name leads to loopback.
 */
const resolve: GuardOptions['resolve'] = async (hostname) => {
  if (hostname === 'nowhere.example') throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  const loopback = { address: '127.0.0.1', family: 4 };
  return hostname === 'two.example' ? [{ address: '93.184.215.14', family: 4 }, loopback] : [loopback];
};

describe('the guard', () => {
  it('lets through what the person allowed, by host or by host and port', async () => {
    const sink = await aSink();
    for (const allowed of ['127.0.0.1', sink.host]) {
      const response = await guarded([allowed])(sink.url('/a?b=c'));
      expect([response.status, await response.text(), response.url]).toEqual([200, 'ok', sink.url('/a?b=c')]);
    }
    expect(sink.requests.map(({ path }) => path)).toEqual(['/a?b=c', '/a?b=c']);
  });

  it('lets no other port through', async () => {
    const sink = await aSink();
    const error = await failureOf(guarded([`127.0.0.1:${sink.port + 1}`])(sink.url()));
    expect(error).toMatchObject({ fate: 'refused', message: expect.stringContaining('COUNTERSIGN_ALLOW_HOSTS') });
    expect(sink.connections()).toBe(0);
  });

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '１２７.0.0.1',
    '127.0.0.1.',
    '0.0.0.0',
    'localhost',
    'localhost.',
    'LOCALHOST',
    'a.localhost',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '172.16.0.1',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    'metadata.google.internal',
    'printer.local',
    'intranet',
    'loopback.example',
    'two.example',
  ])('makes no connection to %s', async (host) => {
    const sink = await aSink();
    const error = await failureOf(guarded([], { resolve })(`http://${host}:${sink.port}/`, { method: 'POST' }));
    expect(error).toMatchObject({ fate: 'refused', code: 'FORBIDDEN' });
    expect(sink.connections()).toBe(0);
  });

  it('resolves an allowed name, and then goes where it leads', async () => {
    const sink = await aSink();
    const response = await guarded([`hooks.example:${sink.port}`], { resolve })(`http://hooks.example:${sink.port}/`);
    expect(response.status).toBe(200);
    expect(sink.requests[0]?.headers.host).toBe(`hooks.example:${sink.port}`);
  });

  it.each(['ftp://a.example/', 'file:///etc/passwd', 'data:text/plain,x', 'http://u:p@a.example/', 'a.example'])(
    'refuses %s',
    async (url) => {
      expect((await failureOf(guarded()(url))).fate).toBe('refused');
    },
  );

  it('tells the host and the rule, never the address that a name leads to', async () => {
    for (const host of ['loopback.example', 'two.example']) {
      const error = await failureOf(guarded([], { resolve })(`http://${host}/`));
      expect(error.message).toContain(`list ${host} in COUNTERSIGN_ALLOW_HOSTS`);
      expect(error.message).not.toMatch(/127|93\.184/);
    }
    const went = peerProblem('a.example', { remoteAddress: '10.0.0.1' });
    expect(went?.message).toMatch(/^a\.example leads to a private address/);
    const sink = await aSink();
    await sink.close();
    const closed = await failureOf(guarded(['b.example'], { resolve })(`http://b.example:${sink.port}/`));
    expect(closed.message).toContain('ECONNREFUSED');
    expect(closed.message).not.toContain('127.0.0.1');
  });

  it('checks the address that a connection really reached', () => {
    expect(peerProblem('a.example', { remoteAddress: '93.184.215.14' })).toBeUndefined();
    expect(peerProblem('a.example', { remoteAddress: '2606:4700::6810:84e5' })).toBeUndefined();
    for (const remoteAddress of ['127.0.0.1', '::ffff:10.0.0.1', 'fe80::1%eth0'])
      expect(peerProblem('a.example', { remoteAddress })?.fate).toBe('refused');
  });
});

describe('a redirect', () => {
  it('is followed for GET, without keys when it leads elsewhere', async () => {
    const target = await aSink();
    const sink = await aSink((_request, response) => response.writeHead(302, { location: target.url('/x') }).end());
    const headers = { authorization: 'Bearer key', 'x-api-key': 'key', accept: 'application/json' };
    const response = await guarded([sink.host, target.host])(sink.url(), { headers });
    expect([response.status, response.url]).toEqual([200, target.url('/x')]);
    expect(target.requests[0]?.headers).toMatchObject({ accept: 'application/json' });
    expect(target.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(target.requests[0]?.headers).not.toHaveProperty('x-api-key');
  });

  it('to a private address is refused', async () => {
    const target = await aSink();
    const sink = await aSink((_request, response) => response.writeHead(302, { location: target.url() }).end());
    expect((await failureOf(guarded([sink.host])(sink.url()))).fate).toBe('refused');
    expect(target.connections()).toBe(0);
  });

  it('of a POST is not followed', async () => {
    const target = await aSink();
    const sink = await aSink((_request, response) => response.writeHead(307, { location: target.url() }).end());
    const response = await guarded([sink.host, target.host])(sink.url(), { method: 'POST', body: 'x' });
    expect(response.status).toBe(307);
    expect(target.connections()).toBe(0);
  });

  it('in a circle ends', async () => {
    const sink = await aSink((_request, response) => response.writeHead(302, { location: '/' }).end());
    expect((await failureOf(guarded([sink.host])(sink.url()))).message).toContain('too often');
    expect(sink.requests).toHaveLength(6);
  });
});

describe('what is certain when there is no answer', () => {
  it('nothing was sent where nobody listens, or the name is unknown', async () => {
    const sink = await aSink();
    await sink.close();
    expect(await failureOf(guarded([sink.host])(sink.url(), { method: 'POST', body: 'x' }))).toMatchObject({
      fate: 'not_sent',
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect((await failureOf(guarded([], { resolve })('http://nowhere.example/'))).fate).toBe('not_sent');
  });

  it('nothing was sent where TLS fails', async () => {
    const sink = await aSink();
    const error = await failureOf(guarded([sink.host])(`https://${sink.host}/`, { method: 'POST', body: 'x' }));
    expect(error.fate).toBe('not_sent');
  });

  it('a connection lost after the request is unknown', async () => {
    const sink = await aSink((_request, response) => response.socket?.destroy());
    expect((await failureOf(guarded([sink.host])(sink.url(), { method: 'POST', body: 'x' }))).fate).toBe('unknown');
    expect(sink.requests).toHaveLength(1);
  });

  it('a server that never answers is unknown at the time limit, or when the caller gives up', async () => {
    const sink = await aSink(() => undefined);
    const late = await failureOf(guarded([sink.host], { totalMs: 150 })(sink.url()));
    expect(late).toMatchObject({ fate: 'unknown', message: expect.stringContaining('no answer within 0.15 s') });
    const aborted = await failureOf(guarded([sink.host])(sink.url(), { signal: AbortSignal.timeout(100) }));
    expect(aborted).toMatchObject({ fate: 'unknown', name: 'TimeoutError' });
  });

  it('a server that accepts and stays silent within TLS is given up as not sent', async () => {
    const silent = net.createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await new Promise((done) => silent.once('listening', done));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const request = guarded(['127.0.0.1'], { totalMs: 150 })(`https://127.0.0.1:${port}/`);
    expect((await failureOf(request)).fate).toBe('not_sent');
  });
});

describe('a body', () => {
  it('is cut off beyond its limit, also when it was compressed', async () => {
    const big = 'x'.repeat(100_000);
    const sink = await aSink((request, response) => {
      if (request.path === '/plain') response.end(big);
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(big));
    });
    for (const path of ['/plain', '/packed']) {
      const whole = await guarded([sink.host])(sink.url(path));
      expect(await whole.text()).toHaveLength(100_000);
      const response = await guarded([sink.host], { maxBytes: 50_000 })(sink.url(path));
      expect(await failureOf(response.text())).toMatchObject({
        fate: 'unknown',
        message: expect.stringContaining('more than 50000 bytes'),
      });
    }
  });

  it('that breaks off says so', async () => {
    let breakOff: () => void = () => undefined;
    const sink = await aSink((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      breakOff = () => void response.socket?.destroy();
    });
    const response = await guarded([sink.host])(sink.url());
    breakOff();
    expect((await failureOf(response.text())).message).toContain('broke off');
  });

  it('may be empty, and a request may be a Request', async () => {
    const sink = await aSink((_request, response) => response.writeHead(204).end());
    const request = new Request(sink.url(), { method: 'PUT', body: '{"a":1}', headers: { 'x-a': 'b' } });
    const response = await guarded([sink.host])(request);
    expect([response.status, response.body]).toEqual([204, null]);
    expect(sink.requests[0]).toMatchObject({ method: 'PUT', body: '{"a":1}', headers: { 'x-a': 'b' } });
    expect(sink.requests[0]?.headers['content-length']).toBe('7');
  });
});
