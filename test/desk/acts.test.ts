import fs from 'node:fs';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { deskServer } from '../support/desk-server.ts';
import { aServedTeam, ME } from '../support/desk-team.ts';
import { aMailSink } from '../support/mail-sink.ts';
import { aSink } from '../support/sink.ts';
import { writeConfig } from '../support/tool-server.ts';

const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;

describe('the brake at the desk', () => {
  it('goes on at a click, and off by the nonce of the brake as it was shown, once', async () => {
    const { server, owner, admin } = await aServedTeam();
    expect((await owner.get('/desk/brake')).json).toMatchObject({ brake: { on: false } });
    const on = await admin.post('/desk/brake', { on: true, reason: 'too many' });
    expect(on.json.brake).toMatchObject({ on: true, reason: 'too many', by: expect.stringContaining('zoe') });
    expect((await owner.post('/desk/brake', { on: false })).status).toBe(400);
    const { json } = await owner.get('/desk/brake');
    expect(json.lines).toContainEqual(['Because', 'too many']);
    const other = await admin.post('/desk/brake', { on: false, nonce: json.nonce });
    expect([other.status, other.json.error.code]).toEqual([409, 'CONFLICT']);
    expect((await owner.post('/desk/brake', { on: false, nonce: json.nonce })).json.brake.on).toBe(false);
    expect((await owner.post('/desk/brake', { on: true })).status).toBe(200);
    expect((await owner.post('/desk/brake', { on: false, nonce: json.nonce })).status).toBe(409);
    const log = (await owner.get('/desk/log')).json.decisions;
    expect(log.map(({ decision, via }: Record<string, string>) => [decision, via])).toEqual([
      ['paused', 'client'],
      ['resumed', 'human'],
      ['paused', 'client'],
    ]);
    expect(await server.house.read((view) => view.brake().on)).toBe(true);
  });

  it('isn’t taken off by whoever may not approve', async () => {
    const { server } = await aServedTeam();
    const page = await server.open(server.token({ name: 'kim', person: 'p_kim', scopes: ['agents:trigger'] }));
    expect((await page.post('/desk/brake', { on: true })).status).toBe(200);
    const { nonce } = (await page.get('/desk/brake')).json;
    expect((await page.post('/desk/brake', { on: false, nonce })).status).toBe(403);
    const reader = await server.open(server.token({ name: 'lee', person: 'p_lee', scopes: ['agents:read'] }));
    expect((await reader.post('/desk/brake', { on: true })).status).toBe(403);
  });
});

describe('lifting an objection at the desk', () => {
  it('needs the nonce of exactly what was shown, and is kept as a person’s word', async () => {
    const { server, owner, admin } = await aServedTeam();
    await importContacts(server.house, ME, { contacts: [{ id: 'ann', do_not_email: true }] });
    const shown = (await owner.get('/desk/consent?address=ANN@example.com')).json;
    expect(shown).toMatchObject({ contacts_total: 1, contacts: [{ id: 'ann', flags: ['do_not_email'] }] });
    const ask = { address: 'ann@example.com', nonce: shown.nonce };
    expect((await admin.post('/desk/consent', ask)).status).toBe(409);
    await importContacts(server.house, ME, { contacts: [{ id: 'ann', do_not_contact: true }] });
    const moved = await owner.post('/desk/consent', ask);
    expect([moved.status, moved.json.error.message]).toEqual([409, expect.stringContaining('Nothing was lifted')]);
    const again = (await owner.get('/desk/consent?address=ann@example.com')).json;
    const done = await owner.post('/desk/consent', { address: 'ann@example.com', nonce: again.nonce });
    expect(done.json).toEqual({ lifted: 1, kept: [] });
    expect((await owner.post('/desk/consent', { address: 'ann@example.com', nonce: again.nonce })).status).toBe(409);
    const { contact } = (await owner.get('/desk/contact?id=ann')).json;
    expect(contact).toMatchObject({ do_not_email: false, do_not_contact: false });
    expect((await owner.get('/desk/log')).json.decisions[0]).toMatchObject({
      decision: 'consent_lifted',
      via: 'human',
    });
  });

  it('lifts what one column of one import alone has set, and refuses what names nobody', async () => {
    const { owner } = await aServedTeam();
    const text = 'email,Opted Out\ncara@example.com,yes\ndan@example.com,yes\n';
    const made = (await owner.post('/desk/import', { text, filename: 'people.csv', dry_run: false })).json;
    const source = encodeURIComponent(`Opted Out@${made.import_id}`);
    const shown = (await owner.get(`/desk/consent?source=${source}`)).json;
    expect(shown.contacts_total).toBe(2);
    const body = { source: `Opted Out@${made.import_id}`, nonce: shown.nonce };
    expect((await owner.post('/desk/consent', body)).json).toMatchObject({ lifted: 2 });
    expect((await owner.get('/desk/consent?address=nobody')).status).toBe(400);
    expect((await owner.get('/desk/consent')).status).toBe(400);
  });

  it('takes who may both write and approve', async () => {
    const { server } = await aServedTeam();
    await importContacts(server.house, ME, { contacts: [{ id: 'ann', do_not_email: true }] });
    const scopes = ['agents:read', 'agents:approve'] as const;
    const page = await server.open(server.token({ name: 'kim', person: 'p_kim', scopes }));
    const { nonce } = (await page.get('/desk/consent?address=ann@example.com')).json;
    const refused = await page.post('/desk/consent', { address: 'ann@example.com', nonce });
    expect([refused.status, refused.json.error.message]).toEqual([403, expect.stringContaining('agents:write')]);
  });
});

describe('a file that is dropped on the desk', () => {
  it('shows what its columns would be before anything is imported, in whichever format it is', async () => {
    const { server, owner } = await aServedTeam();
    const text = 'E-Mail Address;First Name;Plan\ncara@example.com;Cara;trial\n';
    const dry = await owner.post('/desk/import', { text, filename: 'people.csv', dry_run: true });
    expect(dry.json).toMatchObject({
      ...{ dry_run: true, created: 1 },
      columns: { taken: { 'E-Mail Address': 'email', 'First Name': 'firstname' }, kept: ['Plan'] },
    });
    expect((await owner.get('/desk/contacts?query=cara')).json.total).toBe(0);
    expect((await owner.post('/desk/import', { text, filename: 'people.csv', dry_run: false })).json.created).toBe(1);
    const lines = '{"email": "dan@example.com"}\n{"email": "eve@example.com"}\n';
    const json = await owner.post('/desk/import', { text: lines, filename: 'more.jsonl', dry_run: false });
    expect(json.json).toMatchObject({ created: 2, error_count: 0 });
    const mapped = 'who\nfay@example.com\n';
    const mapping = { email: 'who' };
    const told = await owner.post('/desk/import', { text: mapped, filename: 'x.csv', mapping, dry_run: false });
    expect(told.json).toMatchObject({ created: 1 });
    expect((await server.call('list_contacts', { limit: 100 })).total).toBe(6);
  });

  it('waits for a person where it would overlook objections, and is for whoever may write', async () => {
    const { server, owner } = await aServedTeam();
    const text = 'email,Opted Out\ncara@example.com,yes\n';
    const body = { text, filename: 'people.csv', mapping: { do_not_email: null }, dry_run: false };
    const kept = await owner.post('/desk/import', body);
    expect([kept.status, kept.json.error.code]).toEqual([403, 'FORBIDDEN']);
    const { changes } = (await owner.get('/desk/queue')).json;
    expect(changes).toMatchObject([{ change_id: kept.json.error.details.change_id }]);
    expect((await owner.get('/desk/contacts?query=cara')).json.total).toBe(0);
    const reader = await server.open(server.token({ name: 'lee', person: 'p_lee', scopes: ['agents:read'] }));
    expect((await reader.post('/desk/import', { ...body, dry_run: true })).status).toBe(403);
    const faulty = await owner.post('/desk/import', { text: '[{"email": ', filename: 'x.json', dry_run: true });
    expect(faulty.status).toBe(400);
  });
});

describe('settings at the desk', () => {
  it('tell of senders and notices without a secret, and send a notice as a test', async () => {
    const sink = await aSink();
    const env = { COUNTERSIGN_NOTIFY_SECRET: SECRET, COUNTERSIGN_ALLOW_HOSTS: sink.host };
    const server = await deskServer({ fetch: createGuardedFetch({ allowedHosts: [sink.host] }) }, env);
    const owner = await server.open();
    expect((await owner.get('/desk/settings')).json).toMatchObject({ identities: [], notices: null });
    expect((await owner.post('/desk/settings/test-notice', {})).status).toBe(502);
    const url = sink.url('/zqpathz');
    writeConfig(server.home, { notify: { url, secret_env: 'COUNTERSIGN_NOTIFY_SECRET' } });
    const shown = await owner.get('/desk/settings');
    expect(shown.json.notices).toEqual({ host: sink.host, format: 'json', details: false, signed: true });
    expect(shown.text).not.toMatch(/zqpathz|whsec/);
    expect((await owner.get('/desk/me')).json.notices).toEqual(shown.json.notices);
    const sent = await owner.post('/desk/settings/test-notice', {});
    expect(sent.json).toEqual({ sent: true, host: sink.host, status: 200 });
    const [{ body, headers } = { body: '', headers: {} }] = sink.requests;
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(new Webhook(SECRET).verify(body, plain)).toMatchObject({ type: 'notice.test' });
    expect((await owner.post('/desk/settings/test-notice', {})).status).toBe(409);
    const member = await server.open(server.token({ name: 'ben', person: 'p_ben', role: 'member' }));
    expect((await member.post('/desk/settings/test-notice', {})).status).toBe(403);
    expect(sink.requests).toHaveLength(1);
  });

  it('send a test mail to the sender’s own address and nobody else, or write it to a file', async () => {
    const mail = await aMailSink();
    const server = await deskServer({}, { COUNTERSIGN_SMTP: mail.url() });
    const owner = await server.open();
    const save = async (more: object) =>
      (await server.call('save_identity', { name: 'Sam Rivera', email: 'Sam@acme.example', ...more })).identity.id;
    const identity_id = await save({ smtp_url_env: 'COUNTERSIGN_SMTP', bcc: 'boss@acme.example' });
    const sent = await owner.post('/desk/settings/test-mail', { identity_id });
    expect(sent.json).toMatchObject({ outcome: 'sent', to: 'sam@acme.example' });
    expect(mail.mails).toMatchObject([{ from: 'Sam@acme.example', to: ['sam@acme.example'] }]);
    expect(mail.mails[0]?.text).toContain('Auto-Submitted: auto-generated');
    const file = await save({});
    expect((await owner.post('/desk/settings/test-mail', { identity_id: file })).json.outcome).toBe('written');
    expect(fs.readdirSync(path.join(server.home, 'outbox'))).toEqual([`test-${file}.eml`]);
    expect((await owner.get('/desk/outbox')).json.total).toBe(0);
    server.clock.ahead += 60_000;
    await owner.post('/desk/brake', { on: true });
    const braked = await owner.post('/desk/settings/test-mail', { identity_id });
    expect([braked.status, braked.json.error.message]).toEqual([409, expect.stringContaining('brake')]);
    expect((await owner.post('/desk/settings/test-mail', { identity_id: 'id_none' })).status).toBe(404);
    expect(mail.mails).toHaveLength(1);
  });
});
