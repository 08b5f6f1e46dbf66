import { wordsOf } from '../text/words.ts';
import type { ContactEvent } from './contact.ts';

/** How a contact answered. */
export type AnswerKind = 'replied' | 'unsubscribed' | 'bounced' | 'complained' | 'booked';

/** Events of a website or of a profile: a page called "Unsubscribe" that somebody looked at is no answer. */
const NO_ANSWERS: ReadonlySet<string> = new Set(['page', 'screen', 'identify', 'group', 'alias']);

/**
 * Words by which a name tells of an answer, as the tools give names: `Email Bounced` and `Unsubscribed` (Segment),
 * `reply_received` (Instantly), `emailsReplied` (lemlist), `spamreport` (SendGrid), `hard_bounce` (Brevo),
 * `email_spammed` (Customer.io), `SpamComplaint` (Postmark), `unsub` and `abuse` (Mailchimp), `invitee.created`
 * (Calendly), `BOOKING_CREATED` (Cal.com), `Meeting Scheduled` (HubSpot). The words of a name are joined by single
 * spaces, in lower case, with one space at each end.
 */
const TELLS: readonly (readonly [AnswerKind, RegExp])[] = [
  [
    'complained',
    / (complain\w*|spam ?complaint|spam ?reports?|reported( as)? spam|marked? (\w+ )?as spam|spammed|abuse) /,
  ],
  ['unsubscribed', / (un ?subscri\w*|unsub|opt(ed)? ?out|optout|list unsubscribe) /],
  ['bounced', / ((hard|soft)?bounce[ds]?|undeliver(ed|able)|delivery fail(ed|ure)) /],
  ['booked', / (booked|booking|(meeting|call|demo|appointment) (scheduled|created|set)|invitee created) /],
  ['replied', / (repl(y|ied|ies)|responded|answered) /],
];

/** Names in which such a word means something else: an automatic answer, our own reply, a booking that was dropped. */
const NOT: Readonly<Record<AnswerKind, RegExp>> = {
  replied: / (auto|automatic|automated|autorepl\w+|ooo|out of office|sent|sending|admin|agent|operator|bot|no reply) /,
  unsubscribed: / (re ?subscribed|undo) /,
  bounced: / rate /,
  complained: / (resolved|closed) /,
  booked: / (cancel\w*|declined|rejected|no show|abandoned|page|viewed|started|clicked|link) /,
};

function kindIn(name: string): AnswerKind | undefined {
  const words = wordsOf(name);
  return TELLS.find(([answer, tells]) => tells.test(words) && !NOT[answer].test(words))?.[0];
}

/** How a contact answered with an event, by its type or its name; undefined where it is no answer. */
export function answerIn({ type, name }: Pick<ContactEvent, 'type' | 'name'>): AnswerKind | undefined {
  if (NO_ANSWERS.has(type)) return undefined;
  return kindIn(type) ?? (name === undefined ? undefined : kindIn(`${type} ${name}`));
}
