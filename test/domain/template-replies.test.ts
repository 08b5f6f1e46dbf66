import { describe, expect, it } from 'vitest';
import {
  did,
  ending,
  type Given,
  habit,
  mail,
  outage,
  outreach,
  run,
  textOf,
  track,
  tries,
  types,
  visits,
} from './template-runs.ts';

/** When each outreach template writes, if nothing came back. */
const WRITES: [string, Given][] = [
  ['cold_outreach', { actions: [outreach(6)] }],
  ['follow_up', { actions: [outreach(6)] }],
  ['pricing_visitor_followup', { events: visits }],
  ['inactive_reengagement', { events: habit.slice(0, 3) }],
  ['trial_ending', { events: [ending, ...tries] }],
];

function withEvents(given: Given, ...events: NonNullable<Given['events']>): Given {
  return { ...given, events: [...(given.events ?? []), ...events] };
}

describe.each(WRITES)('%s', (name, given) => {
  it('answers a reply in its thread, and writes nothing else', async () => {
    const evaluation = await run(name, withEvents(given, mail('replied', 2.5), mail('replied', 1)));
    expect(evaluation.proposed_actions).toEqual([
      {
        type: 'email_message',
        params: {
          message: expect.stringMatching(/^Hi Sanne,\n\nThank you for your reply\. /),
          in_reply_to: '<1@acme.example>',
        },
      },
    ]);
    textOf(evaluation);
  });

  it('answers somebody who wants no mailings, and nobody who can’t be reached or wants no contact', async () => {
    const answers = async (contact: Given['contact']) =>
      types(await run(name, { ...withEvents(given, mail('replied', 1)), ...(contact ? { contact } : {}) }));
    expect(await answers({ do_not_email: true })).toEqual(['email_message']);
    expect(await answers({ do_not_contact: true })).not.toContain('email_message');
    expect(await answers({ bounced: true })).not.toContain('email_message');
  });

  it('answers once, and then leaves the conversation to people', async () => {
    const answer = (days: number) => did('email_message', days, 'executed', { message: 'Hi', in_reply_to: '<1@x>' });
    for (const reply of [mail('replied', 1), mail('replied', 4), track('Email Replied', 1)]) {
      const actions = [...(given.actions ?? []), answer(0.5)];
      const evaluation = await run(name, { ...withEvents(given, reply), actions });
      expect(evaluation.proposed_actions).toEqual([]);
      textOf(evaluation);
    }
  });

  it('drafts no other answer while one waits, over a long weekend too', async () => {
    const waiting = did('email_message', 2.5, 'pending_approval', { message: 'Hi', in_reply_to: '<1@x>' });
    const actions = [...(given.actions ?? []), waiting];
    expect(types(await run(name, { ...withEvents(given, mail('replied', 2.6)), actions }))).toEqual([]);
  });

  it('takes an automatic answer for no reply', async () => {
    const without = await run(name, given);
    const evaluation = await run(name, withEvents(given, mail('auto_replied', 2)));
    expect(types(evaluation)).toEqual(types(without));
    expect(evaluation.proposed_actions.every(({ params }) => !('in_reply_to' in params))).toBe(true);
  });
});

describe('follow_up', () => {
  it('waits as many days as are set, 5 unless set', async () => {
    const proposed = async (days: number, config = {}) =>
      types(await run('follow_up', { actions: [outreach(days)], config }));
    expect(await proposed(4.99)).toEqual([]);
    expect(await proposed(5.01)).toEqual(['email_message']);
    expect(await proposed(29)).toEqual(['email_message']);
    expect(await proposed(31)).toEqual([]);
    expect(await proposed(9.9, { wait_days: 10 })).toEqual([]);
    expect(await proposed(10.1, { wait_days: '10' })).toEqual(['email_message']);
  });

  it('names the email that wasn’t answered, in each of the two', async () => {
    const first = await run('follow_up', { actions: [outreach(6)] });
    expect(first.proposed_actions[0]?.params.subject).toBe('Following up: A question');
    expect(textOf(first)).toContain('I wrote to you on 24 February 2026 about \\"A question\\"');
    const second = await run('follow_up', {
      actions: [outreach(6, 'executed', 'Following up: A question'), outreach(12)],
    });
    expect(second.proposed_actions[0]?.params.subject).toBe('Last note: A question');
    textOf(second);
  });

  it('is at most two, rejected ones among them, whoever wrote them', async () => {
    for (const status of ['executed', 'rejected', 'failed']) {
      const three = [outreach(6), outreach(12, status), outreach(18)];
      expect(types(await run('follow_up', { actions: three }))).toEqual([]);
    }
    const old = [outreach(6), outreach(120), outreach(130), outreach(140)];
    expect(types(await run('follow_up', { actions: old }))).toEqual(['email_message']);
  });

  it('goes to nobody who got no outreach, or to whom something came back', async () => {
    expect(types(await run('follow_up', { actions: [outreach(6, 'failed')] }))).toEqual([]);
    for (const type of ['replied', 'unsubscribed', 'complained', 'bounced'])
      expect(types(await run('follow_up', { actions: [outreach(6)], events: [mail(type, 5.5)] })), type).toEqual([]);
    for (const name of ['Unsubscribed', 'Email Bounced', 'Email Marked as Spam', 'Support Ticket Opened'])
      expect(types(await run('follow_up', { actions: [outreach(6)], events: [track(name, 5)] })), name).toEqual([]);
  });
});

describe('support_triage', () => {
  it('answers an email in its thread, also of a customer who wants no mailings, and notes it', async () => {
    const written = mail('replied', 0.1, { subject: 'Refund', body: 'The site is down' });
    const evaluation = await run('support_triage', { events: [written], contact: { do_not_email: true } });
    expect(evaluation.proposed_actions).toEqual([
      {
        type: 'email_message',
        params: { message: expect.stringContaining('about "Refund" has arrived'), in_reply_to: '<0.1@acme.example>' },
      },
      { type: 'note', params: { body: expect.stringMatching(/^Support email, urgent: .*\n- .*: "Refund"\nFirst: /s) } },
    ]);
    textOf(evaluation);
  });

  it('asks nobody who answers for what it asked for before', async () => {
    const first = await run('support_triage', { events: [mail('replied', 0.1, { subject: 'Refund' })] });
    expect(textOf(first)).toContain('Your message about \\"Refund\\" has arrived');
    expect(textOf(first)).toContain('screenshot');
    const answer = mail('replied', 0.1, { subject: 'Re: Refund', in_reply_to: '<ours@northwind.example>' });
    const second = await run('support_triage', { events: [answer] });
    expect(textOf(second)).toContain('Thank you, your reply about \\"Refund\\" has arrived');
    expect(textOf(second)).not.toContain('screenshot');
  });

  it('answers a ticket that came by email', async () => {
    const ticket = track('Support Ticket Opened', 0.1, { subject: 'Hi', message_id: '<t@acme.example>' });
    const evaluation = await run('support_triage', { events: [ticket], contact: { do_not_email: true } });
    expect(types(evaluation)).toEqual(['email_message', 'note']);
    expect(evaluation.proposed_actions[0]?.params).toMatchObject({ in_reply_to: '<t@acme.example>' });
    expect(evaluation.proposed_actions[0]?.params).not.toHaveProperty('subject');
  });

  it('takes a reply to its confirmation for a part of the ticket: a note, and no second confirmation', async () => {
    const actions = [did('email_message', 0.05), did('note', 0.05, 'executed', { body: 'Support ticket, urgent: S' })];
    const evaluation = await run('support_triage', { events: [outage, mail('replied', 0.01)], actions });
    expect(types(evaluation)).toEqual(['note']);
    expect(textOf(evaluation)).toContain('Support email, general:');
    const noted = did('note', 0.01, 'executed', { body: 'Support email, general: S' });
    const again = await run('support_triage', {
      events: [outage, mail('replied', 0.01)],
      actions: [noted, ...actions],
    });
    expect(types(again)).toEqual([]);
    textOf(again);
  });

  it('waits for people, and not for their programs', async () => {
    expect(types(await run('support_triage', { events: [mail('auto_replied', 0.1)] }))).toEqual([]);
  });
});
