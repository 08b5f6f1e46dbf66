import { addressKey } from '../../domain/contacts/address.ts';
import type { Contact, ContactEvent } from '../../domain/contacts/contact.ts';
import { keptObjection, withObjection } from '../../domain/contacts/kept-objections.ts';
import { mailKey } from '../../domain/mail/message-ids.ts';
import { replyText } from '../../domain/mail/reply-text.ts';
import { headerId, writtenEvent } from '../../domain/mail/threads/written-event.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { type Concern, concernsOf, type UnderstoodMail } from './concerns.ts';
import { flagged } from './flagged.ts';
import { sentTo } from './sent.ts';

/** Which mailbox it is, when the look into it began, whether what people wrote is kept, and a salt for a home without one. */
export type NewsTerms = { identity_id: string; now: Date; keepsBodies: boolean; newSalt: () => string };

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

/**
 * The thread that a message belongs to, by the id of its first message that is known: one of ours, or one of the contact's
 * that was read before. What answers an answer of ours belongs to the thread of what that one answered.
 */
function threadOf(view: View, { message, meaning }: UnderstoodMail, { contact }: Concern): string | undefined {
  const { events } = view.activity(contact.id);
  const isKnown = (id: string) => meaning.answers.includes(id) || writtenEvent(events, id) !== undefined;
  const first = message.references.find(isKnown) ?? meaning.answers[0] ?? message.inReplyTo.find(isKnown);
  if (first === undefined) return undefined;
  const ours = sentTo(view, first);
  // A stranger may name an answer to somebody else, whose message is no business of this contact.
  const answered = (ours?.contact.id === contact.id ? headerId(ours.answered) : undefined) ?? first;
  const { thread_id } = writtenEvent(events, answered)?.properties ?? {};
  return typeof thread_id === 'string' ? thread_id : answered;
}

/** The event of a message, for one contact whom it concerns. All that a stranger wrote in it is data. */
function eventOf(view: View, mail: UnderstoodMail, concern: Concern, terms: NewsTerms): ContactEvent {
  const { contact, refusal } = concern;
  const { message, meaning } = mail;
  const { messageId, inReplyTo, references, from, subject, receivedAt } = message;
  const { kind } = meaning;
  const thread = threadOf(view, mail, concern);
  const isReport = kind === 'bounced' || kind === 'complained';
  const isOther = from !== undefined && (contact.email === undefined || addressKey(contact.email) !== from);
  // What another contact wrote in this one's place is answered to that one: only there it has the id that an answer names.
  const isByAnother = isOther && !isReport && view.contactsAt(from).length > 0;
  return {
    contact_id: contact.id,
    type: kind,
    properties: {
      subject,
      ...(messageId === undefined || isByAnother ? {} : { message_id: messageId }),
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

/** Objections of addresses that no contact has any more: they hold when one comes back with the address. */
function leftBehind(view: View, mails: readonly UnderstoodMail[], { newSalt }: NewsTerms): Event[] {
  const erasures = view.erasures();
  const addresses = mails.flatMap(({ meaning }) => {
    const leave = meaning.kind === 'unsubscribed' ? meaning.leave : undefined;
    return typeof leave === 'object' && view.contactsAt(leave.address).length === 0 ? [leave.address] : [];
  });
  const isNew = (address: string) => !keptObjection(erasures, address)?.includes('do_not_email');
  const [first, ...others] = [...new Set(addresses.filter(isNew))];
  if (first === undefined) return [];
  const one = withObjection(erasures, { address: first, flags: ['do_not_email'] }, newSalt);
  const more = others.map((address) => withObjection(erasures, { address, flags: ['do_not_email'] }, () => one.salt));
  return [{ type: 'objections_kept', kept: [one, ...more] }];
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
      const event = eventOf(view, mail, concern, terms);
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
    ...leftBehind(view, mails, terms),
  ];
}
