import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { liftable, liftConsent } from '../../src/engine/contacts/lift-consent.ts';
import { lookIntoAll } from '../../src/engine/mail/mailboxes.ts';
import { keptIn } from '../support/kept-in.ts';
import { messageSource } from '../support/mail-messages.ts';
import { aMailScene, JANE } from '../support/mail-scene.ts';

/** A message of the folder of messages, as it answers, returns or complains of a message of ours. */
function about(name: string, id: string, replaced: Record<string, string> = {}): string {
  let text = messageSource(name).toString('latin1').replaceAll('<3f9a1c7be2d84f60@northwind.example>', id);
  for (const [from, to] of Object.entries(replaced)) text = text.replaceAll(from, to);
  return text;
}

describe('an answer in the mailbox', () => {
  it('is an event of the contact who was written to', async () => {
    const { send, answer, look, eventsOf, identity } = await aMailScene();
    const { id } = await send('Hello');
    answer('Yes!', { From: 'Jane <j.doe@other.example>', 'In-Reply-To': id, References: `<first@x.example> ${id}` });
    await look();
    expect(await eventsOf()).toEqual([
      {
        contact_id: 'jane',
        type: 'replied',
        timestamp: expect.any(String),
        message_id: 'mail:<answer@acme.example>:replied',
        properties: {
          subject: 'Re: A question about your warehouse',
          message_id: '<answer@acme.example>',
          in_reply_to: id,
          references: ['<first@x.example>', id],
          thread_id: id,
          from: 'j.doe@other.example',
          identity_id: identity.id,
        },
      },
    ]);
  });

  it('is an event of every contact with the address, where it names no message of ours', async () => {
    const { call, answer, look, eventsOf } = await aMailScene();
    await call('import_contacts', { contacts: [{ id: 'jane2', email: 'Jane@ACME.example' }] });
    answer('Who are you?');
    await look();
    for (const id of ['jane', 'jane2']) {
      const events = await eventsOf(id);
      expect(events).toMatchObject([{ type: 'replied', contact_id: id }]);
      expect(events[0].properties).not.toHaveProperty('from');
    }
  });

  it('is one of both, the contact whom we wrote to and the contact who answers in their place', async () => {
    const { call, send, answer, look, eventsOf } = await aMailScene();
    await call('import_contacts', { contacts: [{ id: 'bob', email: 'bob@acme.example' }] });
    const { id } = await send('Hello');
    answer('Please remove us', { From: 'Bob <bob@acme.example>', 'In-Reply-To': id });
    await look();
    expect(await eventsOf()).toMatchObject([{ type: 'unsubscribed', properties: { from: 'bob@acme.example' } }]);
    expect(await eventsOf('bob')).toMatchObject([
      { type: 'unsubscribed', properties: { subject: expect.any(String) } },
    ]);
    for (const contact_id of ['jane', 'bob'])
      expect((await call('get_contact', { contact_id })).contact).toMatchObject({ do_not_email: true });
  });

  it('is answered to the contact who wrote it, and to nobody else', async () => {
    const { call, send, answer, look, eventsOf, identity } = await aMailScene();
    await call('import_contacts', { contacts: [{ id: 'bob', email: 'bob@acme.example' }] });
    const { id } = await send('Hello');
    answer('I decide on that', { From: 'Bob <bob@acme.example>', 'In-Reply-To': id });
    await look();
    expect((await eventsOf())[0].properties).not.toHaveProperty('message_id');
    const params = { message: 'Hi', in_reply_to: '<answer@acme.example>' };
    const { agent } = await call('create_agent', {
      ...{ name: 'Support', capabilities: ['email'], identity_id: identity.id },
      playbook: { rules: [{ name: 'all', propose: [{ type: 'email_message', params }] }] },
    });
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids: ['jane', 'bob'] });
    const [jane, bob] = (await call('get_run', { run_id })).run.contact_results;
    expect(jane.blocked_actions).toMatchObject([
      { reason: expect.stringContaining('no message that this contact wrote') },
    ]);
    expect(bob.proposed_actions).toMatchObject([{ status: 'pending_approval', params }]);
  });

  it('counts once, however often and by whomever it is read', async () => {
    const { send, answer, look, later, another, eventsOf } = await aMailScene();
    const { id } = await send('Hello');
    answer('Yes', { 'In-Reply-To': id });
    await Promise.all([look(), look()]);
    const other = another();
    later(60_000);
    await Promise.all([lookIntoAll(other, 0), look()]);
    expect(await eventsOf()).toHaveLength(1);
  });

  it('from nobody that is known comes to nothing, and nothing of it is kept', async () => {
    const { home, call, send, answer, look, house, eventsOf } = await aMailScene();
    await send('Hello');
    const { total } = await call('list_contacts');
    answer('Secret words', { From: 'Eve <eve@acme.exampIe>', Subject: 'A look-alike' });
    answer('Secret words', { From: '"jane@acme.example" <eve@evil.example>', Subject: 'A name' });
    answer('Secret words', { From: 'Eve <eve@evil.example>', 'In-Reply-To': `<${'a'.repeat(16)}.1@x.example>` });
    const before = await house.read((view) => view.commits());
    await look();
    expect(await eventsOf()).toEqual([]);
    expect((await call('list_contacts')).total).toBe(total);
    expect(await keptIn(home)).not.toMatch(/eve@|Secret words|look-alike/);
    expect(await house.read((view) => view.commits())).toBe(before + 1);
    await look();
    expect(await house.read((view) => view.commits())).toBe(before + 1);
  });

  it('keeps what was written only where config.json says so', async () => {
    const { home, answer, look, later, eventsOf } = await aMailScene();
    answer('My own words', { 'Message-ID': '<one@acme.example>' });
    await look();
    expect(await keptIn(home)).not.toContain('My own words');
    fs.writeFileSync(path.join(home, 'config.json'), '{"mail": {"bodies": true}}');
    answer('Kept words\n\n> quoted words', { 'Message-ID': '<two@acme.example>' });
    later(60_000);
    await look();
    const [first, second] = await eventsOf();
    expect([first.properties, second.properties].map(({ body }) => body).sort()).toEqual(['Kept words', undefined]);
    expect(await keptIn(home)).toContain('quoted words');
  });

  it('goes with its contact', async () => {
    const { home, call, send, answer, look } = await aMailScene();
    fs.writeFileSync(path.join(home, 'config.json'), '{"mail": {"bodies": true}}');
    const { id } = await send('Hello');
    answer('Kept words', { 'In-Reply-To': id });
    await look();
    expect(await keptIn(home)).toContain('Kept words');
    await call('delete_contact', { contact_id: JANE.id });
    expect(await keptIn(home)).not.toMatch(/Kept words|answer@acme\.example|jane@acme/);
    answer('Again', { 'In-Reply-To': id, 'Message-ID': '<again@acme.example>' });
    await look();
    expect(await keptIn(home)).not.toMatch(/again@acme/);
  });
});

describe('what else comes to the mailbox', () => {
  it('counts as no answer where a program wrote it', async () => {
    const { dovecot, call, send, propose, look, eventsOf } = await aMailScene();
    const { id } = await send('Hello');
    const { run_id } = await propose('And again');
    dovecot.deliver(about('away-microsoft365', id));
    await look();
    expect(await eventsOf()).toMatchObject([{ type: 'auto_replied' }]);
    const { actions } = await call('list_pending_actions', { run_id });
    expect(actions[0].changed_since).toBeUndefined();
  });

  it('marks an address that a mail server refused for good, and no email goes there', async () => {
    const { dovecot, call, send, propose, look, eventsOf, identity } = await aMailScene();
    const { id } = await send('Hello');
    dovecot.deliver(about('bounce-postfix', id));
    await look();
    expect(await eventsOf()).toMatchObject([
      { type: 'bounced', properties: { code: 550, enhanced: '5.1.1', identity_id: identity.id, thread_id: id } },
    ]);
    const { contact } = await call('get_contact', { contact_id: 'jane' });
    expect(contact).toMatchObject({ bounced: true, bounced_at: expect.any(String) });
    expect(contact.consent_sources).toMatchObject([{ flag: 'bounced', column: 'mailbox', import_id: identity.id }]);
    const { run_id } = await propose('And again');
    const { run } = await call('get_run', { run_id });
    expect(run.contact_results[0].blocked_actions[0].reason).toContain('bounced set');
  });

  it.each([
    ['complained', 'complaint-yahoo'],
    ['unsubscribed', 'unsubscribe-gmail'],
  ])('is an objection where somebody %s, until a person lifts it', async (type, name) => {
    const { dovecot, env, call, house, send, look, eventsOf, identity } = await aMailScene();
    const { id } = await send('Hello');
    dovecot.deliver(about(name, id));
    await look();
    expect(await eventsOf()).toMatchObject([{ type }]);
    const flag = async () => (await call('get_contact', { contact_id: 'jane' })).contact.do_not_email;
    expect(await flag()).toBe(true);
    const wanted = { column: 'mailbox', import_id: identity.id };
    const { digest, rows } = await liftable(house, wanted);
    expect(rows[0]?.sources[0]?.value).toMatch(new RegExp(`^${type} `));
    await liftConsent(house, { user: 'maya' }, wanted, digest);
    // A mailbox at another place is read from its beginning: the message comes again, and counts no second time.
    env.COUNTERSIGN_IMAP_PORT = String(dovecot.port);
    await look();
    expect(await eventsOf()).toHaveLength(1);
    expect(await flag()).toBe(false);
  });

  it('is nothing where a report names nobody that was written to', async () => {
    const { dovecot, look, eventsOf } = await aMailScene();
    dovecot.deliver(about('bounce-postfix', '<foreign@x.example>'));
    dovecot.deliver(about('complaint-yahoo', '<foreign@x.example>'));
    await look();
    expect(await eventsOf()).toEqual([]);
  });
});
