import type { Filter, Rule } from '../agents/rule.ts';
import { eachRecent, findNewest, noted, tracked, WHO } from './shared.ts';

export const OPENED = tracked('Support Ticket Opened');
export const SOLVED = tracked('Support Ticket Solved');
export const NONE_SOLVED = { match: SOLVED, within: '2d', at_most: 0 };
/** What the contact wrote to a mailbox of ours: an answer to an email, or the first word. */
export const WROTE_BACK = { type: 'replied' };

const URGENT_WORDS = '\\b(outage|down|urgent|data loss|breach|security|locked out|cannot log in|can.t log in)\\b';
const BILLING_WORDS = '\\b(invoice|refund|billing|charged|payment|receipt)\\b';

/** What says a pattern in its subject, or in its text: a ticket's `message`, the `body` of an email. */
function saying(pattern: string): Filter[] {
  return ['subject', 'message', 'body'].map((field) => ({
    [`properties.${field}`]: { $regex: pattern, $options: 'i' },
  }));
}

const URGENT = { $or: [{ 'properties.priority': { $in: ['urgent', 'high'] } }, ...saying(URGENT_WORDS)] };
const BILLING = { $or: saying(BILLING_WORDS) };

const TICKET =
  '{% if ticket.properties.ticket_id %}{{ ticket.properties.ticket_id }}, {% endif %}{{ ticket.timestamp | date: "%-d %B %Y at %H:%M" }} UTC{% if ticket.properties.priority %}, priority {{ ticket.properties.priority }}{% endif %}{% if ticket.properties.subject %}: "{{ ticket.properties.subject | squish | truncate: 120 }}"{% endif %}';
/** Liquid that lists the tickets of the last 2 days, newest first, each on a line of its own. */
export const TICKET_LIST = eachRecent(
  172_800,
  `{%- if event.type == 'track' and event.name == 'Support Ticket Opened' -%}{%- assign ticket = event -%}{{ '\n' }}- ${TICKET}{%- endif -%}`,
);
/** The same of emails. */
const EMAIL_LIST = eachRecent(
  172_800,
  `{%- if event.type == 'replied' -%}{%- assign ticket = event -%}{{ '\n' }}- ${TICKET}{%- endif -%}`,
);
export const FIND_TICKET = findNewest('ticket', "event.name == 'Support Ticket Opened'");
export const FIND_EMAIL = findNewest('ticket', "event.type == 'replied'");
export const TICKET_FACT = `The newest ticket within 2 days: ${TICKET}`;
export const EMAIL_FACT = `The newest email of theirs within 2 days: ${TICKET}`;

/**
 * The words of a queue. A recent note that goes on with `noted` makes another needless; `first` is what to check first.
 */
type QueueWords = { noted: string; why: string; first: string };

function queueRule(name: string, match: Filter, words: QueueWords): Rule {
  return {
    name: `${name} ticket`,
    when: {
      events: [{ match: { ...OPENED, ...match }, within: '2d' }, NONE_SOLVED],
      recent_actions: [{ match: noted(`Support ticket, ${words.noted}`), within: '2d', at_most: 0 }],
    },
    propose: [
      {
        type: 'note',
        params: { body: `Support ticket, ${name}: ${WHO}${TICKET_LIST}{{ '\\n' }}First: ${words.first}` },
      },
    ],
    reasoning: `${FIND_TICKET}Queue ${name} for ${WHO}: a ticket ${words.why}. ${TICKET_FACT}.`,
  };
}

/** The same for what came by email. Two emails on two days are noted on both. */
function emailRule(name: string, match: Filter, words: QueueWords): Rule {
  return {
    name: `${name} email`,
    when: {
      events: [{ match: { ...WROTE_BACK, ...match }, within: '2d' }],
      recent_actions: [{ match: noted(`Support email, ${words.noted}`), within: '1d', at_most: 0 }],
    },
    propose: [
      {
        type: 'note',
        params: { body: `Support email, ${name}: ${WHO}${EMAIL_LIST}{{ '\\n' }}First: ${words.first}` },
      },
    ],
    reasoning: `${FIND_EMAIL}Queue ${name} for ${WHO}: an email ${words.why}. ${EMAIL_FACT}.`,
  };
}

const QUEUES: readonly (readonly [string, Filter, QueueWords])[] = [
  [
    'urgent',
    URGENT,
    {
      noted: 'urgent:',
      why: 'has priority urgent or high, or speaks of an outage, lost data, a breach or being locked out',
      first: 'is anybody else affected?',
    },
  ],
  [
    'billing',
    BILLING,
    {
      noted: '(urgent|billing):',
      why: 'speaks of an invoice, a refund, a charge or a payment',
      first: 'compare with the invoices. Promise nothing before.',
    },
  ],
  ['general', {}, { noted: '', why: 'asks for no other queue', first: 'who knows this part best?' }],
];
/** A note for the queue of a new ticket, and for that of a new email. */
export const QUEUE_RULES: readonly Rule[] = [
  ...QUEUES.map((queue) => queueRule(...queue)),
  ...QUEUES.map((queue) => emailRule(...queue)),
];
