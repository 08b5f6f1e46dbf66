import { describe, expect, it } from 'vitest';
import type { RecentAction } from '../../src/domain/contacts/contact.ts';
import { ago, did, ending, habit, outage, page, run, textOf, track, tries, types, visits } from './template-runs.ts';

describe('cold_outreach', () => {
  it('follows up once after 5 days, and never a third time', async () => {
    const second = await run('cold_outreach', { actions: [did('email_message', 6)] });
    expect(types(second)).toEqual(['email_message']);
    expect(textOf(second)).toContain('24 February 2026');
    expect(types(await run('cold_outreach', { actions: [did('email_message', 6), did('email_message', 12)] }))).toEqual(
      [],
    );
    const answered = { actions: [did('email_message', 6)], events: [track('Email Replied', 2)] };
    expect(types(await run('cold_outreach', answered))).toEqual([]);
  });

  it('uses LinkedIn where there is no address', async () => {
    const evaluation = await run('cold_outreach', { without: ['email'] });
    expect(types(evaluation)).toEqual(['linkedin_message']);
    expect(String(evaluation.proposed_actions[0]?.params.message).length).toBeLessThanOrEqual(300);
    textOf(evaluation);
  });

  it('quotes the offer word for word, and says so where none is set', async () => {
    const offer = 'We answer tenants at night.';
    expect(textOf(await run('cold_outreach', { config: { offer } }))).toContain(offer);
    expect((await run('cold_outreach', {})).reasoning).toContain('playbook.config.offer is not set');
  });
});

describe('pricing_visitor_followup', () => {
  it('quotes the visits to the reviewer, not to the visitor', async () => {
    const evaluation = await run('pricing_visitor_followup', { events: visits });
    expect(evaluation.reasoning).toContain(
      '2 visits to a pricing page in the last 7 days, the last one to /pricing on 1 March 2026 at 09:30 UTC',
    );
    expect(evaluation.proposed_actions[0]?.params.message).not.toMatch(/visit|\/pricing/);
  });

  it('leaves a note, once, for a customer and for somebody out of reach', async () => {
    for (const given of [
      { contact: { lifecycle_stage: 'customer' } },
      { contact: { do_not_email: true } },
      { without: ['email'] },
    ]) {
      const first = await run('pricing_visitor_followup', { ...given, events: visits });
      expect(types(first)).toEqual(['note']);
      textOf(first);
      const noted = did('note', 1, 'executed', first.proposed_actions[0]?.params);
      expect(types(await run('pricing_visitor_followup', { ...given, events: visits, actions: [noted] }))).toEqual([]);
    }
  });
});

describe('inactive_reengagement', () => {
  it('quotes the last event and writes no note without a habit', async () => {
    const evaluation = await run('inactive_reengagement', { events: habit.slice(0, 3) });
    expect(types(evaluation)).toEqual(['email_message']);
    expect(evaluation.reasoning).toContain('the last event was Report Exported on 21 January 2026, 40 days ago');
  });

  it('leaves leads alone', async () => {
    expect(types(await run('inactive_reengagement', { events: habit, contact: { lifecycle_stage: 'Lead' } }))).toEqual(
      [],
    );
  });
});

describe('trial_ending', () => {
  it('writes differently after a real try and after hardly one', async () => {
    const real = await run('trial_ending', { events: [ending, ...tries] });
    expect(textOf(real)).toContain('Your trial ends on 5 March 2026. If it does what you need');
    expect(real.reasoning).toContain('5 other events or more within 14 days');
    const hardly = await run('trial_ending', { events: [ending, page('/home', 5)] });
    expect(textOf(hardly)).toContain('whether you got to what you wanted to see');
  });

  it('states no end that is not recorded', async () => {
    expect(textOf(await run('trial_ending', { events: [track('Trial Ending', 1)] }))).toContain(
      'Your trial is about to end.',
    );
    expect(
      textOf(await run('trial_ending', { events: [track('Trial Ending', 1, { trial_end_date: 'soon' })] })),
    ).not.toContain('soon');
    const over = await run('trial_ending', { events: [track('Trial Ending', 4, { trial_end_date: ago(1) })] });
    expect(textOf(over)).toContain('Your trial ended on 1 March 2026.');
    const old = await run('trial_ending', { events: [track('Trial Started', 12)] });
    expect(textOf(old)).toContain('You started your trial on 18 February 2026.');
    expect(types(await run('trial_ending', { events: [track('Trial Started', 3)] }))).toEqual([]);
  });
});

describe('support_triage', () => {
  const queue = async (properties: Record<string, unknown>, actions: RecentAction[] = []): Promise<string> => {
    const evaluation = await run('support_triage', {
      events: [track('Support Ticket Opened', 0.1, properties)],
      actions,
    });
    textOf(evaluation);
    return evaluation.proposed_actions.map(({ params }) => String(params.body ?? '').split(':')[0]).join();
  };

  it('sorts by priority and by words', async () => {
    expect(await queue({ priority: 'high', subject: 'Invoice' })).toBe(',Support ticket, urgent');
    expect(await queue({ message: 'The whole site is DOWN' })).toBe(',Support ticket, urgent');
    expect(await queue({ subject: 'Refund for March' })).toBe(',Support ticket, billing');
    expect(await queue({ subject: 'How do I download?' })).toBe(',Support ticket, general');
    expect(await queue({})).toBe(',Support ticket, general');
  });

  it('lists the tickets, quoting what the customer wrote', async () => {
    const evaluation = await run('support_triage', {
      events: [outage, track('Support Ticket Opened', 1, { subject: 'Slow\nexports' })],
    });
    expect(evaluation.proposed_actions[1]?.params.body).toBe(
      'Support ticket, urgent: Sanne de Vries (Example BV)\n' +
        '- T-118, 2 March 2026 at 07:06 UTC, priority normal: "Cannot log in"\n' +
        '- 1 March 2026 at 09:30 UTC: "Slow exports"\n' +
        'First: is anybody else affected?',
    );
  });

  it('notes an urgent ticket although a general one was noted, and nothing twice', async () => {
    const noted = (name: string) => did('note', 1, 'executed', { body: `Support ticket, ${name}: Sanne` });
    expect(await queue({ priority: 'urgent' }, [noted('general')])).toBe(',Support ticket, urgent');
    expect(await queue({ priority: 'urgent' }, [noted('urgent'), did('email_message', 1)])).toBe('');
  });

  it('asks a person to look where a ticket was solved since, and tells the account owner about many', async () => {
    const solved = await run('support_triage', { events: [outage, track('Support Ticket Solved', 0.05)] });
    expect(types(solved)).toEqual(['note']);
    expect(textOf(solved)).toContain('is one still open?');
    const many = await run('support_triage', {
      events: [outage, track('Support Ticket Opened', 9), track('Support Ticket Opened', 20)],
    });
    expect(types(many)).toEqual(['note', 'email_message', 'note']);
    expect(textOf(many)).toContain('Support history:');
  });
});
