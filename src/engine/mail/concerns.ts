import { addressKey } from '../../domain/contacts/address.ts';
import type { BlockingFlag, Contact } from '../../domain/contacts/contact.ts';
import type { Meaning } from '../../domain/mail/meaning.ts';
import type { MailMessage } from '../../domain/mail/message.ts';
import type { Refusal } from '../../domain/mail/refusal.ts';
import type { LeaveFacts } from '../../domain/mail/way-out.ts';
import type { View } from '../../domain/state/view.ts';
import { everWroteTo, type SentTo, sentTo, wroteTo } from './sent.ts';

/** A message, and what it means. */
export type UnderstoodMail = { message: MailMessage; meaning: Meaning };

/** A contact whom a message concerns, and the flag that it sets. */
export type Concern = { contact: Contact; flag?: BlockingFlag; refusal?: Refusal };

/** Stands for the domain of a Message-ID of which only the part before the @ is known. */
const LEFT = 'countersign.invalid';

/** A contact and all others with its address: answers and consent belong to the address (contract, section 3). */
function withSharing(view: View, contact: Contact): readonly Contact[] {
  const others = contact.email === undefined ? [] : view.contactsAt(contact.email);
  return others.length > 0 ? others : [contact];
}

function flagging(contacts: readonly Contact[], flag: BlockingFlag): Concern[] {
  return contacts.map((contact) => ({ contact, flag }));
}

/** Whether a report about an address counts: it names a message that went there, or one went there lately. */
function counts(view: View, address: string, { answered, now }: { answered: SentTo | undefined; now: Date }): boolean {
  const isAnswered = answered?.address !== undefined && addressKey(answered.address) === addressKey(address);
  return isAnswered || wroteTo(view, address, now);
}

/** One address that got nothing. Its own address is marked; a report that names another one tells of a forwarded mail. */
function bounce(view: View, refusal: Refusal, at: { address: string; contacts: readonly Contact[] }): Concern[] {
  const marked = new Set(refusal.isFinal ? view.contactsAt(at.address).map(({ id }) => id) : []);
  return at.contacts.map((contact) => ({
    contact,
    refusal,
    ...(marked.has(contact.id) ? { flag: 'bounced' as const } : {}),
  }));
}

function bounces(
  view: View,
  refusals: readonly Refusal[],
  terms: { answered: SentTo | undefined; now: Date },
): Concern[] {
  const found = refusals.flatMap((refusal) => {
    const { address } = refusal;
    if (address === undefined || !counts(view, address, terms)) return [];
    return bounce(view, refusal, { address, contacts: view.contactsAt(address) });
  });
  const { answered } = terms;
  const refusal = refusals.find(({ isFinal }) => isFinal) ?? refusals[0];
  if (found.length > 0 || !answered || !refusal) return found;
  return bounce(view, refusal, { address: answered.address ?? '', contacts: withSharing(view, answered.contact) });
}

/**
 * Whose objection a token tells, whatever From says: those who have the address now, else the contact whom the email of
 * the token went to, who has another one by now.
 */
function leaving(view: View, { message, address }: LeaveFacts): readonly Contact[] {
  const contacts = view.contactsAt(address);
  const gone = contacts.length > 0 ? undefined : sentTo(view, `<${message}@${LEFT}>`);
  return gone ? withSharing(view, gone.contact) : contacts;
}

/**
 * Whom a message concerns. Who answers, or objects, is found by the message of ours that they answer and by their own
 * address: whoever answers what was forwarded to them has answered too, as has whom we wrote to; a report by the addresses in it, as far as we wrote to them, else by the message that it returns. A message
 * that concerns nobody is nobody's business.
 */
export function concernsOf(view: View, { message, meaning }: UnderstoodMail, now: Date): Concern[] {
  const answered = meaning.answers.map((id) => sentTo(view, id)).find((found) => found !== undefined);
  if (meaning.kind === 'bounced') return bounces(view, meaning.refusals, { answered, now });
  if (meaning.kind === 'complained') {
    const reported = meaning.addresses.filter((address) => counts(view, address, { answered, now }));
    const contacts = reported.flatMap((address) => view.contactsAt(address));
    if (contacts.length > 0) return flagging(contacts, 'do_not_email');
    return answered ? flagging(withSharing(view, answered.contact), 'do_not_email') : [];
  }
  const leave = meaning.kind === 'unsubscribed' ? meaning.leave : undefined;
  if (typeof leave === 'object') return flagging(leaving(view, leave), 'do_not_email');
  const { from } = message;
  // Anybody may write to the address of List-Unsubscribe: without a token, it takes somebody whom we wrote to.
  const isKnown = from !== undefined && (leave === undefined || everWroteTo(view, from));
  const byAddress = isKnown ? view.contactsAt(from) : [];
  const contacts = [...new Set([...(answered ? withSharing(view, answered.contact) : []), ...byAddress])];
  if (meaning.kind === 'unsubscribed') return flagging(contacts, 'do_not_email');
  return contacts.map((contact) => ({ contact }));
}
