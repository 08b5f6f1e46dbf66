import { describe, expect, it } from 'vitest';
import { leaveToken } from '../../src/domain/mail/way-out.ts';
import { liftable, liftConsent } from '../../src/engine/contacts/lift-consent.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { messageSource } from '../support/mail-messages.ts';
import { aMailScene, JANE, SAM } from '../support/mail-scene.ts';

const LEAVE = 'leave@northwind.example';
const BOB = { id: 'bob', email: 'bob@acme.example' };

/** Jane and Bob got an email each, with a way out. Gives the subject that Jane's mail program would write there. */
async function aLeavingScene(sender: Record<string, unknown> = {}) {
  const scene = await aMailScene();
  const { call, identity, send, sink } = scene;
  await call('import_contacts', { contacts: [BOB] });
  const saved = { ...SAM, unsubscribe_mailto: LEAVE, ...sender, gap_seconds: 0, identity_id: identity.id };
  await call('save_identity', saved);
  await send('Hello Jane');
  await send('Hello Bob', [BOB.id]);
  const head = (sink.mails[0]?.text ?? '').replace(/\r\n[ \t]+/g, ' ');
  const [, address, subject = ''] = /^List-Unsubscribe: <mailto:([^?]+)\?subject=([^>]+)>/m.exec(head) ?? [];
  expect(address).toBe(saved.unsubscribe_mailto);
  const flagOf = async (contact_id: string) =>
    (await call('get_contact', { contact_id })).contact.do_not_email === true;
  /** Who may get no more outreach, and why: an agent that writes to both says so. */
  const blocked = async () => {
    const { run_id } = await scene.propose('And again', [JANE.id, BOB.id]);
    const { run } = await call('get_run', { run_id });
    const results: { contact_id: string; blocked_actions: unknown[] }[] = run.contact_results;
    return results.filter((one) => one.blocked_actions.length > 0).map((one) => one.contact_id);
  };
  return { ...scene, saved, subject: decodeURIComponent(subject), flagOf, blocked };
}

describe('a message to the address of List-Unsubscribe', () => {
  it('is the objection of whoever its token names, although another address sends it', async () => {
    const { answer, subject, look, eventsOf, flagOf, blocked } = await aLeavingScene();
    expect(subject).toMatch(/^unsubscribe [\w-]{50,}$/);
    answer('', { From: 'Jane <jane@private.example>', To: LEAVE, Subject: subject });
    await look();
    expect(await eventsOf()).toMatchObject([{ type: 'unsubscribed', properties: { from: 'jane@private.example' } }]);
    expect([await flagOf('jane'), await flagOf('bob')]).toEqual([true, false]);
    expect(await blocked()).toEqual(['jane']);
  });

  it('takes back what was approved for the address before', async () => {
    const { answer, subject, look, later, propose, actionOf, approve, sink, call, saved, house } =
      await aLeavingScene();
    await call('save_identity', { ...saved, gap_seconds: 3_600 });
    const ref = await propose('Once more');
    expect((await approve(ref)).status).toBe('approved');
    answer('', { From: 'Jane <jane@private.example>', To: LEAVE, Subject: subject });
    await look();
    later(7_200_000);
    await recover(house);
    await house.executing;
    expect(await actionOf(ref)).toMatchObject({ status: 'pending_approval' });
    expect(await approve(ref)).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('do_not_email'),
    });
    expect(sink.mails).toHaveLength(2);
  });

  it('may hold its token in the text, and is found by what servers write of its way', async () => {
    const { answer, subject, look, flagOf } = await aLeavingScene();
    const [, token] = subject.split(' ');
    answer(`${token}\n`, {
      From: 'x@relay.example',
      To: 'team@northwind.example',
      'Delivered-To': LEAVE,
      Subject: 'Bye',
    });
    await look();
    expect(await flagOf('jane')).toBe(true);
  });

  it.each(['was erased', 'has another one by now'])(
    'holds for an address when it comes back whose contact %s',
    async (how) => {
      const { answer, subject, look, call, propose } = await aLeavingScene();
      if (how === 'was erased') await call('delete_contact', { contact_id: JANE.id });
      else await call('import_contacts', { contacts: [{ id: JANE.id, email: 'jane@new.example' }] });
      answer('', { From: 'Jane <jane@private.example>', To: LEAVE, Subject: subject });
      await look();
      await call('import_contacts', { contacts: [{ id: 'again', email: JANE.email }] });
      const { run_id } = await propose('And again', ['again']);
      const { run } = await call('get_run', { run_id });
      expect(run.contact_results[0].blocked_actions).toMatchObject([
        { reason: expect.stringContaining('do_not_email') },
      ]);
    },
  );

  it('counts after the sender has another such address', async () => {
    const { answer, subject, look, flagOf, call, saved } = await aLeavingScene();
    await call('save_identity', { ...saved, unsubscribe_mailto: 'out@northwind.example' });
    answer('', { From: 'jane@private.example', To: LEAVE, Subject: subject });
    await look();
    expect(await flagOf('jane')).toBe(true);
  });

  it('counts for the contact who was written to, where they have another address by now', async () => {
    const { answer, subject, look, flagOf, call } = await aLeavingScene();
    await call('import_contacts', { contacts: [{ id: 'jane', email: 'j.doe@acme.example' }] });
    answer('', { From: 'jane@private.example', To: LEAVE, Subject: subject });
    await look();
    expect(await flagOf('jane')).toBe(true);
  });

  it('without a token is the objection of who sends it, if we wrote to them', async () => {
    const { answer, look, flagOf, eventsOf, call } = await aLeavingScene();
    await call('import_contacts', { contacts: [{ id: 'eve', email: 'eve@acme.example' }] });
    answer('Please.', { From: 'Bob <BOB@acme.example>', Cc: LEAVE, Subject: 'Hm', 'Message-ID': '<1@x.example>' });
    answer('Please.', { From: 'eve@acme.example', To: LEAVE, Subject: 'Hm', 'Message-ID': '<2@x.example>' });
    answer('Please.', { From: 'x@nobody.example', To: LEAVE, Subject: 'Hm', 'Message-ID': '<3@x.example>' });
    await look();
    expect([await flagOf('bob'), await flagOf('jane'), await flagOf('eve')]).toEqual([true, false, false]);
    expect(await eventsOf('bob')).toMatchObject([{ type: 'unsubscribed' }]);
    expect(await eventsOf('eve')).toEqual([]);
  });

  it('with a token that this home didn’t make says nothing about anybody else', async () => {
    const { answer, subject, look, flagOf, eventsOf } = await aLeavingScene();
    const foreign = leaveToken(Buffer.alloc(32, 7), { message: 'a.1', address: JANE.email });
    // Its first letter: the last one may hold bits that nobody reads.
    const altered = `${subject.at(12) === 'A' ? 'B' : 'A'}${subject.slice(13)}`;
    for (const [at, token] of [foreign, altered, JANE.email].entries())
      answer('', { From: 'eve@evil.example', To: LEAVE, Subject: `unsubscribe ${token}`, 'Message-ID': `<${at}@x.y>` });
    await look();
    expect([await flagOf('jane'), await flagOf('bob')]).toEqual([false, false]);
    expect(await eventsOf()).toEqual([]);
  });

  it('can be lifted by a person, and counts no second time', async () => {
    const { dovecot, env, answer, subject, look, flagOf, house, identity, eventsOf } = await aLeavingScene();
    answer('', { From: 'jane@private.example', To: LEAVE, Subject: subject });
    await look();
    const wanted = { column: 'mailbox', import_id: identity.id };
    const { digest, rows } = await liftable(house, wanted);
    expect(rows).toHaveLength(1);
    await liftConsent(house, { user: 'maya' }, wanted, digest);
    env.COUNTERSIGN_IMAP_PORT = String(dovecot.port);
    await look();
    expect(await flagOf('jane')).toBe(false);
    expect(await eventsOf()).toHaveLength(1);
  });

  it('that answers come to as well is an answer, unless its token or its text says otherwise', async () => {
    const { answer, subject, look, flagOf, eventsOf } = await aLeavingScene({ unsubscribe_mailto: SAM.email });
    answer('Tell me more', { 'Message-ID': '<1@x.example>' });
    answer('Tell me more', { From: BOB.email, 'Message-ID': '<2@x.example>' });
    await look();
    expect([await flagOf('jane'), await flagOf('bob')]).toEqual([false, false]);
    expect(await eventsOf('bob')).toMatchObject([{ type: 'replied' }]);
    answer('Sent from my phone', { Subject: subject, 'Message-ID': '<3@x.example>' });
    answer('Unsubscribe', { From: BOB.email, 'Message-ID': '<4@x.example>' });
    await look();
    expect([await flagOf('jane'), await flagOf('bob')]).toEqual([true, true]);
  });

  it('that could not be delivered is a bounce', async () => {
    const { dovecot, look, eventsOf } = await aLeavingScene();
    dovecot.deliver(
      messageSource('bounce-postfix')
        .toString('latin1')
        .replace(/^To: .*$/m, `To: ${LEAVE}`),
    );
    await look();
    expect(await eventsOf()).toMatchObject([{ type: 'bounced' }]);
  });
});

describe('a message from an address of the sender', () => {
  it('is no reply, although a contact has the address, or the mailbox gets the copies', async () => {
    const own = { reply_to: 'answers@northwind.example', bcc: 'crm@northwind.example' };
    const { answer, look, eventsOf, call, sink, dovecot } = await aLeavingScene(own);
    await call('import_contacts', { contacts: Object.values(own).map((email) => ({ id: email, email })) });
    for (const [at, email] of Object.values(own).entries())
      answer('Noted.', { From: email, 'Message-ID': `<own${at}@x.example>` });
    for (const { text } of sink.mails) dovecot.deliver(text);
    await look();
    for (const id of ['jane', 'bob', ...Object.values(own)]) expect(await eventsOf(id)).toEqual([]);
  });

  it('is one where we write to that address, so that an identity which has it silences nobody', async () => {
    const { answer, look, eventsOf, call, propose } = await aLeavingScene();
    await call('import_contacts', { contacts: [{ id: 'eve', email: 'eve@acme.example' }] });
    await propose('A draft that waits', ['eve']);
    const given = [JANE.email, BOB.email, 'eve@acme.example'];
    for (const [at, field] of ['email', 'reply_to', 'bcc'].entries())
      await call('save_identity', { name: 'Ours', email: 'ours@northwind.example', [field]: given[at] });
    for (const [at, email] of given.entries())
      answer('Yes', { From: `${email}`, 'Message-ID': `<yes${at}@x.example>` });
    await look();
    for (const each of ['jane', 'bob', 'eve']) expect(await eventsOf(each)).toMatchObject([{ type: 'replied' }]);
  });

  it('is none of the contact with that address where it is our own email, as when one tries it out on oneself', async () => {
    const { answer, look, eventsOf, call, send, sink, dovecot } = await aMailScene();
    await call('import_contacts', { contacts: [{ id: 'sam', email: SAM.email }] });
    await send('To myself', ['sam']);
    for (const { text } of sink.mails) dovecot.deliver(text);
    await look();
    expect(await eventsOf('sam')).toEqual([]);
    answer('It works', { From: SAM.email });
    await look();
    expect(await eventsOf('sam')).toMatchObject([{ type: 'replied' }]);
  });
});
