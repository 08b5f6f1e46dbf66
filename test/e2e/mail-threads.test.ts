import fs from 'node:fs';
import path from 'node:path';
import PostalMime from 'postal-mime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { approvalQuestion } from '../../src/engine/review/questions.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { inProcess } from '../support/in-process.ts';
import { aMailScene, JANE, SAM } from '../support/mail-scene.ts';
import { aMailSink } from '../support/mail-sink.ts';
import { accept } from '../support/person.ts';
import { startServer } from '../support/server.ts';
import { TRUSTING } from '../support/trusting.ts';

const NEWEST = "{% assign last = events | where: 'type', 'replied' | last %}{{ last.properties.message_id }}";
const REPLY = { message: 'We mend it today.', in_reply_to: NEWEST };
const DAY = 86_400_000;
const DECLINED = { action: 'decline' };
type MailEvent = { properties: { message_id: string; thread_id?: string } };
const ASK = { Subject: 'Export fails', 'Message-ID': '<ask@acme.example>' };

/** A customer who was written to and wants no more of it, and who may be answered by rules. */
async function support(approval: Record<string, unknown> = {}) {
  const scene = await aMailScene();
  const { call, home } = scene;
  fs.writeFileSync(path.join(home, 'config.json'), '{"mail": {"bodies": true}}');
  const { id } = await scene.send('Hello');
  await call('import_contacts', { contacts: [{ ...JANE, do_not_email: true }] });
  const more = { signature: 'Sam Rivera', unsubscribe_mailto: 'leave@northwind.example', gap_seconds: 0 };
  await call('save_identity', { ...SAM, identity_id: scene.identity.id, ...more });
  const run = async (params: Record<string, unknown>, contact_id = JANE.id) => {
    const { agent, warnings } = await call('create_agent', {
      ...{ name: `Support ${params.message}`, capabilities: ['email'], identity_id: scene.identity.id, approval },
      limits: { cooldown_days: 30, max_per_contact_per_week: 1 },
      playbook: { rules: [{ name: 'answer', propose: [{ type: 'email_message', params }] }] },
    });
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids: [contact_id] });
    const { run: found } = await call('get_run', { run_id, contact_id });
    const ref = { run_id, contact_id, action_index: 0 };
    return { agent, warnings, ref, result: found.contact_results[0] };
  };
  return { ...scene, id, run };
}

describe("support's answer to a customer who wants no more emails", () => {
  it('goes out when a person says so, and only then, in its thread', async () => {
    const { answer, look, run, sink, approve, house, call } = await support();
    answer('Exports of more than 1,000 rows fail.\n\nCan you help?\n\n> old words', ASK);
    await look();
    const outreach = await run({ subject: 'An offer', message: 'Buy' });
    expect(outreach.result.blocked_actions).toMatchObject([{ reason: 'the contact has do_not_email set' }]);
    const { ref, result } = await run(REPLY);
    expect(result).toMatchObject({
      blocked_actions: [],
      proposed_actions: [{ params: { subject: 'Re: Export fails', in_reply_to: '<ask@acme.example>' } }],
    });
    const [row] = (await call('list_pending_actions', { run_id: ref.run_id })).actions;
    expect(row.answers).toEqual({
      ...{ subject: 'Export fails', at: expect.any(String), although: 'the contact has do_not_email set' },
      quoted: { characters: 65, of: 65 },
    });
    const { text } = await approvalQuestion(house, { ...ref, expected_digest: row.digest });
    expect(text).toMatch(/Answers: their message "Export fails" of \d{4}-\d\d-\d\d \d\d:\d\d UTC$/m);
    expect(text).toContain('Although: the contact has do_not_email set; this is an answer to what they wrote');
    expect(text).toContain('Quoted below it, all 65 characters of their message:');
    expect(text).toContain('> Can you help?');
    expect(text).not.toContain('To unsubscribe');

    const before = sink.mails.length;
    expect((await approve(ref)).status).toBe('executed');
    const sent = sink.mails.slice(before);
    expect(sent.map(({ to }) => to)).toEqual([['jane@acme.example']]);
    const source = sent[0]?.text ?? '';
    const mail = await PostalMime.parse(source);
    expect(mail).toMatchObject({
      ...{ subject: 'Re: Export fails', inReplyTo: '<ask@acme.example>', references: '<ask@acme.example>' },
      to: [{ address: 'jane@acme.example' }],
    });
    expect(source).not.toMatch(/^List-/im);
    expect(mail.text).toMatch(
      /^We mend it today\.\n\nSam Rivera\n\nOn .* at \d\d:\d\d UTC, Jane wrote:\n> Exports of more than 1,000 rows fail\.\n>\n> Can you help\?\n>\n>> old words\n$/,
    );
  });

  it('goes to the address of the contact, whoever wrote the message, and says where that came from', async () => {
    const { answer, look, run, sink, approve, house, call, id } = await support();
    const from = { From: 'Jane <jane@evil.example>', 'Reply-To': 'jane@evil.example' };
    answer('Send me the invoice', { ...ASK, ...from, 'In-Reply-To': id });
    await look();
    const { ref } = await run(REPLY);
    const [row] = (await call('list_pending_actions', { run_id: ref.run_id })).actions;
    const { text } = await approvalQuestion(house, { ...ref, expected_digest: row.digest });
    expect(row.answers.from).toBe('jane@evil.example');
    expect(text).toContain('which came from another address: jane@evil.example');
    await approve(ref);
    expect(sink.mails.at(-1)?.to).toEqual(['jane@acme.example']);
    expect(sink.mails.at(-1)?.text).not.toContain('evil.example');
  });

  it('never goes unasked, although its agent may send other emails by itself', async () => {
    const { answer, look, run, sink, call } = await support({ require_approval: false });
    await call('import_contacts', { contacts: [{ id: 'joe', email: 'joe@acme.example' }] });
    answer('Can you help?', ASK);
    answer('Can you help?', { ...ASK, From: 'joe@acme.example', 'Message-ID': '<joe@acme.example>' });
    await look();
    const { result, agent, warnings } = await run(REPLY);
    expect(agent.approval.unasked).toMatchObject({ granted: true, types: ['email_message'] });
    expect(warnings.join('\n')).toContain('it always waits for your yes');
    const joe = await run({ ...REPLY, message: 'To Joe' }, 'joe');
    expect([result, joe.result].map(({ proposed_actions: [action] }) => action.status)).toEqual([
      'pending_approval',
      'pending_approval',
    ]);
    const other = await run({ subject: 'News', message: 'To Joe, by itself' }, 'joe');
    expect(other.result.proposed_actions).toMatchObject([{ auto_approved: true }]);
    await expect.poll(() => sink.mails.at(-1)?.text).toContain('To Joe, by itself');
    expect(sink.mails.filter(({ text }) => text.includes('We mend it'))).toEqual([]);
  });

  it.each([
    ['do_not_contact', 'the contact has do_not_contact set'],
    ['bounced', 'the contact has bounced set: '],
  ])('is stopped by %s', async (flag, reason) => {
    const { answer, look, run, call } = await support();
    answer('Can you help?', ASK);
    await look();
    await call('import_contacts', { contacts: [{ ...JANE, [flag]: true }] });
    const { result } = await run(REPLY);
    expect(result).toMatchObject({
      proposed_actions: [],
      blocked_actions: [{ reason: expect.stringContaining(reason) }],
    });
  });

  it('does not go where the customer wrote again meanwhile, until a person has seen that', async () => {
    const { answer, look, later, run, sink, approve, actionOf, call } = await support();
    answer('Can you help?', ASK);
    await look();
    const { ref } = await run(REPLY);
    const before = sink.mails.length;
    expect((await actionOf(ref)).changed_since).toBeUndefined();
    later(60_000);
    answer('Solved, thanks', { ...ASK, Subject: 'Solved', 'Message-ID': '<two@acme.example>' });
    expect(await approve(ref)).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('the contact replied: "Solved"'),
    });
    expect(sink.mails).toHaveLength(before);
    const [row] = (await call('list_pending_actions', { run_id: ref.run_id })).actions;
    expect(row.changed_since).toMatchObject([{ what: 'replied', after: 'Solved' }]);
    expect((await approve(ref)).status).toBe('executed');
  });
});

describe('a thread', () => {
  it('goes on from answer to answer, by References and In-Reply-To', async () => {
    const { send, answer, look, run, approve, sink, eventsOf, call } = await support();
    await call('import_contacts', { contacts: [{ id: 'joe', email: 'joe@acme.example' }] });
    const { id } = await send('Hello', ['joe']);
    const joe = { From: 'Joe <joe@acme.example>', Subject: 'AW: Re: Hello' };
    answer('Yes?', {
      ...joe,
      'Message-ID': '<j1@acme.example>',
      'In-Reply-To': id,
      References: `<root@x.example> ${id}`,
    });
    await look();
    const first = await run(REPLY, 'joe');
    await approve(first.ref);
    const mail = await PostalMime.parse(sink.mails.at(-1)?.text ?? '');
    expect(mail).toMatchObject({
      ...{ subject: 'Re: Hello', inReplyTo: '<j1@acme.example>' },
      references: `<root@x.example> ${id} <j1@acme.example>`,
    });
    // A program that keeps no References: what it answers is enough.
    answer('Thanks', { ...joe, 'Message-ID': '<j2@acme.example>', 'In-Reply-To': mail.messageId ?? '' });
    await look();
    const threads = (await eventsOf('joe')).map(({ properties }: MailEvent) => properties);
    const of = (ours: string | undefined) => expect.objectContaining({ thread_id: id, in_reply_to: ours });
    expect(threads).toEqual(expect.arrayContaining([of(id), of(mail.messageId)]));
  });

  it('that the contact began is known by its first message', async () => {
    const { answer, look, run, approve, sink, eventsOf } = await support();
    answer('Can you help?', ASK);
    await look();
    await approve((await run(REPLY)).ref);
    const { messageId = '' } = await PostalMime.parse(sink.mails.at(-1)?.text ?? '');
    const more = { 'Message-ID': '<two@acme.example>', 'In-Reply-To': messageId };
    answer('Thanks', { ...ASK, ...more, References: `<ask@acme.example> ${messageId}` });
    await look();
    const found = (await eventsOf()).find(({ properties }: MailEvent) => properties.message_id.includes('two@'));
    expect(found.properties.thread_id).toBe('<ask@acme.example>');
  });
});

describe("the sender's hours", () => {
  it('hold an answer, which goes back to a person where its message has grown older than 30 days by then', async () => {
    const sink = await aMailSink();
    let now = Date.parse('2026-03-06T18:00:00Z');
    const env = { ...TRUSTING, COUNTERSIGN_SMTP: sink.url() };
    const { call, house } = inProcess({ env, now: () => new Date(now) });
    const { imap_url_env: _, ...sender } = SAM;
    const { identity } = await call('save_identity', { ...sender, send_hours: 'Mon-Fri 09:00-17:00 UTC' });
    const asked = (contact_id: string, days: number) => ({
      ...{ contact_id, type: 'track', name: 'Support Ticket Opened' },
      ...{
        timestamp: new Date(now - days * DAY).toISOString(),
        properties: { message_id: `<${contact_id}@x.example>` },
      },
    });
    await call('import_contacts', {
      contacts: ['old', 'new'].map((id) => ({ id, email: `${id}@x.example`, do_not_email: true })),
      events: [asked('old', 29), asked('new', 1)],
    });
    const propose = [
      { type: 'email_message', params: { message: 'Yes.', in_reply_to: '<{{ contact.id }}@x.example>' } },
    ];
    const { agent } = await call('create_agent', {
      ...{ name: 'Support', capabilities: ['email'], identity_id: identity.id },
      playbook: { rules: [{ name: 'answer', propose }] },
    });
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids: ['old', 'new'] });
    const { review_token } = await call('list_pending_actions');
    await call('review_actions', { decision: 'approve', review_token });
    const found = async (contact_id: string) =>
      (await call('get_run', { run_id, contact_id })).run.contact_results[0].proposed_actions[0];
    for (const id of ['old', 'new'])
      await expect.poll(() => found(id)).toMatchObject({ status: 'approved', waits: { until: expect.any(String) } });
    now = Date.parse('2026-03-09T09:01:00Z');
    await recover(house);
    await house.executing;
    expect(await found('old')).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringMatching(
        /^Back to review: in_reply_to names a message of .*, and only one of the last 30 days/,
      ),
    });
    expect((await found('new')).status).toBe('executed');
    expect(sink.mails.map(({ to }) => to)).toEqual([['new@x.example']]);
  });
});

describe('an answer by the built server', () => {
  it('takes the word of a person in a form', async () => {
    const sink = await aMailSink();
    const answers = [DECLINED, accept({ decision: 'leave it waiting' }), accept({ decision: 'approve' })];
    const onForm = () => answers.shift() ?? DECLINED;
    const server = await startServer({ env: { COUNTERSIGN_SMTP: sink.url() }, onForm });
    onTestFinished(() => server.close());
    const properties = { message_id: '<ask@acme.example>', subject: 'Export fails', message: 'Can you help?' };
    await server.call('import_contacts', {
      contacts: [{ ...JANE, do_not_email: true }],
      events: [{ contact_id: 'jane', type: 'track', name: 'Support Ticket Opened', properties }],
    });
    const { imap_url_env: _, ...sender } = SAM;
    const { identity } = await server.call('save_identity', sender);
    const { agent } = await server.call('create_agent', {
      ...{ name: 'Support', capabilities: ['email'], identity_id: identity.id },
      playbook: {
        rules: [
          {
            ...{ name: 'answer', when: { events: [{ match: { name: 'Support Ticket Opened' }, within: '7d' }] } },
            propose: [
              {
                type: 'email_message',
                params: { message: 'Yes.', in_reply_to: '{{ events.last.properties.message_id }}' },
              },
            ],
          },
        ],
      },
    });
    const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
    const at = { run_id, contact_id: 'jane', action_index: 0 };
    for (const _ of ['a decline', 'leave it waiting']) {
      expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({ code: 'FORBIDDEN' });
      expect(sink.mails).toEqual([]);
    }
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action.status).toBe('executed');
    const mail = await PostalMime.parse(sink.mails[0]?.text ?? '');
    expect(mail).toMatchObject({ inReplyTo: '<ask@acme.example>', subject: 'Re: Export fails' });
    expect(mail.text).toContain('> Can you help?');
  });
});
