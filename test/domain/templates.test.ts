import { describe, expect, it } from 'vitest';
import { ruleSchema } from '../../src/domain/agents/rule.ts';
import { TEMPLATES } from '../../src/domain/templates/index.ts';
import { compileRules } from '../../src/evaluators/playbook-rules.ts';
import {
  did,
  ending,
  type Given,
  habit,
  mail,
  outage,
  outreach,
  page,
  run,
  textOf,
  track,
  tries,
  types,
  visits,
} from './template-runs.ts';

const TYPE_OF: Record<string, string> = { email_message: 'email', linkedin_message: 'linkedin', note: 'notes' };

describe('every template', () => {
  it('is one of the six, with every section in its playbook', () => {
    expect(TEMPLATES.map(({ name }) => name)).toEqual([
      'cold_outreach',
      'follow_up',
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
      expect(() => compileRules({ rules, config: {} }, 'playbook.rules')).not.toThrow();
      for (const { propose } of rules)
        for (const { type } of propose) expect(template.capabilities).toContain(TYPE_OF[type]);
    },
  );

  const triggering: [string, Given, string[]][] = [
    ['cold_outreach', {}, ['email_message']],
    ['follow_up', { actions: [outreach(6)] }, ['email_message']],
    ['pricing_visitor_followup', { events: visits }, ['email_message']],
    ['inactive_reengagement', { events: habit }, ['note', 'email_message']],
    ['trial_ending', { events: [ending, ...tries] }, ['email_message']],
    ['support_triage', { events: [outage] }, ['email_message', 'note']],
  ];
  it.each(triggering)('%s proposes its actions when its conditions hold', async (name, given, expected) => {
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
      const actions = [did('email_message', 1, status), ...(given.actions ?? [])];
      const evaluation = await run(name, { ...given, actions });
      expect(types(evaluation)).not.toContain('email_message');
      textOf(evaluation);
    }
  });

  it.each(triggering)('%s writes to nobody who declined', async (name, given) => {
    for (const flag of ['do_not_email', 'do_not_contact', 'bounced']) {
      const evaluation = await run(name, { ...given, contact: { [flag]: true } });
      expect(types(evaluation)).not.toContain('email_message');
      expect(types(evaluation)).not.toContain('linkedin_message');
      textOf(evaluation);
    }
  });

  const idle: [string, Given][] = [
    ['cold_outreach', { contact: { lifecycle_stage: 'Customer' } }],
    ['follow_up', {}],
    ['pricing_visitor_followup', { events: [page('/pricing', 1), page('/pricing', 8)] }],
    ['inactive_reengagement', { events: [...habit, page('/home', 3)] }],
    ['inactive_reengagement', { events: [] }],
    ['inactive_reengagement', { events: [mail('bounced', 40)] }],
    ['trial_ending', { events: [ending, ...tries, track('Subscription Started', 0.5)] }],
    ['trial_ending', { contact: { lifecycle_stage: 'trial' } }],
    ['support_triage', { events: [track('Support Ticket Opened', 3)] }],
  ];
  it.each(idle)('%s proposes nothing when its conditions do not hold', async (name, given) => {
    const evaluation = await run(name, given);
    expect(evaluation.proposed_actions).toEqual([]);
    expect(evaluation.reasoning.length).toBeGreaterThan(20);
    textOf(evaluation);
  });

  it.each(triggering)('%s does not run Liquid that stands in a name', async (name, given) => {
    const evaluation = await run(name, { ...given, contact: { firstname: '{{ agent.id }}' } });
    expect(JSON.stringify(evaluation)).not.toContain('ag_test');
  });
});
