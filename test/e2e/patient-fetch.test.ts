import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE, type Patience, patientFetch } from '../../src/net/patient-fetch.ts';
import { aSink } from '../support/sink.ts';

// A worker keeps its modules from file to file, and this file's are mocked.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

/** The real pauses, which a test can look at, or have end at once. */
vi.mock('node:timers/promises', async (importReal) => {
  const real = await importReal<typeof import('node:timers/promises')>();
  return { ...real, setTimeout: vi.fn(real.setTimeout) };
});
afterEach(() => void vi.mocked(pause).mockReset());

const AT = new Date('2026-03-02T09:30:00.000Z');
const QUICK: Patience = { ...PATIENCE, headersMs: 20_000, firstWaitMs: 5, longestBackoffMs: 20 };

/** A server that answers with these statuses, one after the other, the last one for ever. */
function serverOf(statuses: number[], headers: Record<string, string> = {}) {
  return aSink((_request, response, count) => {
    const status = statuses[Math.min(count, statuses.length - 1)] ?? 200;
    response.writeHead(status, status === 200 ? {} : headers);
    response.end(`answer ${count}`);
  });
}

function patient(patience: Patience = QUICK) {
  return patientFetch(globalThis.fetch, patience, () => AT);
}

const post = { method: 'POST', body: '{}' };

describe('a patient fetch', () => {
  it.each([408, 409, 429, 500, 502, 503, 504, 529])('asks again after %d', async (status) => {
    const server = await serverOf([status, status, 200]);
    const answer = await patient()(server.url(), post);
    expect([answer.status, await answer.text(), server.requests.length]).toEqual([200, 'answer 2', 3]);
    expect(server.requests.map(({ body }) => body)).toEqual(['{}', '{}', '{}']);
  });

  it.each([400, 401, 403, 404, 422])('takes %d for an answer', async (status) => {
    const server = await serverOf([status, 200]);
    expect((await patient()(server.url(), post)).status).toBe(status);
    expect(server.requests).toHaveLength(1);
  });

  it('gives the last answer when patience is over', async () => {
    const server = await serverOf([429]);
    const answer = await patient()(server.url(), post);
    expect([answer.status, server.requests.length]).toEqual([429, PATIENCE.attempts]);
  });

  it.each([
    ['seconds', '7'],
    ['a date', new Date(AT.getTime() + 7_000).toUTCString()],
  ])('waits as long as Retry-After says in %s', async (_form, value) => {
    const server = await serverOf([429, 200], { 'retry-after': value });
    const askedBeforeThePause: number[] = [];
    vi.mocked(pause).mockImplementation(async () => void askedBeforeThePause.push(server.requests.length));
    expect((await patient()(server.url(), post)).status).toBe(200);
    // One request, one pause of as long as was asked and up to 0.1 s more, and only then the second request.
    expect(askedBeforeThePause).toEqual([1]);
    const [ms = 0] = vi.mocked(pause).mock.calls[0] ?? [];
    expect(Math.floor(ms / 100)).toBe(70);
    expect(server.requests).toHaveLength(2);
  });

  it("doesn't wait when a server asks for an hour", async () => {
    const server = await serverOf([429, 200], { 'retry-after': '3600' });
    expect((await patient()(server.url(), post)).status).toBe(429);
    expect(server.requests).toHaveLength(1);
  });

  it('has more patience with a server that says when to come back', async () => {
    const server = await serverOf([429], { 'retry-after': '0' });
    await patient()(server.url(), post);
    expect(server.requests).toHaveLength(PATIENCE.attemptsWhenTold);
  });

  it('tries a lost connection again, not for ever', async () => {
    const server = await aSink((_request, response) => response.socket?.destroy());
    await expect(patient()(server.url(), post)).rejects.toThrow();
    expect(server.requests).toHaveLength(PATIENCE.attemptsUnheard);
  });

  it('gives up on a server that never answers, and says after how long', async () => {
    const server = await aSink(() => undefined);
    const failed = patient({ ...QUICK, headersMs: 100 })(server.url(), post);
    await expect(failed).rejects.toMatchObject({ name: 'TimeoutError', message: 'no answer within 0.1 s' });
    expect(server.requests).toHaveLength(1);
  });

  it('stops at once when the caller aborts: in a pause, before headers, amid a body', async () => {
    // Only the abort can end these: each of them goes on for longer than a test may take.
    const busy = await serverOf([503], { 'retry-after': '60' });
    const silent = await aSink(() => undefined);
    const slow = await aSink((_request, response) => {
      response.writeHead(200);
      response.write('the first piece');
    });
    let pieces = 0;
    const isUnderWay = [
      [busy, () => vi.mocked(pause).mock.calls.length === 1],
      [silent, () => silent.requests.length === 1],
      [slow, () => pieces === 1],
    ] as const;
    for (const [server, isSo] of isUnderWay) {
      const stop = new AbortController();
      const reading = (async () => {
        const answer = await patient({ ...QUICK, headersMs: 60_000 })(server.url(), { ...post, signal: stop.signal });
        for await (const _piece of answer.body ?? []) pieces += 1;
      })();
      const failed = expect(reading).rejects.toMatchObject({ name: 'AbortError' });
      await expect.poll(isSo).toBe(true);
      stop.abort();
      await failed;
      expect(server.requests).toHaveLength(1);
    }
  });

  it('follows no redirect, so that a key goes nowhere else', async () => {
    const elsewhere = await aSink();
    const server = await aSink((_request, response) => response.writeHead(307, { location: elsewhere.url() }).end());
    const answer = await patient()(server.url(), { ...post, headers: { authorization: 'Bearer k' } });
    expect([answer.status, elsewhere.requests.length]).toEqual([307, 0]);
  });
});
