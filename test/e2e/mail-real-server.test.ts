import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LOGIN } from '../support/dovecot.ts';
import { anExim } from '../support/exim.ts';
import { written } from '../support/mail-messages.ts';
import { aMailScene, JANE } from '../support/mail-scene.ts';

/** The scene of mail with a real SMTP server in the place of a sink: Sam's mailbox and Jane's are on it. */
async function aRealScene() {
  const exim = await anExim();
  const scene = await aMailScene({ smtp: exim.url });
  exim.open(LOGIN.user, { maildir: scene.dovecot.maildir });
  exim.open(JANE.email);
  return {
    ...scene,
    exim,
    /** Time passes, until a mailbox is looked into again before an email goes. */
    async lookLater() {
      await exim.deliver();
      scene.later(60_000);
      await scene.look();
    },
    mailsOf: (address: string) => exim.files(address).map((file) => fs.readFileSync(file, 'utf8')),
    blockedFor: async (contact_id: string) => {
      const { run_id } = await scene.propose('And again', [contact_id]);
      const { run } = await scene.call('get_run', { run_id });
      return run.contact_results[0].blocked_actions[0]?.reason;
    },
  };
}

describe('an email by a real mail server', () => {
  it('is in the mailbox of its recipient, under the Message-ID that we know', async () => {
    const { exim, send, mailsOf } = await aRealScene();
    const { id } = await send('Hello');
    await exim.deliver();
    const [mail = '', ...others] = mailsOf(JANE.email);
    expect(others).toEqual([]);
    expect(mail).toContain(`\nMessage-ID: ${id}\n`);
    expect(mail).toMatch(/^Return-path: <sam@northwind\.example>\n/);
    expect(mail).toContain('\nSubject: Hello\n');
  });

  it('is answered by a person, whose answer we read in our mailbox', async () => {
    const { exim, send, lookLater, eventsOf } = await aRealScene();
    const { id } = await send('Hello');
    await exim.handIn({ from: JANE.email, to: LOGIN.user }, written('Yes!', { 'In-Reply-To': id }));
    await lookLater();
    expect(await eventsOf()).toMatchObject([{ type: 'replied', properties: { thread_id: id } }]);
  });

  it('is answered by the program of somebody who is away, which stops nothing', async () => {
    const { exim, send, lookLater, eventsOf, blockedFor } = await aRealScene();
    exim.open(JANE.email, { away: 'I am out of the office until Monday.' });
    const { id } = await send('Hello');
    await lookLater();
    expect(await eventsOf()).toMatchObject([
      { type: 'auto_replied', properties: { subject: 'Out of office: Hello', thread_id: id } },
    ]);
    expect(await blockedFor(JANE.id)).toBeUndefined();
  });

  it.each([
    ['nobody has', 'nobody@acme.example', undefined, { code: 550, enhanced: '5.1.1' }],
    ['was closed', 'closed@acme.example', '550 5.2.1 This mailbox is disabled', { code: 550, enhanced: '5.2.1' }],
  ])('comes back from an address that %s, with the code, and none goes there again', async (_, email, says, code) => {
    const { exim, call, send, lookLater, eventsOf, blockedFor } = await aRealScene();
    if (says !== undefined) exim.open(email, { says });
    await call('import_contacts', { contacts: [{ id: 'gone', email }] });
    const { id, ref } = await send('Hello', ['gone']);
    await lookLater();
    expect(await eventsOf('gone')).toMatchObject([{ type: 'bounced', properties: { ...code, thread_id: id } }]);
    expect((await call('get_contact', { contact_id: 'gone' })).contact).toMatchObject({ bounced: true });
    expect(await blockedFor('gone')).toContain('bounced');
    // What was sent stays sent: the server had taken it.
    const { run } = await call('get_run', { run_id: ref.run_id });
    expect(run.contact_results[0].proposed_actions[0].status).toBe('executed');
  });

  it.each([
    ['550 5.7.1 Message rejected as spam', '5.7.1'],
    ['550 5.1.8 Sender address rejected: Domain not found', '5.1.8'],
    ['550 Service unavailable; client host blocked using zen.spamhaus.org', '5.0.0'],
    ['554 Relaying denied', '5.0.0'],
  ])('comes back from a server that wants none of the sender: %s; and marks no address', async (says, enhanced) => {
    const { exim, call, send, lookLater, eventsOf } = await aRealScene();
    exim.open(JANE.email, { says });
    await send('Hello');
    await lookLater();
    const code = Number(says.slice(0, 3));
    expect(await eventsOf()).toMatchObject([{ type: 'bounced', properties: { code, enhanced } }]);
    expect((await call('get_contact', { contact_id: JANE.id })).contact.bounced).not.toBe(true);
  });

  it('comes back days later, where the recipient’s server put it off at first', async () => {
    const { exim, send, lookLater, eventsOf, blockedFor } = await aRealScene();
    exim.open(JANE.email, { says: '451 4.2.1 Try again later' });
    await send('Hello');
    await lookLater();
    expect(await eventsOf()).toEqual([]);
    exim.open(JANE.email, { says: '550 5.1.1 No such user' });
    await lookLater();
    expect(await eventsOf()).toMatchObject([{ type: 'bounced', properties: { code: 550, enhanced: '5.1.1' } }]);
    expect(await blockedFor(JANE.id)).toContain('bounced');
  });
});

describe('an answer that failed', () => {
  it('is not sent after all once another one to the same message went', async () => {
    const { exim, env, call, identity, look, later, mailsOf, approve } = await aRealScene();
    await exim.handIn({ from: JANE.email, to: LOGIN.user }, written('Can you help?'));
    await exim.deliver();
    await look();
    const answer = async (message: string) => {
      const propose = [{ type: 'email_message', params: { message, in_reply_to: '<answer@acme.example>' } }];
      const { agent } = await call('create_agent', {
        ...{ name: message, capabilities: ['email'], identity_id: identity.id },
        playbook: { rules: [{ name: 'all', propose }] },
      });
      const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids: [JANE.id] });
      return { run_id, contact_id: JANE.id, action_index: 0 };
    };
    env.COUNTERSIGN_SMTP = exim.url.replace(/:[^:@]+@/, ':wrong@');
    const first = await answer('Yes.');
    expect(await approve(first)).toMatchObject({ status: 'failed' });
    env.COUNTERSIGN_SMTP = exim.url;
    later(60_000);
    expect(await approve(await answer('Certainly.'))).toMatchObject({ status: 'executed' });
    const { digest } = (await call('list_pending_actions', { status: 'failed' })).actions[0];
    later(60_000);
    const { action } = await call('settle_action', { ...first, outcome: 'retry', expected_digest: digest });
    expect(action).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('another answer to the same message is executed already'),
    });
    await exim.deliver();
    expect(mailsOf(JANE.email)).toHaveLength(1);
  });
});
