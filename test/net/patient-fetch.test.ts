import { describe, expect, it } from 'vitest';
import { PATIENCE, type Patience, patientFetch } from '../../src/net/patient-fetch.ts';
import { aSink } from '../support/sink.ts';

const QUICK: Patience = { ...PATIENCE, headersMs: 2_000, firstWaitMs: 5, longestBackoffMs: 20 };

/** A server that answers with these statuses, one after the other, the last one for ever. */
function serverOf(statuses: number[], headers: Record<string, string> = {}) {
  return aSink((_request, response, count) => {
    const status = statuses[Math.min(count, statuses.length - 1)] ?? 200;
    response.writeHead(status, status === 200 ? {} : headers);
    response.end(`answer ${count}`);
  });
}

function patient(patience: Patience = QUICK) {
  return patientFetch(globalThis.fetch, patience, () => new Date());
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
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2_000).toUTCString()],
  ])('waits as long as Retry-After says in %s', async (_form, value) => {
    const server = await serverOf([429, 200], { 'retry-after': value() });
    const before = performance.now();
    expect((await patient()(server.url(), post)).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(900);
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
    const busy = await serverOf([503], { 'retry-after': '30' });
    const silent = await aSink(() => undefined);
    const slow = await aSink((_request, response) => {
      response.writeHead(200);
      response.write('the first piece');
    });
    for (const server of [busy, silent, slow]) {
      const stop = new AbortController();
      const asked = patient()(server.url(), { ...post, signal: stop.signal }).then((answer) => answer.text());
      const failed = expect(asked).rejects.toMatchObject({ name: 'AbortError' });
      await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = performance.now();
      stop.abort();
      await failed;
      expect(performance.now() - before).toBeLessThan(500);
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
