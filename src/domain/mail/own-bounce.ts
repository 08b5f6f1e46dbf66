import { wireAddress } from '../contacts/address.ts';
import { plain } from '../import/words/plain.ts';
import { isAnswering, isFromNobody } from './auto-reply.ts';
import { type MailHead, type MailMessage, mailHeader } from './message.ts';
import { isReturnedFor, type Refusal, refusalSaid } from './refusal.ts';
import { NOT_RETURNED_SUBJECTS, RETURNED_SUBJECTS, RETURNED_TEXTS, STILL_TRYING } from './words/bounce-words.ts';
import { holdsOne, startsWithOne } from './words/phrases.ts';

/** The addresses and names that mail servers write under. */
const SERVER_ADDRESS =
  /^(?:mailer[-_.]?daemon|mail[-_.]?daemon|post[-_.]?master|mail[-_.]?delivery[-\w.]{0,20}|bounces?|microsoftexchange[0-9a-f]{32})(?:[-+][^@]{0,200})?@/;
const SERVER_NAME = /mailer.?daemon|mail delivery (?:sub)?system|mail administrator|^postmaster|microsoft outlook$/i;
/** Where the copy of the returned message begins, in the text of a notice. */
const COPY =
  /^.{0,10}(?:below this line is a copy|this is a copy of (?:the|your) message|original message follows|the header of the original message|message headers follow|unsent message follows|returned message|copy of the original message|original message headers?:|-{3,} ?original message|-{3,} ?message header|diagnostic information for administrators)/im;
const ADDRESSES = /[^\s<>()[\],;:"'@]{1,64}@[\p{L}\p{N}.-]{1,255}/gu;
const NOTICE = 8_000;
const MOST_RECIPIENTS = 20;
/** How far behind an address its server's words stand, in the text of a notice. */
const REASON = 600;

/** Whether a mail server wrote a message, by its head. A person may write as postmaster, but then answers a subject. */
export function isFromMailServer(head: MailHead): boolean {
  if (head.headers.has('x-failed-recipients')) return true;
  return !isAnswering(head.subject) && (SERVER_ADDRESS.test(head.from ?? '') || SERVER_NAME.test(head.fromName));
}

/** The addresses in a notice, each with what stands behind it. */
function recipientsIn(notice: string, own: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of notice.matchAll(ADDRESSES)) {
    const address = wireAddress(match[0].replace(/\.+$/, ''));
    if (address === undefined || own.has(address) || found.has(address)) continue;
    found.set(address, notice.slice(match.index, match.index + REASON));
    if (found.size === MOST_RECIPIENTS) break;
  }
  return found;
}

function failedRecipients(message: MailMessage): string[] {
  const named = (mailHeader(message, 'x-failed-recipients') ?? '')
    .split(',')
    .flatMap((text) => wireAddress(text.trim()) ?? []);
  return named.slice(0, MOST_RECIPIENTS);
}

/** The words of a notice, above the copy of what it returns, and without ids that look like addresses. */
function noticeOf(text: string): string {
  const beginning = text
    .slice(0, NOTICE)
    .replace(/\b(?:message-id|in-reply-to|references):[ \t]{0,8}<[^<>\s]{0,996}>/gi, '');
  const copy = beginning.search(COPY);
  return copy > 0 ? beginning.slice(0, copy) : beginning;
}

/** Whether a server says that it returns a message, and not that it still tries, or that all went well. */
function isReturned(message: MailMessage, notice: string): boolean {
  const subject = plain(message.subject);
  const words = plain(notice);
  if (holdsOne(subject, NOT_RETURNED_SUBJECTS) || holdsOne(words, STILL_TRYING)) return false;
  if (!isFromMailServer(message)) return isFromNobody(message) && holdsOne(words, RETURNED_TEXTS);
  return (
    message.headers.has('x-failed-recipients') ||
    startsWithOne(subject, RETURNED_SUBJECTS) ||
    holdsOne(words, RETURNED_TEXTS) ||
    isReturnedFor(notice)
  );
}

/**
 * What a server's notice without a report says of the recipients that got nothing; undefined where it is no such notice.
 * An address in it may be anybody's: it counts for those that were written to.
 *
 * @param text the notice as plain text
 */
export function refusalsNoticed(message: MailMessage, text: string): Refusal[] | undefined {
  const notice = noticeOf(text);
  if (!isReturned(message, notice)) return undefined;
  const found = recipientsIn(notice, new Set(message.to));
  const named = failedRecipients(message);
  if (named.length > 0) return named.map((address) => refusalSaid([found.get(address) ?? notice], address));
  if (found.size > 0) return [...found].map(([address, reason]) => refusalSaid([reason], address));
  return [refusalSaid([notice])];
}
