import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import Rudder from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { describe, expect, it } from 'vitest';
import { doctor } from '../../src/commands/doctor.ts';
import { settingsOf } from '../../src/process/environment.ts';
import { type RestServer, restServer } from '../support/rest-server.ts';

const basic = (token: string) => ({ authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}` });

async function doctorOf(home: string): Promise<string> {
  const settings = settingsOf({ COUNTERSIGN_HOME: home }, home);
  if ('problem' in settings) throw new Error(settings.problem);
  let said = '';
  const say = (text: string) => {
    said += text;
  };
  await doctor(settings, [], { say, tell: say });
  return said;
}

async function segment() {
  const on = await restServer();
  const token = on.token({ scopes: ['agents:write'] });
  const send = (name: string, body: unknown) => on.send('POST', `/segment/v1/${name}`, { body, headers: basic(token) });
  return { on, token, send };
}

const contactIn = (on: RestServer, contact_id: string) => on.call('get_contact', { contact_id });

describe('live events', () => {
  it('are taken one by one: identify, track and page', async () => {
    const { on, send } = await segment();
    const identify = { userId: 'u1', traits: { email: 'ann@example.com', plan: 'pro' } };
    expect(await send('identify', identify)).toMatchObject({ status: 200, json: { success: true } });
    await send('track', { userId: 'u1', event: 'Signed up', properties: { via: 'ad' }, messageId: 'm1' });
    await send('track', { userId: 'u1', event: 'Signed up', properties: { via: 'ad' }, messageId: 'm1' });
    await send('page', { userId: 'u1', name: 'Pricing', properties: { path: '/pricing' } });
    const { contact, events } = await contactIn(on, 'u1');
    expect(contact).toMatchObject({ id: 'u1', email: 'ann@example.com', plan: 'pro' });
    expect(events.map(({ type, name }: { type: string; name: string }) => [type, name]).sort()).toEqual([
      ['page', 'Pricing'],
      ['track', 'Signed up'],
    ]);
  });

  it('set objections as imports do, and never clear one', async () => {
    const { on, send } = await segment();
    await send('identify', { userId: 'u1', traits: { email: 'ann@example.com' } });
    await send('track', { userId: 'u1', event: 'Unsubscribed' });
    expect((await contactIn(on, 'u1')).contact.do_not_email).toBe(true);
    await send('identify', { userId: 'u1', traits: { email: 'ann@example.com', do_not_email: false } });
    expect((await contactIn(on, 'u1')).contact.do_not_email).toBe(true);
  });

  it.each([
    ['a track', { type: 'track', event: 'Saved', context: { traits: { unsubscribed: true } } }],
    ['a page', { type: 'page', name: 'Home', context: { traits: { unsubscribed: true } } }],
    ['one deeper', { type: 'track', event: 'Saved', context: { traits: { emails: { unsubscribed: 'yes' } } } }],
    ['one that cannot be taken', { type: 'track', timestamp: 'soon', context: { traits: { unsubscribed: true } } }],
  ])('take an objection in the traits of their context, and no field: %s', async (_what, call) => {
    const { on, send } = await segment();
    await send('batch', {
      batch: [
        { type: 'identify', userId: 'u1' },
        { userId: 'u1', ...call },
      ],
    });
    const { contact } = await contactIn(on, 'u1');
    expect(contact.do_not_email).toBe(true);
    expect(contact.consent_sources[0].column).toMatch(/^context\.traits\./);
    expect(contact).not.toHaveProperty('unsubscribed');
    const cleared = { type: 'track', userId: 'u2', event: 'Saved', context: { traits: { unsubscribed: false } } };
    await send('batch', { batch: [{ type: 'identify', userId: 'u2', traits: { unsubscribed: true } }, cleared] });
    expect((await contactIn(on, 'u2')).contact.do_not_email).toBe(true);
  });

  it("come by Segment's own library", async () => {
    const { on, token } = await segment();
    const analytics = new Analytics({ writeKey: token, host: on.url, path: '/segment/v1/batch' });
    const failures: unknown[] = [];
    analytics.on('error', (error) => failures.push(error));
    analytics.identify({ userId: 'u1', traits: { email: 'ann@example.com', firstName: 'Ann' } });
    analytics.track({ userId: 'u1', event: 'Order Completed', properties: { total: 20 } });
    analytics.page({ userId: 'u1', name: 'Pricing', properties: { path: '/pricing' } });
    await analytics.closeAndFlush();
    expect(failures).toEqual([]);
    const { contact, events } = await contactIn(on, 'u1');
    expect(contact).toMatchObject({ email: 'ann@example.com', firstname: 'Ann' });
    expect(events).toHaveLength(2);
  });

  it("come by RudderStack's own library, compressed", async () => {
    const { on, token } = await segment();
    const rudder = new Rudder(token, { dataPlaneUrl: `${on.url}/segment`, flushInterval: 50 });
    const identify = { userId: 'u2', traits: { email: 'bob@example.com' } };
    const track = { userId: 'u2', event: 'Order Completed', properties: { total: 20 } };
    // Each is over once the library has the answer.
    await Promise.all([
      new Promise<void>((sent) => void rudder.identify(identify, sent)),
      new Promise<void>((sent) => void rudder.track(track, sent)),
    ]);
    const { contact, events } = await contactIn(on, 'u2');
    expect(contact.email).toBe('bob@example.com');
    expect(events).toHaveLength(1);
  });

  it('that cannot be taken leave the others alone, and are told by the doctor without what they said', async () => {
    const { on, send } = await segment();
    const batch = [
      { type: 'identify', userId: 'u1', traits: { email: 'ann@example.com' } },
      { type: 'identify', userId: 'u2', traits: { email: 'not an address of Bob' } },
      { type: 'track', event: 'Nobody did this' },
      { type: 'group', userId: 'u1', groupId: 'g1' },
      7,
    ];
    expect(await send('batch', { batch })).toMatchObject({ status: 200, json: { success: true } });
    expect((await on.call('list_contacts')).total).toBe(1);
    const kept = fs.readFileSync(path.join(on.home, 'refused-events.json'), 'utf8');
    expect(JSON.parse(kept)).toHaveLength(4);
    expect(kept).not.toContain('Bob');
    const said = await doctorOf(on.home);
    for (const words of ['live event(s) could not be taken', 'track by the token "zoe"', 'group by the token "zoe"'])
      expect(said).toContain(words);
    expect(said).toMatch(/\nok\n$/);
  });

  it.each([
    ['with quotes inside', { type: 'identify', userId: 'u1', traits: { email: 'the "Bob" of bob@example.com' } }],
    ['a long one', { type: 'identify', userId: 'u1', traits: { email: `bob@example.com ${'x'.repeat(90)}` } }],
    ['a number', { type: 'track', userId: 'u1', event: 'e', timestamp: 155586753091234 }],
    ['the type of a call', { type: 'bob@example.com', userId: 'u1' }],
    ['a long type', { type: `bob@example.com${'x'.repeat(90)}`, userId: 'u1' }],
    ['a line', { type: 'track', userId: 'u1', event: 'e', timestamp: 'x\n"bob@example.com' }],
  ])('that cannot be taken leave no word of theirs in the home: %s', async (_what, call) => {
    const { on, send } = await segment();
    await send('batch', { batch: [call] });
    const kept = fs.readFileSync(path.join(on.home, 'refused-events.json'), 'utf8');
    expect(JSON.parse(kept)).toHaveLength(1);
    expect(kept).not.toMatch(/bob|155586753091234/i);
  });

  it('that hold a key which no object may have do not keep the others of their batch out', async () => {
    const { on, token } = await segment();
    const text =
      '{"batch":[{"type":"identify","userId":"u1"},{"type":"track","userId":"u2","event":"E","properties":{"a":{"__proto__":{}}}}]}';
    expect((await on.send('POST', '/segment/v1/batch', { text, headers: basic(token) })).status).toBe(200);
    const { contacts } = await on.call('list_contacts');
    expect(contacts.map(({ id }: { id: string }) => id)).toEqual(['u1']);
    expect(await doctorOf(on.home)).toMatch(/1 live event.*track by the token "zoe": holds a key __proto__/);
  });

  it('that nest too deep, at whatever depth, do not keep the others of their batch out', async () => {
    const { on, token } = await segment();
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const call = (id: string, levels: number, where: string) =>
      `{"type":"track","userId":"${id}","event":"E","${where}":{"a":${deep(levels)}}}`;
    const calls = [
      ...['{"type":"identify","userId":"u1"}', call('u2', 62, 'properties'), call('u3', 63, 'properties')],
      ...[call('u4', 90, 'context'), call('u5', 100_000, 'properties'), '{"type":"identify","userId":"u6"}'],
    ];
    const text = `{"sentAt":${deep(200)},"batch":[${calls.join(',')}]}`;
    expect((await on.send('POST', '/segment/v1/batch', { text, headers: basic(token) })).status).toBe(200);
    const { contacts } = await on.call('list_contacts');
    expect(contacts.map(({ id }: { id: string }) => id).sort()).toEqual(['u1', 'u2', 'u6']);
    expect((await contactIn(on, 'u2')).events).toHaveLength(1);
    expect(await doctorOf(on.home)).toMatch(/3 live event.*track by the token "zoe": nests deeper than 64 levels/);
  });

  it('that name one field in different ways are all taken; one that does so by itself stays behind alone', async () => {
    const { on, send } = await segment();
    const names = ['firstName', 'first_name', 'First Name', 'firstname'];
    const batch = Array.from({ length: 400 }, (_, at) => ({
      ...{ type: 'identify', userId: `u${at}` },
      traits: { [names[at % names.length] ?? '']: 'Ann' },
    }));
    const both = { type: 'identify', userId: 'both', traits: { firstName: 'Ann', first_name: 'Anna' } };
    expect((await send('batch', { batch: [...batch, both, ...batch.slice(0, 3)] })).status).toBe(200);
    expect((await on.call('list_contacts')).total).toBe(400);
    for (const id of ['u0', 'u1', 'u2', 'u399']) expect((await contactIn(on, id)).contact.firstname).toBe('Ann');
    expect(await doctorOf(on.home)).toMatch(/1 live event.*identify by the token "zoe"/);
    expect((await send('identify', both)).status).toBe(200);
  });

  it('are read with the traits of an identify’s context, where the call itself says nothing else', async () => {
    const { on, send } = await segment();
    const context = { traits: { email: 'ann@example.com', plan: 'free', first_name: 'Anna', unsubscribed: true } };
    await send('identify', { userId: 'u1', traits: { plan: 'pro', firstName: 'Ann', unsubscribed: false }, context });
    const { contact } = await contactIn(on, 'u1');
    expect(contact).toMatchObject({ email: 'ann@example.com', plan: 'pro', firstname: 'Ann', do_not_email: true });
    await send('identify', { userId: 'u2', context: { traits: { email: 'bob@example.com', unsubscribed: 'yes' } } });
    const other = (await contactIn(on, 'u2')).contact;
    expect(other).toMatchObject({ email: 'bob@example.com', do_not_email: true });
    expect(other.consent_sources).toHaveLength(1);
  });

  it('are kept by their newest hundred reasons', async () => {
    const { on, send } = await segment();
    for (let n = 0; n < 6; n++)
      await send('batch', { batch: Array.from({ length: 20 }, () => ({ type: 'alias', userId: 'u1' })) });
    expect(JSON.parse(fs.readFileSync(path.join(on.home, 'refused-events.json'), 'utf8'))).toHaveLength(100);
  });

  it('take compressed bodies of up to 10 MB, and say so of what is none', async () => {
    const { on, token } = await segment();
    const headers = { ...basic(token), 'content-encoding': 'gzip' };
    const send = (text: Uint8Array) => on.send('POST', '/segment/v1/batch', { text, headers });
    const one = JSON.stringify({ batch: [{ type: 'identify', userId: 'u9' }] });
    expect((await send(gzipSync(one))).status).toBe(200);
    expect((await send(new TextEncoder().encode(one))).status).toBe(400);
    expect((await send(gzipSync('x'.repeat(11 << 20)))).status).toBe(413);
  });

  it('need the token as user name, the write scope, and a body that is a call', async () => {
    const { on, send } = await segment();
    const body = { userId: 'u1', event: 'x' };
    const refused = async (status: number, got: Promise<object>) =>
      expect(await got).toMatchObject({ status, json: { success: false } });
    await refused(401, on.send('POST', '/segment/v1/track', { body }));
    await refused(401, on.send('POST', '/segment/v1/track', { body, token: on.token() }));
    await refused(401, on.send('POST', '/segment/v1/track', { body, headers: basic('cs_none') }));
    const reader = on.token({ scopes: ['agents:read'] });
    await refused(403, on.send('POST', '/segment/v1/track', { body, headers: basic(reader) }));
    await refused(400, send('track', [body]));
    await refused(400, send('batch', { events: [body] }));
    await refused(404, send('alias', body));
    await refused(422, send('batch', { batch: Array.from({ length: 10_001 }, () => body) }));
    expect((await on.call('list_contacts')).total).toBe(0);
    expect(await send('batch', { batch: [] })).toMatchObject({ status: 200 });
  });
});
