import { objectionIn } from '../import/words/consent-names.ts';
import { wordsOf } from '../text/words.ts';
import type { ContactEvent } from './contact.ts';

/** How a contact answered. */
export type AnswerKind = 'replied' | 'unsubscribed' | 'bounced' | 'complained' | 'booked';

/** Events of a website or of a profile: a page called "Unsubscribe" that somebody looked at is no answer. */
const NO_ANSWERS: ReadonlySet<string> = new Set(['page', 'screen', 'identify', 'group', 'alias']);

const MEETING = '(meeting|call|demo|appointment|consultation)';
const AGREED = '(scheduled|created|set|confirmed|accepted|held|completed)';
/**
 * Words by which a name tells of an answer that is no objection, as tools give names: `reply_received` and
 * `lead_interested` (Instantly), `emailsReplied` (lemlist), `EMAIL_REPLY` (Smartlead), `invitee.created` (Calendly),
 * `BOOKING_CREATED` (Cal.com), `Call Booked`, `Scheduled a Demo`. The words of a name are joined by single spaces, in
 * lower case, with one space at each end. A pattern from `^` to `$` is a word that tells by itself alone. What objects,
 * complains or bounces is told by the words of imports (`import/words/consent-names`).
 */
const TELLS: readonly (readonly [AnswerKind, RegExp])[] = [
  [
    'booked',
    new RegExp(
      ` (booked|booking|${MEETING}s? ${AGREED}|${AGREED} (an? )?(\\w+ )?${MEETING}|invitee created|event scheduled) `,
    ),
  ],
  [
    'replied',
    / (repl(y|ied|ies|ying)|response received|responded|answered|(inbound|incoming) (e ?mail|mail|message|sms)|wrong person|(leads?|prospects?|contacts?|emails?) (not )?interested) |^ (not )?interested $/,
  ],
];

/** Names in which such a word means something else: an automatic answer, our own reply, a booking that was dropped. */
const NOT: Readonly<Record<AnswerKind, RegExp>> = {
  replied: / (auto|automatic|automated|autorepl\w+|ooo|out of office|sent|sending|admin|agent|operator|bot|no reply) /,
  unsubscribed: / (re ?subscribed|undo) /,
  bounced: / (rate|session|page|visit) /,
  complained: / (resolved|closed|score) /,
  booked:
    / (cancel\w*|declined|rejected|no show|abandoned|page|viewed|started|clicked|opened|sent|link|reminder|reminded) /,
};

/** How a contact answered, by one of these texts; `whole` may say that its words mean something else. */
function kindIn(texts: readonly string[], whole: string): AnswerKind | undefined {
  const words = wordsOf(whole);
  for (const text of texts) {
    const objection = objectionIn(text);
    if (objection !== undefined && !NOT[objection].test(words)) return objection;
  }
  const spoken = texts.map(wordsOf);
  return TELLS.find(([kind, tells]) => spoken.some((text) => tells.test(text)) && !NOT[kind].test(words))?.[0];
}

/** Names by which tools tell that a contact wrote by themselves, as help desks and forms do (`Support Ticket Opened`). */
const WRITES =
  / ((support )?(ticket|request|case)|inquiry|enquiry|question|conversation|(contact|support) form) (opened|reopened|created|received|started|submitted) /;

/** What the names of an event tell: how the contact answered, and whether in words that can be answered. */
type Heard = { kind: AnswerKind | undefined; isWritten: boolean };
/** What names told so far: a home has many events of few names, and each evaluation asks about them again. */
const told = new Map<string, Heard>();
const MOST_REMEMBERED = 10_000;
const NOTHING: Heard = { kind: undefined, isWritten: false };

function writes(name: string): boolean {
  const words = wordsOf(name);
  return WRITES.test(words) && !NOT.replied.test(words);
}

function toldBy({ type, name }: Pick<ContactEvent, 'type' | 'name'>): Heard {
  if (NO_ANSWERS.has(type)) return NOTHING;
  const key = `${type}\n${name ?? ''}`;
  const known = told.get(key);
  if (known) return known;
  const both = `${type} ${name}`;
  const kind = kindIn([type], type) ?? (name === undefined ? undefined : kindIn([name, both], both));
  const isAsking = kind === undefined && [type, name ?? ''].some(writes);
  const found: Heard = { kind, isWritten: kind === 'replied' || isAsking };
  if (told.size < MOST_REMEMBERED) told.set(key, found);
  return found;
}

/** How a contact answered with an event, by its type or its name; undefined where it is no answer. */
export function answerIn(event: Pick<ContactEvent, 'type' | 'name'>): AnswerKind | undefined {
  return toldBy(event).kind;
}

/**
 * Whether a contact wrote to us with an event, in words that ask for an answer: a reply, a ticket. What only objects,
 * complains, bounces or was sent by a program is no such message.
 */
export function isWritten(event: Pick<ContactEvent, 'type' | 'name'>): boolean {
  return toldBy(event).isWritten;
}
