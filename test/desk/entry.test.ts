import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { KEY_MS } from '../../src/desk/entry/page-key.ts';
import { TICKET_MS } from '../../src/files/ticket-files.ts';
import { deskServer, fromPage } from '../support/desk-server.ts';
import { passTime } from '../support/port.ts';

describe('a ticket', () => {
  it('opens the desk once', async () => {
    const on = await deskServer();
    const ticket = on.tickets.issue({ kind: 'desk', at: { run_id: 'run_1', contact_id: 'ann', action_index: 2 } });
    const first = await on.send('POST', '/desk/ticket', fromPage(on.url), { ticket });
    expect(first).toMatchObject({ status: 200, json: { kind: 'desk', at: { contact_id: 'ann', action_index: 2 } } });
    const again = await on.send('POST', '/desk/ticket', fromPage(on.url), { ticket });
    expect(again.status).toBe(401);
    expect(again.json.error).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('countersign open'),
    });
  });

  it('opens the desk for a minute', async () => {
    const on = await deskServer();
    const [early, late] = [on.tickets.issue({ kind: 'desk' }), on.tickets.issue({ kind: 'desk' })];
    passTime(TICKET_MS - 5_000);
    expect((await on.send('POST', '/desk/ticket', fromPage(on.url), { ticket: early })).status).toBe(200);
    passTime(5_000);
    expect((await on.send('POST', '/desk/ticket', fromPage(on.url), { ticket: late })).status).toBe(401);
  });

  it.each([
    ['no origin', { origin: undefined }],
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin of a page at all', { origin: 'null' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['no word of the browser', { 'sec-fetch-site': undefined }],
    ['another page’s request', { 'sec-fetch-site': 'cross-site' }],
    ['another port’s request', { 'sec-fetch-site': 'same-site' }],
    ['an address that somebody typed', { 'sec-fetch-site': 'none' }],
  ])('is not taken with %s, and still opens the desk then', async (_what, headers) => {
    const on = await deskServer();
    const ticket = on.tickets.issue({ kind: 'desk' });
    const refused = await on.send('POST', '/desk/ticket', { ...fromPage(on.url), ...headers }, { ticket });
    expect(refused).toMatchObject({ status: 403, json: { error: { code: 'FORBIDDEN' } } });
    expect((await on.send('POST', '/desk/ticket', fromPage(on.url), { ticket })).status).toBe(200);
  });

  it('is taken from a body of JSON alone', async () => {
    const on = await deskServer();
    const ticket = on.tickets.issue({ kind: 'desk' });
    const form = { ...fromPage(on.url), 'content-type': 'application/x-www-form-urlencoded' };
    expect((await on.send('POST', '/desk/ticket', form, `ticket=${ticket}`)).status).toBe(415);
    expect((await on.send('GET', `/desk/ticket?ticket=${ticket}`)).status).toBe(405);
    for (const body of ['{', '[]', { ticket, more: 1 }, { ticket: 7 }])
      expect((await on.send('POST', '/desk/ticket', fromPage(on.url), body)).status).toBe(400);
  });

  it('can be guessed ten times a minute, and a right one is let in all the same', async () => {
    const on = await deskServer();
    const guess = () => on.send('POST', '/desk/ticket', fromPage(on.url), { ticket: 'a'.repeat(43) });
    for (let time = 0; time < 9; time++) expect((await guess()).status).toBe(401);
    const wrongKey = { 'x-countersign-key': 'x.y' };
    expect((await on.send('GET', '/desk/me', wrongKey)).status).toBe(401);
    const refused = await on.send('GET', '/desk/me', wrongKey);
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'TOO_MANY_REQUESTS' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await guess()).status).toBe(429);
    expect((await (await on.open()).get('/desk/me')).status).toBe(200);
  });
});

describe('a page key', () => {
  it('counts in its header alone: not in a cookie, the query or as a token', async () => {
    const on = await deskServer();
    const page = await on.open();
    expect((await page.get('/desk/me')).status).toBe(200);
    const elsewhere = { cookie: `x-countersign-key=${page.key}`, authorization: `Bearer ${page.key}` };
    expect((await on.send('GET', `/desk/me?x-countersign-key=${page.key}`, elsewhere)).status).toBe(401);
    for (const path of ['/', '/desk/me', '/healthz'])
      expect((await on.send('GET', path, { 'x-countersign-key': page.key })).headers.get('set-cookie')).toBeNull();
  });

  it('is no key with one letter changed, cut, of another home, or a token', async () => {
    const [on, elsewhere] = [await deskServer(), await deskServer()];
    const { key } = await on.open();
    const [body = '', mac = ''] = key.split('.');
    const facts = JSON.parse(Buffer.from(body, 'base64url').toString());
    const longer = Buffer.from(JSON.stringify({ ...facts, until: facts.until + 1 })).toString('base64url');
    const other = (await elsewhere.open()).key;
    for (const wrong of [`${longer}.${mac}`, body, `${key}a`, `${key}.`, other, on.token(), ''])
      expect((await on.send('GET', '/desk/me', { 'x-countersign-key': wrong })).status).toBe(401);
  });

  it('is good for twelve hours', async () => {
    const on = await deskServer();
    const page = await on.open();
    on.clock.ahead += KEY_MS - 60_000;
    expect((await page.get('/desk/me')).status).toBe(200);
    on.clock.ahead += 60_000;
    expect((await page.get('/desk/me')).status).toBe(401);
  });

  it('is kept nowhere in the home', async () => {
    const on = await deskServer();
    const { key } = await on.open();
    const files = fs
      .readdirSync(on.home, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(on.home, name));
    const texts = files.filter((file) => fs.statSync(file).isFile()).map((file) => fs.readFileSync(file, 'utf8'));
    expect(texts.some((text) => text.includes(key))).toBe(false);
  });

  it('is asked for by every path below /desk/, whatever the method', async () => {
    const on = await deskServer();
    for (const [method, path] of [
      ['GET', '/desk'],
      ['GET', '/desk/'],
      ['GET', '/desk/queue'],
      ['GET', '/desk/nothing'],
      ['DELETE', '/desk/me'],
      ['GET', '/desk/events'],
    ] as const)
      expect([path, (await on.send(method, path)).status]).toEqual([path, 401]);
    const page = await on.open();
    expect((await page.get('/desk/nothing')).status).toBe(404);
    expect((await page.get('/desk/decide')).status).toBe(405);
  });
});

describe('the page', () => {
  it('may do nothing but run its own script and call its own server, and stands in nobody’s frame', async () => {
    const on = await deskServer();
    const { status, headers } = await on.send('GET', '/');
    expect(status).toBe(200);
    const policy = headers.get('content-security-policy') ?? '';
    const rules = new Map(policy.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]));
    expect(rules.get('default-src')).toBe("'none'");
    // SHA-256 of "1" and of "p{}", which are all of its script and style.
    expect(rules.get('script-src')).toBe("'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='");
    expect(rules.get('style-src')).toBe("'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='");
    expect(rules.get('connect-src')).toBe("'self'");
    for (const name of ['base-uri', 'form-action', 'frame-ancestors'])
      expect([name, rules.get(name)]).toEqual([name, "'none'"]);
    expect(rules.get('require-trusted-types-for')).toBe("'script'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('publickey-credentials-get=(self)');
  });
});
