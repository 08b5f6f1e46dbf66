import type { Filter } from '../agents/rule.ts';

/** A contact that an email may be proposed for. The gate checks the consent again. */
export const MAY_EMAIL: Filter = {
  email: { $exists: true },
  do_not_email: { $ne: true },
  do_not_contact: { $ne: true },
};

/** A contact that can't be emailed: no address is known, or consent is missing. */
export const MAY_NOT_EMAIL: Filter = {
  $or: [{ email: { $exists: false } }, { do_not_email: true }, { do_not_contact: true }],
};

export const IS_CUSTOMER: Filter = { lifecycle_stage: { $regex: '^customer$', $options: 'i' } };

/** A message that was sent, waits for a decision, or was rejected. Cancelled and expired ones don't count. */
export const WROTE: Filter = {
  type: { $in: ['email_message', 'linkedin_message'] },
  status: { $nin: ['cancelled', 'expired'] },
};

/** Notes of one kind: `beginning` is the pattern that their bodies begin with. */
export function noted(beginning: string): Filter {
  return { type: 'note', status: { $nin: ['cancelled', 'expired'] }, 'params.body': { $regex: `^${beginning}` } };
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
