import { addressKey } from '../../domain/contacts/address.ts';
import type { Contact, ContactEvent } from '../../domain/contacts/contact.ts';
import { mailKey } from '../../domain/mail/message-ids.ts';
import { replyText } from '../../domain/mail/reply-text.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { type Concern, concernsOf, type UnderstoodMail } from './concerns.ts';
import { flagged } from './flagged.ts';

/** Which mailbox it is, when the look into it began, and whether what people wrote is kept. */
export type NewsTerms = { identity_id: string; now: Date; keepsBodies: boolean };

/** The column that stands as the source of a flag, where imports have the name of theirs. */
const SOURCE = 'mailbox';
const LONGEST_BODY = 20_000;

/** A stranger's text as it is kept: cut, and without what no text holds. */
function keptText(text: string): string {
  return text
    .slice(0, LONGEST_BODY)
    .replaceAll('\u0000', '')
    .replace(/[\ud800-\udbff]$/, '');
}

/** What somebody wrote, and what they quoted, where the person wants that kept. */
function bodyOf({ message, meaning }: UnderstoodMail, { keepsBodies }: NewsTerms): Record<string, string> {
  if (!keepsBodies || meaning.kind === 'bounced' || meaning.kind === 'complained') return {};
  const { text, quoted } = replyText(message);
  return { body: keptText(text), ...(quoted === '' ? {} : { quoted: keptText(quoted) }) };
}

/** The event of a message, for one contact whom it concerns. All that a stranger wrote in it is data. */
function eventOf(mail: UnderstoodMail, { contact, refusal }: Concern, terms: NewsTerms): ContactEvent {
  const { message, meaning } = mail;
  const { messageId, inReplyTo, references, from, subject, receivedAt } = message;
  const { kind, answers } = meaning;
  const thread = references.find((id) => answers.includes(id)) ?? answers[0];
  const isReport = kind === 'bounced' || kind === 'complained';
  const isOther = from !== undefined && (contact.email === undefined || addressKey(contact.email) !== from);
  return {
    contact_id: contact.id,
    type: kind,
    properties: {
      subject,
      ...(messageId === undefined ? {} : { message_id: messageId }),
      ...(inReplyTo[0] === undefined ? {} : { in_reply_to: inReplyTo[0] }),
      ...(references.length === 0 ? {} : { references: [...references] }),
      ...(thread === undefined ? {} : { thread_id: thread }),
      ...(isOther && !isReport ? { from } : {}),
      ...(refusal?.code === undefined ? {} : { code: refusal.code }),
      ...(refusal?.enhanced === undefined ? {} : { enhanced: refusal.enhanced }),
      identity_id: terms.identity_id,
      ...bodyOf(mail, terms),
    },
    timestamp: receivedAt,
    message_id: mailKey(message, kind),
  };
}

/** What of a message stands as the source of a flag: the words of a server, or the message itself. */
function sourceOf({ message, meaning }: UnderstoodMail, refusal: Concern['refusal']): string {
  return refusal ? refusal.words : `${meaning.kind} ${message.messageId ?? message.receivedAt}`;
}

/**
 * The events that messages come to: what each contact did, and the flags that it sets. A message counts once for a
 * contact, however often it is read: a flag that a person lifted isn't set again by it.
 */
export function newsOf(view: View, mails: readonly UnderstoodMail[], terms: NewsTerms): Event[] {
  const at = terms.now.toISOString();
  const events: ContactEvent[] = [];
  const contacts = new Map<string, Contact>();
  const told = new Set<string>();
  for (const mail of mails) {
    for (const concern of concernsOf(view, mail, terms.now)) {
      const event = eventOf(mail, concern, terms);
      const { contact_id, message_id } = event;
      const key = `${contact_id} ${message_id}`;
      if (told.has(key) || view.activity(contact_id).events.some((known) => known.message_id === message_id)) continue;
      told.add(key);
      events.push(event);
      if (!concern.flag) continue;
      const before = contacts.get(contact_id) ?? concern.contact;
      const source = { column: SOURCE, value: sourceOf(mail, concern.refusal), import_id: terms.identity_id, at };
      const after = flagged(before, { flag: concern.flag, ...source });
      if (after !== before) contacts.set(contact_id, after);
    }
  }
  return [
    ...(contacts.size > 0 ? [{ type: 'contacts_saved' as const, contacts: [...contacts.values()] }] : []),
    ...(events.length > 0 ? [{ type: 'events_recorded' as const, events }] : []),
  ];
}
