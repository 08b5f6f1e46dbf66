import type { ContactEvent } from '../../contacts/contact.ts';
import { withoutControls } from '../one-line.ts';
import type { Quotation } from './quotation.ts';
import { headerId, messageIdOf } from './written-event.ts';

/**
 * What an answer to a message carries of it: the id that it answers and those of the thread, the subject unless it has one
 * of its own, and what is quoted, where the message's text is kept.
 */
export type Answering = { id: string; references: string[]; subject: string; quotation?: Quotation };

/** How an encoded word begins (RFC 2047). */
const LEFT_ENCODED = /=\?(?=[^?]*\?[bq]\?)/gi;
const MOST_IDS = 20;
const MOST_CHARACTERS = 2_000;
const LONGEST_SUBJECT = 200;
/** What stands before the subject of an answer, in the usual languages, however often. */
const ANSWERED = /^(?:\s*(?:re|aw|antw|antwort|sv|odp|回复|回覆|答复|返信|답장)\s*(?:[[(]\d{1,3}[\])])?\s*[:：])+/iu;

/** The ids in an event's property: a list, or the text of a header. */
function idsOf(value: unknown): string[] {
  const ids: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/\s+/) : [];
  return ids.flatMap((id) => headerId(id) ?? []);
}

/**
 * The References of an answer to an event's message: those of the message (without any, what it answers), and itself (RFC
 * 5322, section 3.6.4). Of many, the first, which is the thread's, and the newest stay.
 */
export function referencesTo(event: ContactEvent): string[] {
  const { references, in_reply_to } = event.properties;
  const named = idsOf(references);
  const before = named.length > 0 ? named : idsOf(in_reply_to).slice(0, 1);
  const own = messageIdOf(event);
  const [first, ...others] = [...new Set([...before.filter((id) => id !== own), ...(own === undefined ? [] : [own])])];
  if (first === undefined) return [];
  const newest: string[] = [];
  let left = MOST_CHARACTERS - first.length;
  for (const id of others.toReversed()) {
    left -= id.length;
    if (newest.length === MOST_IDS - 1 || (left < 0 && newest.length > 0)) break;
    newest.unshift(id);
  }
  return [first, ...newest];
}

/** What a message was about, on one line; undefined where its event doesn't say. */
export function subjectOf({ properties }: ContactEvent): string | undefined {
  const subject = typeof properties.subject === 'string' ? withoutControls(properties.subject) : '';
  return subject === '' ? undefined : subject;
}

/**
 * The subject of an answer: the message's own behind one `Re:`. An encoded word (RFC 2047) that was left in it, or that its
 * author hid there, is parted, so that no mail program takes it for one.
 */
export function answerSubject(event: ContactEvent): string {
  const own = (subjectOf(event) ?? '').replace(ANSWERED, '').replace(LEFT_ENCODED, '= ?').trim();
  const about = [...own].slice(0, LONGEST_SUBJECT).join('');
  return `Re: ${about}`.trim();
}
