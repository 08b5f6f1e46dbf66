import { expect } from 'vitest';
import type { Contact, ContactEvent, RecentAction } from '../../src/domain/contacts/contact.ts';
import { unifiedProfile } from '../../src/domain/contacts/profile.ts';
import { TEMPLATES } from '../../src/domain/templates/index.ts';
import type { Evaluation } from '../../src/evaluators/evaluator.ts';
import { rulesEvaluator } from '../../src/evaluators/rules.ts';
import { aContact, anAgent, anIdentity, NOW } from '../support/fixtures.ts';

const DAY = 86_400_000;

export function ago(days: number): string {
  return new Date(Date.parse(NOW) - days * DAY).toISOString();
}

export function page(path: string, days: number): ContactEvent {
  return { contact_id: 'ct_sanne', type: 'page', properties: { path }, timestamp: ago(days) };
}

export function track(name: string, days: number, properties: Record<string, unknown> = {}): ContactEvent {
  return { contact_id: 'ct_sanne', type: 'track', name, properties, timestamp: ago(days) };
}

export function did(
  type: string,
  days: number,
  status = 'executed',
  params: Record<string, unknown> = {},
): RecentAction {
  return { type, status, params, agent_id: 'ag_other', run_id: 'run_other', at: ago(days) };
}

/** What came back by email, as a mailbox tells it. */
export function mail(type: string, days: number, properties: Record<string, unknown> = {}): ContactEvent {
  const said = { subject: 'Re: A question', message_id: `<${days}@acme.example>`, ...properties };
  return { contact_id: 'ct_sanne', type, properties: said, timestamp: ago(days) };
}

/** An outreach that was sent, or of another status. */
export function outreach(days: number, status = 'executed', subject = 'A question'): RecentAction {
  return did('email_message', days, status, { subject, message: 'Hi' });
}

export type Given = {
  contact?: Partial<Contact>;
  without?: string[];
  events?: ContactEvent[];
  actions?: RecentAction[];
  config?: Record<string, unknown>;
};

export async function run(name: string, given: Given): Promise<Evaluation> {
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
    rejections: [],
    unified_profile: unifiedProfile(contact, {
      activity: { events, notes: [] },
      actions: [],
      outbound: new Set(),
      now,
    }),
    agent,
    identity: anIdentity(),
    now,
  };
  return rulesEvaluator.prepare(agent)(context, new AbortController().signal);
}

export function types({ proposed_actions }: Evaluation): string[] {
  return proposed_actions.map(({ type }) => type);
}

/**
 * All text of one evaluation. Fails where the text isn't ready for a person: Liquid is left over, or blanks are double.
 */
export function textOf(evaluation: Evaluation): string {
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

export const visits = [page('/pricing', 1), page('/en/pricing/teams', 2), page('/docs', 3)];
export const habit = Array.from({ length: 25 }, (_, index) => track('Report Exported', 40 + index));
export const tries = Array.from({ length: 6 }, (_, index) => track('Report Exported', 2 + index));
export const ending = track('Trial Ending', 1, { trial_end_date: '2026-03-05T00:00:00Z' });
export const outage = track('Support Ticket Opened', 0.1, {
  ticket_id: 'T-118',
  subject: 'Cannot log in',
  priority: 'normal',
});
