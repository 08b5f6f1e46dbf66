import { digest } from '../base/digest.ts';
import { returnedHeads } from './fields.ts';
import type { MailHead, MailMessage } from './message.ts';

const MOST_IDS = 20;
const ID = /<[^<>\s]{1,996}>/g;
/** A line of a returned message that stands in the text of a report. */
const RETURNED_ID = /^[> \t]{0,8}message-id:[ \t]{0,8}(<[^<>\s]{1,996}>)/gim;

/** The ids in a header, in their order. Of more than 20 the first and the last 19 stay: the root and what is answered. */
export function idsIn(header: string): string[] {
  const ids = header.match(ID) ?? [];
  return ids.length <= MOST_IDS ? ids : [...ids.slice(0, 1), ...ids.slice(1 - MOST_IDS)];
}

/** The Message-IDs of what a report returns, as a part of its own or within its text. */
function returnedIds(message: MailMessage): string[] {
  const inParts = returnedHeads(message).flatMap((head) => idsIn(head.get('message-id')?.[0] ?? ''));
  const inText = [...message.text.matchAll(RETURNED_ID)].map(([, id = '']) => id);
  return [...new Set([...inParts, ...inText])].slice(0, MOST_IDS);
}

/**
 * All Message-IDs that a message names, what it answers first: In-Reply-To, References from the newest on, and what a
 * report returns. At most 60, so that each can be looked up among the messages that were sent.
 */
export function namedIds(message: MailMessage): string[] {
  const answered = [...message.inReplyTo, ...message.references.toReversed()];
  return [...new Set([...answered, ...returnedIds(message)])];
}

/**
 * What the event of a message is known by, so that the message counts once however often it is read: its Message-ID, or
 * what else its author gave it. The kind belongs to it, since one message may be read anew by better rules.
 */
export function mailKey(head: MailHead, kind: string): string {
  const { messageId, sentAt, from, fromName, subject } = head;
  return `mail:${messageId ?? digest([sentAt ?? null, from ?? fromName, subject])}:${kind}`;
}
