import { isWritten } from '../../contacts/answers.ts';
import type { ContactEvent } from '../../contacts/contact.ts';

const DAY_MS = 86_400_000;
/** A message can be answered, with what only an answer may, for so many days (contract, Mail that answers). */
const ANSWERABLE_DAYS = 30;
/** An id that is longer would not stand on one line of a header (RFC 5322, section 2.1.1). */
const LONGEST_ID = 900;
/** A Message-ID with or without its angle brackets: letters of ASCII, so neither spaces nor line breaks (section 3.6.4). */
const ID = /^(?:<[\x21-\x3b\x3d\x3f-\x7e]+>|[\x21-\x3b\x3d\x3f-\x7e]+@[\x21-\x3b\x3d\x3f-\x7e]+)$/;

/** Why a text can't be a Message-ID in a header of ours; undefined where it can. */
export function idProblem(id: string): string | undefined {
  if (id.trim() === '') return 'is empty: it takes the message_id of what the contact wrote';
  if (id.length > LONGEST_ID) return `is longer than ${LONGEST_ID} characters`;
  return ID.test(id) ? undefined : 'is no Message-ID, such as <x@mail.example>, on one line and without spaces';
}

/** A Message-ID in angle brackets, as headers have it; undefined for what can't stand there. */
export function headerId(id: unknown): string | undefined {
  if (typeof id !== 'string' || idProblem(id) !== undefined) return undefined;
  return id.startsWith('<') ? id : `<${id}>`;
}

/**
 * The Message-ID of an event's message: among its properties, as mailboxes and mail tools give it, else what an import
 * gave the event itself.
 */
export function messageIdOf({ properties, message_id }: ContactEvent): string | undefined {
  return headerId(properties.message_id) ?? headerId(message_id);
}

/** The newest event of a message in which the contact wrote to us. */
export function writtenEvent(events: readonly ContactEvent[], id: unknown): ContactEvent | undefined {
  const wanted = headerId(id);
  if (wanted === undefined) return undefined;
  return events.findLast((event) => messageIdOf(event) === wanted && isWritten(event));
}

/** Why a message can't be answered as one that the contact wrote to us; undefined where it can. */
export function answerProblem(events: readonly ContactEvent[], id: unknown, now: Date): string | undefined {
  const event = writtenEvent(events, id);
  if (event) {
    if (now.getTime() - Date.parse(event.timestamp) <= ANSWERABLE_DAYS * DAY_MS) return undefined;
    return `in_reply_to names a message of ${event.timestamp}, and only one of the last ${ANSWERABLE_DAYS} days can be answered`;
  }
  const wanted = headerId(id);
  const other = events.findLast((one) => wanted !== undefined && messageIdOf(one) === wanted);
  return other
    ? `in_reply_to names an event "${other.name ?? other.type}", which nobody wrote to be answered`
    : 'in_reply_to names no message that this contact wrote to us: it takes the message_id of such an event (get_contact)';
}
