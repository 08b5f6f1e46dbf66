import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dossierOf } from '../../src/engine/review/dossier.ts';
import { DAY, Desk } from '../support/desk.ts';

const ASK = { message_id: '<ask@example.com>', subject: 'Export fails', message: 'Can you help?' };
const ANSWER = { type: 'email_message', params: { message: 'Yes.', in_reply_to: '<ask@example.com>' } };
const OUTREACH = { type: 'email_message', params: { subject: 'News', message: 'Buy' } };

/** Ann opened a ticket, wants no outreach, and an agent proposes something. */
class Tickets extends Desk {
  asked(since = 0, properties: Record<string, unknown> = ASK, more: Record<string, unknown> = {}) {
    return this.heard('Support Ticket Opened', since, { properties, ...more });
  }

  async proposal(params: Record<string, unknown>, contact_id = 'ann') {
    const agent_id = await this.agent({}, [{ type: 'email_message', params }]);
    const run_id = await this.run(agent_id, [contact_id]);
    const { run } = await this.call('get_run', { run_id, contact_id });
    const { proposed_actions, blocked_actions } = run.contact_results[0];
    const ref = { run_id, contact_id, action_index: 0 };
    return { run_id, ref, action: proposed_actions[0], reason: blocked_actions[0]?.reason };
  }

  async actionOf({ run_id, contact_id }: { run_id: string; contact_id: string }) {
    const { run } = await this.call('get_run', { run_id, contact_id });
    return run.contact_results[0].proposed_actions[0];
  }
}

async function aDesk(since = 0, properties?: Record<string, unknown>): Promise<Tickets> {
  const desk = new Tickets();
  await desk.contact({ do_not_email: true });
  await desk.asked(since, properties);
  return desk;
}

describe('a proposal that answers what the contact wrote', () => {
  it('waits although the contact wants no emails, and has the subject of the message behind one Re:', async () => {
    const desk = await aDesk(0, { ...ASK, subject: 'RE: Aw: Export fails' });
    const { action } = await desk.proposal(ANSWER.params);
    expect(action).toMatchObject({ status: 'pending_approval', params: { subject: 'Re: Export fails' } });
    expect((await desk.proposal(OUTREACH.params)).reason).toBe('the contact has do_not_email set');
  });

  it('keeps the subject that it brings', async () => {
    const desk = await aDesk();
    const { action } = await desk.proposal({ ...ANSWER.params, subject: 'Your ticket' });
    expect(action.params.subject).toBe('Your ticket');
  });

  it.each([
    ['no message of the contact', '<other@example.com>', 'in_reply_to names no message that this contact wrote to us'],
    ['a template that rendered to nothing', '{{ nothing.at_all }}', 'in_reply_to is empty'],
    ['a second header', '<ask@example.com>\r\nBcc: <x@y.example>', 'in_reply_to is no Message-ID'],
    ['a NUL', '<ask\u0000@example.com>', 'in_reply_to is no Message-ID'],
    ['two ids', '<ask@example.com> <b@example.com>', 'in_reply_to is no Message-ID'],
    ['an endless id', `<${'a'.repeat(1_000)}@example.com>`, 'in_reply_to is longer than 900 characters'],
  ])('is blocked where it names %s', async (_what, in_reply_to, reason) => {
    const desk = await aDesk();
    const found = await desk.proposal({ message: 'Yes.', in_reply_to });
    expect(found.reason).toContain(reason);
    expect(found.action).toBeUndefined();
  });

  it.each(['auto_replied', 'bounced', 'unsubscribed', 'complained', 'Email Opened', 'Email Sent'])(
    'is blocked where it names an event %s',
    async (name) => {
      const desk = new Tickets();
      await desk.contact();
      await desk.heard(name, 0, { properties: ASK });
      const { reason } = await desk.proposal(ANSWER.params);
      expect(reason).toMatch(/in_reply_to names an event|the contact has/);
    },
  );

  it('is blocked where another contact wrote the message', async () => {
    const desk = await aDesk();
    await desk.call('import_contacts', { contacts: [{ id: 'bob', email: 'bob@example.com' }] });
    expect((await desk.proposal(ANSWER.params, 'bob')).reason).toContain('no message that this contact wrote');
  });

  it('is blocked where the message is older than 30 days', async () => {
    const desk = await aDesk(-30 * DAY - 60_000);
    expect((await desk.proposal(ANSWER.params)).reason).toContain('only one of the last 30 days can be answered');
    expect((await (await aDesk(-30 * DAY + 60_000)).proposal(ANSWER.params)).action.status).toBe('pending_approval');
  });

  it('may name the id that an import gave the event itself', async () => {
    const desk = new Tickets();
    await desk.contact();
    await desk.heard('reply_received', 0, { messageId: 'ask@example.com' });
    expect((await desk.proposal(ANSWER.params)).action).toMatchObject({ params: { subject: 'Re:' } });
  });

  it('is not held to cadence, but counts for that of outreach', async () => {
    const desk = new Tickets();
    await desk.contact();
    await desk.asked();
    const limits = { limits: { cooldown_days: 5 } };
    const { ref } = await desk.proposal(OUTREACH.params);
    await desk.call('approve_action', { ...ref, expected_digest: (await desk.actionOf(ref)).digest });
    const of = async (propose: object) => {
      const run_id = await desk.run(await desk.agent(limits, [propose]));
      return (await desk.call('get_run', { run_id })).run.contact_results[0];
    };
    expect((await of({ ...OUTREACH, params: { subject: 'More', message: 'More' } })).blocked_actions).toHaveLength(1);
    expect((await of(ANSWER)).proposed_actions).toHaveLength(1);
  });

  it('is blocked for a contact who wants no contact at all', async () => {
    const desk = await aDesk();
    await desk.contact({ do_not_contact: true });
    expect((await desk.proposal(ANSWER.params)).reason).toBe('the contact has do_not_contact set');
  });
});

describe('whoever evaluates a contact', () => {
  it('is told what a contact wrote, and the id by which it can be answered, in a thread of any length', async () => {
    const desk = new Tickets();
    await desk.contact();
    const references = Array.from({ length: 20 }, (_, index) => `<${'r'.repeat(60)}${index}@mail.example>`);
    const body = 'Please look at this. '.repeat(50).trim();
    await desk.heard('reply_received', 0, { properties: { ...ASK, references, body, quoted: 'old '.repeat(900) } });
    for (let index = 0; index < 30; index++) await desk.heard('Page Viewed', -DAY - index, { messageId: `p${index}` });
    const agent_id = await desk.agent({ llm_config: { provider: 'assistant' } }, []);
    const { run_id } = await desk.call('trigger_agent', { agent_id, contact_ids: ['ann'] });
    const { evaluation } = await desk.call('next_evaluation', { run_id });
    expect(evaluation.events[0].properties).toEqual({ ...ASK, body });
    const email = evaluation.allowed_actions.find(({ type }: { type: string }) => type === 'email_message');
    expect(email.params.properties.in_reply_to.description).toContain('message_id');
  });

  it('has the rule of the manual: it answers the newest reply', async () => {
    const page = fs.readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
    const rules = [...page.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, text = '']) => JSON.parse(text));
    const desk = new Tickets();
    await desk.contact({ do_not_email: true });
    await desk.heard('replied', -2 * 3_600_000, {
      type: 'replied',
      properties: { ...ASK, message_id: '<first@x.example>' },
    });
    await desk.heard('replied', -3_600_000, { type: 'replied', properties: ASK });
    const agent_id = await desk.agent({ playbook: { rules: [rules[1]] } });
    const rows = await desk.rows(await desk.run(agent_id));
    expect(rows).toMatchObject([{ params: { in_reply_to: ASK.message_id, subject: 'Re: Export fails' } }]);
    expect(await desk.rows(await desk.run(agent_id))).toEqual([]);
  });
});

describe('an answer that waits', () => {
  it('is not stale by the message that it answers, and is by a newer one', async () => {
    const desk = new Tickets();
    await desk.contact();
    const agent_id = await desk.agent({ llm_config: { provider: 'assistant' } }, []);
    const { run_id } = await desk.call('trigger_agent', { agent_id, contact_ids: ['ann'] });
    const { evaluation } = await desk.call('next_evaluation', { run_id });
    // The assistant reads of the message after its evaluation began.
    await desk.heard('replied', 0, { properties: ASK });
    const { evaluation_id } = evaluation;
    const given = { run_id, evaluation_id, reasoning: 'They asked.', proposed_actions: [ANSWER] };
    await desk.call('submit_evaluation', given);
    expect(await desk.moved(run_id)).toEqual([]);
    await desk.asked(0, { ...ASK, message_id: '<two@example.com>', subject: 'Never mind' });
    const row = await desk.row(run_id);
    expect(row.changed_since).toMatchObject([{ what: 'wrote', after: 'Never mind' }]);
  });

  it('is not stale by what was known when it was proposed, and is by no event in which the contact writes nothing', async () => {
    const desk = await aDesk();
    await desk.asked(0, { ...ASK, message_id: '<two@example.com>' });
    const { run_id } = await desk.proposal(ANSWER.params);
    await desk.heard('Support Ticket Solved');
    await desk.heard('auto_replied');
    expect(await desk.moved(run_id)).toEqual([]);
  });

  it('is bound to all that goes out: another id, and another text of theirs, is another digest', async () => {
    const desk = await aDesk();
    await desk.asked(0, { ...ASK, message_id: '<two@example.com>' });
    const digests = [];
    for (const [index, in_reply_to] of ['<ask@example.com>', '<two@example.com>'].entries()) {
      const { ref, action } = await desk.proposal({ subject: 'Re', message: `Yes.${' '.repeat(index)}`, in_reply_to });
      const { binding } = await dossierOf(desk.on.house, ref, { ...action.params, message: 'Yes.' });
      digests.push(binding);
    }
    expect(new Set(digests).size).toBe(2);
    const other = await aDesk(0, { ...ASK, message: 'Another text' });
    const { ref, action } = await other.proposal(ANSWER.params);
    const same = await aDesk();
    expect((await same.proposal(ANSWER.params)).action.digest).not.toBe(action.digest);
    const { lines } = await dossierOf(other.on.house, ref);
    expect(lines.map(([label]) => label)).toEqual(expect.arrayContaining(['Answers', 'Although']));
    expect(Object.fromEntries(lines)['Quoted below it, all 12 characters of their message']).toContain(
      '> Another text',
    );
  });

  it('goes back to a person where its message has grown older than 30 days before it went', async () => {
    const desk = await aDesk(-29 * DAY);
    const { ref, action } = await desk.proposal(ANSWER.params);
    await desk.call('set_brake', { on: true });
    await desk.call('approve_action', { ...ref, expected_digest: action.digest });
    desk.clock += 2 * DAY;
    expect((await desk.actionOf(ref)).status).toBe('approved');
    const { lines, against } = await dossierOf(desk.on.house, ref);
    expect(lines.map(([label]) => label)).toContain('Answers');
    expect(against).toContain('only one of the last 30 days');
  });
});

describe('an edit of an email that waits', () => {
  it('is refused where it answers what nobody wrote, and is an answer where it names what they wrote', async () => {
    const desk = new Tickets();
    await desk.contact();
    await desk.asked();
    const { ref, action } = await desk.proposal(OUTREACH.params);
    const edit = (in_reply_to: string) =>
      desk.call('approve_action', {
        ...{ ...ref, expected_digest: action.digest },
        params: { ...OUTREACH.params, in_reply_to },
      });
    await expect(edit('<other@example.com>')).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { 'params.in_reply_to': expect.stringContaining('no message that this contact wrote') },
    });
    expect((await desk.actionOf(ref)).status).toBe('pending_approval');
    expect((await edit('<ask@example.com>')).action).toMatchObject({ status: 'executed' });
  });

  it('that takes the message away makes outreach of it, which an objection stops', async () => {
    const desk = await aDesk();
    const { ref, action } = await desk.proposal(ANSWER.params);
    const params = { subject: 'News', message: 'Buy' };
    const edited = await desk.call('approve_action', { ...ref, expected_digest: action.digest, params });
    expect(edited.action).toMatchObject({
      status: 'pending_approval',
      reason: 'Back to review: the contact has do_not_email set.',
    });
  });
});
