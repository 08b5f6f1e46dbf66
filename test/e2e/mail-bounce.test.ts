import { describe, expect, it } from 'vitest';
import { wireAddress } from '../../src/domain/contacts/address.ts';
import { liftable, liftConsent } from '../../src/engine/contacts/lift-consent.ts';
import { inProcess } from '../support/in-process.ts';
import { commitLinesIn } from '../support/kept-in.ts';
import { aMailSink, type MailScript } from '../support/mail-sink.ts';
import { TRUSTING } from '../support/trusting.ts';

const UNKNOWN: MailScript = { recipient: () => ({ code: 550, words: '5.1.1 User unknown' }) };
const MAIL = { type: 'email_message', params: { subject: 'Hi', message: 'Hi' } };
const NOTE = { type: 'note', params: { body: 'Seen' } };
const PERSON = { user: 'pat', via: 'human' as const };

/** Tools over a house with a mail server, and contacts of whom two have one address. */
async function aScene(script: MailScript) {
  const sink = await aMailSink(script);
  const { call, house, home } = inProcess({ env: { ...TRUSTING, COUNTERSIGN_SMTP: sink.url() } });
  await call('import_contacts', {
    contacts: [
      { id: 'ada', email: 'ada@dead.example' },
      { id: 'ada2', email: 'Ada@DEAD.example' },
      { id: 'bea', email: 'bea@example.com' },
    ],
  });
  const sam = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP', gap_seconds: 0 };
  const { identity } = await call('save_identity', sam);
  const run = async (contact_id: string, ...propose: object[]) => {
    const { agent } = await call('create_agent', {
      ...{ name: 'Mailer', capabilities: ['email', 'notes'], identity_id: identity.id },
      playbook: { rules: [{ name: 'all', propose }] },
    });
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids: [contact_id] });
    return { run_id, contact_id, action_index: 0 };
  };
  const resultOf = async ({ run_id }: { run_id: string }) => (await call('get_run', { run_id })).run.contact_results[0];
  const approve = async (ref: { run_id: string; contact_id: string; action_index: number }) => {
    const { proposed_actions } = await resultOf(ref);
    return (await call('approve_action', { ...ref, expected_digest: proposed_actions[0].digest })).action;
  };
  const contact = async (contact_id: string) => (await call('get_contact', { contact_id })).contact;
  return { sink, call, house, home, run, resultOf, approve, contact };
}

describe('an address that a mail server refuses for good', () => {
  it('is marked as bounced on every contact with it, in the commit of the outcome, and shown', async () => {
    const { call, home, run, approve, contact } = await aScene(UNKNOWN);
    const action = await approve(await run('ada', MAIL));
    expect(action).toMatchObject({
      status: 'failed',
      error: { code: 'PROVIDER_ERROR', message: expect.stringMatching(/550 5\.1\.1 User unknown.*bounced/s) },
    });
    for (const id of ['ada', 'ada2']) {
      const shown = await contact(id);
      expect(shown).toMatchObject({ bounced: true, bounced_at: expect.stringMatching(/^20/) });
      expect(shown.consent_sources).toMatchObject([{ flag: 'bounced', value: '550 5.1.1 User unknown' }]);
    }
    expect(await contact('bea')).toMatchObject({ bounced: false });
    const { contacts } = await call('list_contacts', { filter: { bounced: true } });
    expect(contacts).toMatchObject([{ bounced: true }, { bounced: true }]);
    const lines = await commitLinesIn(home);
    expect(lines.filter((line) => line.includes('"bounced_at"') && line.includes('"to":"failed"'))).toHaveLength(1);
  });

  it('gets no further email, of any contact with it; the row of another proposal says that it bounced', async () => {
    const { sink, call, run, approve, resultOf } = await aScene(UNKNOWN);
    await approve(await run('ada', MAIL));
    for (const id of ['ada', 'ada2']) {
      const { blocked_actions } = await resultOf(await run(id, { ...MAIL, params: { subject: 'Again', message: id } }));
      expect(blocked_actions).toMatchObject([{ reason: expect.stringMatching(/bounced set.*refused the address/) }]);
    }
    await run('ada', NOTE);
    const { actions } = await call('list_pending_actions');
    expect(actions).toMatchObject([{ contact: { id: 'ada', bounced: true, bounced_at: expect.any(String) } }]);
    expect(sink.connections()).toBe(1);
  });

  it('says so on what already waited, and a yes to that is not carried out', async () => {
    const { sink, call, run, approve } = await aScene(UNKNOWN);
    const waited = await run('ada2', { ...MAIL, params: { subject: 'Before', message: 'Hi' } });
    const failed = await run('ada', MAIL);
    await approve(failed);
    const [row] = (await call('list_pending_actions')).actions;
    expect(row).toMatchObject({ ...waited, changed_since: [{ what: 'contact.bounced', before: false, after: true }] });
    expect(await approve(waited)).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('bounced'),
    });
    const [shown] = (await call('list_pending_actions', { status: 'failed' })).actions;
    const retried = await call('settle_action', { ...failed, outcome: 'retry', expected_digest: shown.digest });
    expect(retried.action).toMatchObject({ status: 'pending_approval', reason: expect.stringContaining('bounced') });
    expect(sink.connections()).toBe(1);
  });

  it('is written to again once a person lifts that', async () => {
    const { sink, house, run, approve, contact } = await aScene({
      recipient: (count) => (count === 0 ? { code: 550, words: 'no such user' } : undefined),
    });
    await approve(await run('ada', MAIL));
    const wanted = { address: wireAddress('ada@dead.example') ?? '' };
    const { digest, rows } = await liftable(house, wanted);
    expect(rows.map(({ id, flags }) => [id, flags])).toEqual([
      ['ada', ['bounced']],
      ['ada2', ['bounced']],
    ]);
    await liftConsent(house, PERSON, wanted, digest);
    const lifted = await contact('ada');
    expect(lifted.bounced).toBe(false);
    expect(lifted).not.toHaveProperty('bounced_at');
    expect(await approve(await run('ada', { ...MAIL, params: { subject: 'New', message: 'Hi' } }))).toMatchObject({
      status: 'executed',
    });
    expect(sink.mails).toHaveLength(1);
  });

  it('is still known after its contact was erased and came back', async () => {
    const { call, run, approve, resultOf } = await aScene(UNKNOWN);
    await approve(await run('ada', MAIL));
    for (const contact_id of ['ada', 'ada2']) await call('delete_contact', { contact_id });
    await call('import_contacts', { contacts: [{ id: 'back', email: 'ADA@dead.example' }] });
    const { blocked_actions } = await resultOf(await run('back', MAIL));
    expect(blocked_actions).toMatchObject([{ reason: expect.stringContaining('bounced') }]);
  });
});

it.each([
  [554, '5.7.1 you are blocked'],
  [550, '5.1.8 Sender domain not found'],
  [554, 'Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org'],
])('a refusal that speaks of the sender fails the email, and marks no address: %i %s', async (code, words) => {
  const { run, approve, contact } = await aScene({ recipient: () => ({ code, words }) });
  expect(await approve(await run('ada', MAIL))).toMatchObject({ status: 'failed' });
  expect(await contact('ada')).toMatchObject({ bounced: false });
});

it('an address that needs SMTPUTF8 fails where the server lacks it, and is no bounce', async () => {
  const { sink, call, run, approve, contact } = await aScene({ server: { hideSMTPUTF8: true } });
  await call('import_contacts', { contacts: [{ id: 'li', email: '用户@bücher.example', firstname: '用' }] });
  expect(await approve(await run('li', MAIL))).toMatchObject({
    status: 'failed',
    error: { message: expect.stringMatching(/用户@xn--bcher-kva\.example .*SMTPUTF8/) },
  });
  expect(sink.wire()).not.toMatch(/MAIL|RCPT|[^\r\n\x20-\x7e]/);
  expect(await contact('li')).toMatchObject({ bounced: false });
});

it('an address outside ASCII goes to a server that takes it, its domain in ASCII in the envelope and in the header', async () => {
  const { sink, call, run, approve } = await aScene({});
  await call('import_contacts', { contacts: [{ id: 'li', email: '用户@bücher.example', firstname: 'Jörg' }] });
  expect(await approve(await run('li', MAIL))).toMatchObject({ status: 'executed' });
  const wire = Buffer.from(sink.wire(), 'latin1').toString();
  expect(wire).toContain('RCPT TO:<用户@xn--bcher-kva.example>\r\n');
  expect(wire).toContain('<用户@xn--bcher-kva.example>\r\nSubject:');
  expect(wire.replaceAll('用户@', '')).toMatch(/^[\r\n\t\x20-\x7e]*$/);
  expect(sink.names).toEqual(['acme.example']);
});
