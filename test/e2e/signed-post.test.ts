import { setTimeout as pause } from 'node:timers/promises';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { afterAll, afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { type Post, type PostPatience, postSigned } from '../../src/net/signed-post.ts';
import { isSecret, webhookId } from '../../src/net/standard-webhooks.ts';
import { aSink, type Received, type Sink } from '../support/sink.ts';

// A worker keeps its modules from file to file, and this file's are mocked.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

/** The real pauses, which a test can look at, or have end at once. */
vi.mock('node:timers/promises', async (importReal) => {
  const real = await importReal<typeof import('node:timers/promises')>();
  return { ...real, setTimeout: vi.fn(real.setTimeout) };
});
afterEach(() => void vi.mocked(pause).mockReset());

const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
const QUICK: PostPatience = { pausesMs: [20, 40], longestPauseMs: 1_500, answerMs: 20_000 };

function post(sink: Sink, given: Partial<Post> = {}, allowedHosts = [sink.host], patience = QUICK) {
  const deps = { fetch: createGuardedFetch({ allowedHosts }), now: () => new Date() };
  const whole = { url: sink.url('/hook'), body: { type: 'test', name: 'Zoë' }, id: webhookId('run/0/a'), ...given };
  return postSigned(deps, whole, { patience });
}

/** A sink that answers with these statuses in turn, then with the last one. */
function answering(...statuses: number[]) {
  return aSink((_request, response, count) => response.writeHead(statuses[count] ?? statuses.at(-1) ?? 200).end());
}

function verified(secret: string, { body, headers }: Received): unknown {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  return new Webhook(secret).verify(body, plain);
}

describe('a signed post', () => {
  it('is verified by the reference library, and by no other secret', async () => {
    const sink = await aSink();
    expect(await post(sink, { secret: SECRET })).toEqual({ outcome: 'accepted', status: 200, tries: 1 });
    const [request] = sink.requests;
    if (!request) throw new Error('nothing arrived');
    expect(verified(SECRET, request)).toEqual({ type: 'test', name: 'Zoë' });
    expect(() => verified(`whsec_${Buffer.from('another').toString('base64')}`, request)).toThrow(
      WebhookVerificationError,
    );
    expect(() => verified(SECRET, { ...request, body: request.body.replace('test', 'tost') })).toThrow(
      WebhookVerificationError,
    );
    expect(request.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'countersign' });
  });

  it('carries its id without a secret too, as plain ASCII whatever the key holds', async () => {
    const sink = await aSink();
    const id = webhookId('run/0/Ł\r\nx: y');
    await post(sink, { id });
    expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(sink.requests[0]?.headers).toMatchObject({ 'webhook-id': id, 'idempotency-key': id });
    expect(sink.requests[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  it('is not sent with a malformed secret', async () => {
    const sink = await aSink();
    expect(await post(sink, { secret: 'whsec_not base64!' })).toMatchObject({ outcome: 'failed' });
    expect(sink.connections()).toBe(0);
    expect([SECRET, SECRET.slice(6), 'whsec_', '', 'pass word', 'whsec_a'].map(isSecret)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('trying again', () => {
  it.each([408, 429, 500, 502, 503, 529])('after %i, with the same id and a signature of its own', async (status) => {
    const sink = await answering(status, 200);
    expect(await post(sink, { secret: SECRET })).toEqual({ outcome: 'accepted', status: 200, tries: 2 });
    expect(new Set(sink.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const request of sink.requests) expect(verified(SECRET, request)).toEqual({ type: 'test', name: 'Zoë' });
  });

  it('ends after three', async () => {
    const sink = await answering(500);
    expect(await post(sink)).toEqual({
      outcome: 'failed',
      status: 500,
      message: `${sink.host} answered 500. It was tried 3 times.`,
    });
    expect(sink.requests).toHaveLength(3);
  });

  it('waits as Retry-After asks, within bounds', async () => {
    const sink = await aSink((_request, response, count) =>
      response.writeHead(count < 2 ? 429 : 200, { 'retry-after': count === 0 ? '1' : '86400' }).end(),
    );
    const order: string[] = [];
    vi.mocked(pause).mockImplementation(async (ms) => void order.push(`${sink.requests.length} sent, waits ${ms} ms`));
    expect(await post(sink)).toMatchObject({ outcome: 'accepted', tries: 3 });
    // The first asks for a second; the second for a day, and gets the longest pause there is.
    expect(order).toEqual(['1 sent, waits 1000 ms', '2 sent, waits 1500 ms']);
  });

  it('ends with the process, and the last answer by then counts', async () => {
    const sink = await answering(503);
    const deps = { fetch: createGuardedFetch({ allowedHosts: [sink.host] }), now: () => new Date() };
    const given = { url: sink.url(), body: {}, id: 'msg_1' };
    const patience = { ...QUICK, pausesMs: [20_000, 20_000], longestPauseMs: 20_000 };
    const made = await postSigned(deps, given, { patience, ended: AbortSignal.timeout(200) });
    expect(made).toMatchObject({ outcome: 'failed', status: 503 });
    expect(sink.requests).toHaveLength(1);
  });

  it.each([301, 302, 307, 400, 401, 404, 409, 410, 413, 422])('is not done after %i', async (status) => {
    const sink = await answering(status);
    expect(await post(sink)).toMatchObject({ outcome: 'failed', status });
    expect(sink.requests).toHaveLength(1);
  });

  it('is not done after a refusal by the guard, nor is a redirect followed', async () => {
    const target = await aSink();
    const sink = await aSink((_request, response) => response.writeHead(307, { location: target.url() }).end());
    expect(await post(target, {}, [])).toMatchObject({ outcome: 'failed' });
    expect(await post(sink, {}, [sink.host, target.host])).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('redirect'),
    });
    expect(target.connections()).toBe(0);
  });
});

describe('without an answer', () => {
  it('nothing was sent where nobody listens: failed', async () => {
    const sink = await aSink();
    await sink.close();
    expect(await post(sink)).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/Nothing was sent.*tried 3 times/),
    });
  });

  it('is unknown where the request was lost, which is not sent again by itself', async () => {
    const sink = await aSink((_request, response) => response.socket?.destroy());
    expect(await post(sink)).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('was sent') });
    expect(sink.requests).toHaveLength(1);
  });

  it('is unknown where the receiver keeps silent', async () => {
    // The time for an answer is over once the request is there, whenever that is.
    const limit = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
    onTestFinished(() => timeout.mockRestore());
    const sink = await aSink(() => limit.abort(new DOMException('over', 'TimeoutError')));
    expect(await post(sink)).toMatchObject({ outcome: 'unknown' });
    expect(timeout).toHaveBeenCalledExactlyOnceWith(QUICK.answerMs);
    expect(sink.requests).toHaveLength(1);
  });

  it('stays unknown where one that may be repeated was lost and then nobody listened', async () => {
    const sink = await aSink((_request, response) => {
      response.socket?.destroy();
      sink.close();
    });
    expect(await post(sink, { mayRepeat: true })).toMatchObject({
      outcome: 'unknown',
      message: expect.stringMatching(/ECONNREFUSED.*3 times/),
    });
  });

  it('is accepted where one that may be repeated is answered later', async () => {
    const sink = await aSink((_request, response, count) =>
      count === 0 ? response.socket?.destroy() : response.end('ok'),
    );
    expect(await post(sink, { mayRepeat: true })).toEqual({ outcome: 'accepted', status: 200, tries: 2 });
  });
});
