import { describe, expect, it } from 'vitest';
import type { Contact, ContactEvent, RecentAction } from '../../src/domain/contact.ts';
import { unifiedProfile } from '../../src/domain/profile.ts';
import { ruleSchema } from '../../src/domain/rule.ts';
import { TEMPLATES } from '../../src/domain/templates/index.ts';
import type { Evaluation } from '../../src/evaluators/evaluator.ts';
import { compileRules } from '../../src/evaluators/playbook-rules.ts';
import { rulesEvaluator } from '../../src/evaluators/rules.ts';
import { aContact, anAgent, anIdentity, NOW } from '../support/fixtures.ts';

const DAY = 86_400_000;
const TYPE_OF: Record<string, string> = { email_message: 'email', linkedin_message: 'linkedin', note: 'notes' };

function ago(days: number): string {
  return new Date(Date.parse(NOW) - days * DAY).toISOString();
}

function page(path: string, days: number): ContactEvent {
  return { contact_id: 'ct_sanne', type: 'page', properties: { path }, timestamp: ago(days) };
}

function track(name: string, days: number, properties: Record<string, unknown> = {}): ContactEvent {
  return { contact_id: 'ct_sanne', type: 'track', name, properties, timestamp: ago(days) };
}

function did(type: string, days: number, status = 'executed', params: Record<string, unknown> = {}): RecentAction {
  return { type, status, params, agent_id: 'ag_other', run_id: 'run_other', at: ago(days) };
}

type Given = {
  contact?: Partial<Contact>;
  without?: string[];
  events?: ContactEvent[];
  actions?: RecentAction[];
  config?: Record<string, unknown>;
};

async function run(name: string, given: Given): Promise<Evaluation> {
  const template = TEMPLATES.find((item) => item.name === name);
  if (!template) throw new Error(`no template ${name}`);
  const full = Object.entries(aContact(given.contact)).filter(([key]) => !given.without?.includes(key));
  const base = { id: 'ct_sanne', do_not_email: false, do_not_contact: false, created_at: NOW, updated_at: NOW };
  const contact: Contact = { ...base, ...Object.fromEntries(full) };
  const events = [...(given.events ?? [])].sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  const now = new Date(NOW);
  const { playbook_md, rules, capabilities } = template;
  const agent = anAgent({ playbook: { playbook_md, rules, config: given.config ?? {} }, capabilities });
  const context = {
    contact,
    events,
    recent_actions: given.actions ?? [],
    unified_profile: unifiedProfile(contact, { events, notes: [] }, undefined, new Set(), now),
    agent,
    identity: anIdentity(),
    now,
  };
  return rulesEvaluator.prepare(agent)(context, new AbortController().signal);
}

function types({ proposed_actions }: Evaluation): string[] {
  return proposed_actions.map(({ type }) => type);
}

/** All text of one evaluation, which must be ready to be read by a person. */
function textOf(evaluation: Evaluation): string {
  const text = JSON.stringify(evaluation);
  expect(text).not.toMatch(/\{\{|\{%|undefined|NaN|\[object/);
  expect(evaluation.reasoning).not.toMatch(/ {2}| [,.;]|^\s|\(\)/);
  for (const { params } of evaluation.proposed_actions) {
    if ('subject' in params) expect(params.subject).toMatch(/^\S.{4,118}\S$/);
    for (const value of Object.values(params)) expect(value).toMatch(/^\S(?:.|\n)*\S$/);
    if ('message' in params) expect(params.message).not.toMatch(/ {2}|\n{3}| [,.;]/);
  }
  return text;
}

const visits = [page('/pricing', 1), page('/en/pricing/teams', 2), page('/docs', 3)];
const habit = Array.from({ length: 25 }, (_, index) => track('Report Exported', 40 + index));
const tries = Array.from({ length: 6 }, (_, index) => track('Report Exported', 2 + index));
const ending = track('Trial Ending', 1, { trial_end_date: '2026-03-05T00:00:00Z' });
const outage = track('Support Ticket Opened', 0.1, {
  ticket_id: 'T-118',
  subject: 'Cannot log in',
  priority: 'normal',
});

describe('every template', () => {
  it('is one of the five, with a playbook worth reading', () => {
    expect(TEMPLATES.map(({ name }) => name)).toEqual([
      'cold_outreach',
      'pricing_visitor_followup',
      'inactive_reengagement',
      'trial_ending',
      'support_triage',
    ]);
    for (const { playbook_md, description } of TEMPLATES) {
      expect(playbook_md.split('\n').length).toBeGreaterThanOrEqual(40);
      for (const part of ['## Goal', '## Skip', '## How to write', '## Examples', '## Reasoning'])
        expect(playbook_md).toContain(part);
      expect(description).toMatch(/\.$/);
    }
  });

  it.each(TEMPLATES.map((template) => [template.name, template] as const))(
    '%s compiles and stays within its capabilities',
    (_name, template) => {
      const rules = template.rules.map((rule) => ruleSchema.parse(rule));
      expect(() => compileRules(rules, 'playbook.rules')).not.toThrow();
      for (const { propose } of rules)
        for (const { type } of propose) expect(template.capabilities).toContain(TYPE_OF[type]);
    },
  );

  const triggering: [string, Given, string[]][] = [
    ['cold_outreach', {}, ['email_message']],
    ['pricing_visitor_followup', { events: visits }, ['email_message']],
    ['inactive_reengagement', { events: habit }, ['note', 'email_message']],
    ['trial_ending', { events: [ending, ...tries] }, ['email_message']],
    ['support_triage', { events: [outage] }, ['email_message', 'note']],
  ];
  it.each(triggering)('%s acts on its occasion', async (name, given, expected) => {
    const evaluation = await run(name, given);
    expect(types(evaluation)).toEqual(expected);
    expect(textOf(evaluation)).toContain('Sanne');
  });

  it.each(triggering)('%s writes readable text about a contact of which little is known', async (name, given) => {
    const evaluation = await run(name, {
      ...given,
      without: ['firstname', 'lastname', 'company', 'linkedin_url', 'plan'],
    });
    expect(evaluation.proposed_actions.length).toBeGreaterThan(0);
    const text = textOf(evaluation);
    if (text.includes('"email_message"')) expect(text).toContain('Hi there,');
  });

  it.each(triggering)('%s does not write twice', async (name, given) => {
    for (const status of ['executed', 'pending_approval', 'rejected']) {
      const evaluation = await run(name, { ...given, actions: [did('email_message', 1, status)] });
      expect(types(evaluation)).not.toContain('email_message');
      textOf(evaluation);
    }
  });

  it.each(triggering)('%s writes to nobody who declined', async (name, given) => {
    for (const flag of ['do_not_email', 'do_not_contact']) {
      const evaluation = await run(name, { ...given, contact: { [flag]: true } });
      expect(types(evaluation)).not.toContain('email_message');
      expect(types(evaluation)).not.toContain('linkedin_message');
      textOf(evaluation);
    }
  });

  const idle: [string, Given][] = [
    ['cold_outreach', { contact: { lifecycle_stage: 'Customer' } }],
    ['pricing_visitor_followup', { events: [page('/pricing', 1), page('/pricing', 8)] }],
    ['inactive_reengagement', { events: [...habit, page('/home', 3)] }],
    ['inactive_reengagement', { events: [] }],
    ['trial_ending', { events: [ending, ...tries, track('Subscription Started', 0.5)] }],
    ['trial_ending', { contact: { lifecycle_stage: 'trial' } }],
    ['support_triage', { events: [track('Support Ticket Opened', 3)] }],
  ];
  it.each(idle)('%s proposes nothing without an occasion', async (name, given) => {
    const evaluation = await run(name, given);
    expect(evaluation.proposed_actions).toEqual([]);
    expect(evaluation.reasoning.length).toBeGreaterThan(20);
    textOf(evaluation);
  });

  it.each(triggering)('%s takes Liquid in a name for a name', async (name, given) => {
    const evaluation = await run(name, { ...given, contact: { firstname: '{{ agent.id }}' } });
    expect(JSON.stringify(evaluation)).not.toContain('ag_test');
  });
});

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

  it('says the offer word for word, and none where none is set', async () => {
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
