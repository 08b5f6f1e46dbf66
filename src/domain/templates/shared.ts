import type { Filter } from '../agents/rule.ts';

/** Somebody an email may be proposed for; the gate asks again about consent. */
export const MAY_EMAIL: Filter = {
  email: { $exists: true },
  do_not_email: { $ne: true },
  do_not_contact: { $ne: true },
};

/** The same person, out of reach by email. */
export const MAY_NOT_EMAIL: Filter = {
  $or: [{ email: { $exists: false } }, { do_not_email: true }, { do_not_contact: true }],
};

export const IS_CUSTOMER: Filter = { lifecycle_stage: { $regex: '^customer$', $options: 'i' } };

/** A message that was sent, waits for a person, or was turned down by one; withdrawn and expired ones don't count. */
export const WROTE: Filter = {
  type: { $in: ['email_message', 'linkedin_message'] },
  status: { $nin: ['cancelled', 'expired'] },
};

/** A note of one kind, known by how its body begins. */
export function noted(beginning: string): Filter {
  return { type: 'note', status: { $nin: ['cancelled', 'expired'] }, 'params.body': { $regex: `^${beginning}` } };
}

export function tracked(name: string): Filter {
  return { type: 'track', name };
}

/** How an email begins and ends; a signature is added when it is sent, so the name stands here only without one. */
export const GREETING = "Hi {{ contact.firstname | default: 'there' }},";
export const SIGN_OFF =
  'Best regards{% if identity.name and identity.signature == nil %},\n{{ identity.name }}{% endif %}';

/** The contact in a note or a reasoning: the name as far as it is known. */
export const WHO =
  "{% assign known_as = contact.firstname | append: ' ' | append: contact.lastname | strip %}{{ known_as | default: contact.email | default: contact.id }}{% if contact.company %} ({{ contact.company }}){% endif %}";

/** The newest message that counts as written, in brackets; nothing where there is none. */
export const LAST_MESSAGE =
  "{% for action in recent_actions %}{% if action.type contains '_message' and action.status != 'cancelled' and action.status != 'expired' %} (the latest: {{ action.type }}, {{ action.status }}, {{ action.at | date: '%-d %B %Y' }}){% break %}{% endif %}{% endfor %}";

/** Liquid that does `each` for the `event`s of the last so many seconds, newest first; timestamps sort as text. */
export function eachRecent(seconds: number, each: string): string {
  return `{%- assign from = now | date: '%s' | minus: ${seconds} | date: '%Y-%m-%dT%H:%M:%S' -%}
{%- for event in events reversed -%}
{%- if event.timestamp < from -%}{%- break -%}{%- endif -%}
{%- if event.timestamp <= now -%}${each}{%- endif -%}
{%- endfor -%}`;
}
