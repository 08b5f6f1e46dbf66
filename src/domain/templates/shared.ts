import type { Filter } from '../agents/rule.ts';

/** A contact whose message may be answered. An objection to emails doesn't forbid that. The gate checks all of it again. */
export const MAY_ANSWER: Filter = {
  email: { $exists: true },
  bounced: { $ne: true },
  do_not_contact: { $ne: true },
};

/** A contact that an email may be proposed for. */
export const MAY_EMAIL: Filter = { ...MAY_ANSWER, do_not_email: { $ne: true } };

/** A contact that can't be emailed: no address is known, the one there is bounced, or consent is missing. */
export const MAY_NOT_EMAIL: Filter = {
  $or: [{ email: { $exists: false } }, { bounced: true }, { do_not_email: true }, { do_not_contact: true }],
};

/** Liquid that says why a contact can't be emailed, as a sentence without its end. */
export const OUT_OF_REACH =
  '{% if contact.email == nil %}There is no email address{% elsif contact.bounced %}The email address has bounced{% else %}Consent to write is missing{% endif %}';

export const IS_CUSTOMER: Filter = { lifecycle_stage: { $regex: '^customer$', $options: 'i' } };

/** Statuses of what was sent or done, waits for a decision, or was rejected. */
const COUNTS = { $nin: ['cancelled', 'expired'] };

/** Statuses of what is still to come, however long ago it was proposed. */
export const WAITING = ['pending_approval', 'approved'];

/** A message of ours, by email or LinkedIn. */
export const WROTE: Filter = { type: { $in: ['email_message', 'linkedin_message'] }, status: COUNTS };

/** An email of ours, answers among them. */
export const EMAILED: Filter = { type: 'email_message', status: COUNTS };

/** Notes of one kind: `beginning` is the pattern that their bodies begin with. */
export function noted(beginning: string): Filter {
  return { type: 'note', status: COUNTS, 'params.body': { $regex: `^${beginning}` } };
}

export function tracked(name: string): Filter {
  return { type: 'track', name };
}

/** How an email begins and ends. Sending adds the identity's signature; without one, the name stands in the text. */
export const GREETING = "Hi {{ contact.firstname | default: 'there' }},";
export const SIGN_OFF =
  'Best regards{% if identity.name and identity.signature == nil %},\n{{ identity.name }}{% endif %}';

/** Liquid that names the contact in a note or a reasoning: the name, else the email or id, and the company. */
export const WHO =
  "{% assign known_as = contact.firstname | append: ' ' | append: contact.lastname | strip %}{{ known_as | default: contact.email | default: contact.id }}{% if contact.company %} ({{ contact.company }}){% endif %}";

/** Liquid for the newest message that `WROTE` matches, in brackets; nothing where there is none. */
export const LAST_MESSAGE =
  "{% for action in recent_actions %}{% if action.type contains '_message' and action.status != 'cancelled' and action.status != 'expired' %} (the latest: {{ action.type }}, {{ action.status }}, {{ action.at | date: '%-d %B %Y' }}){% break %}{% endif %}{% endfor %}";

/** Liquid that runs `each` for every `event` of the last `seconds` seconds, newest first. Timestamps sort as text. */
export function eachRecent(seconds: number, each: string): string {
  return `{%- assign from = now | date: '%s' | minus: ${seconds} | date: '%Y-%m-%dT%H:%M:%S' -%}
{%- for event in events reversed -%}
{%- if event.timestamp < from -%}{%- break -%}{%- endif -%}
{%- if event.timestamp <= now -%}${each}{%- endif -%}
{%- endfor -%}`;
}

/** Liquid that sets `name` to the newest event for which `test` holds, a condition over `event`. */
export function findNewest(name: string, test: string): string {
  return `{%- for event in events reversed -%}
{%- if ${test} -%}{%- assign ${name} = event -%}{%- break -%}{%- endif -%}
{%- endfor -%}`;
}
