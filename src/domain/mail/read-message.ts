import { wireAddress } from '../contacts/address.ts';
import { mailBeginning } from './beginning.ts';
import type { MailHead, MailMessage, MailPart } from './message.ts';
import { idsIn } from './message-ids.ts';
import { withoutControls } from './one-line.ts';

const MOST_ADDRESSES = 100;
const LONGEST_HEADER = 20_000;
const LONGEST_NAME = 500;
const LONGEST_PART = 64 << 10;
const MOST_PARTS = 20;
/** Headers with the addresses that a message went to. The last four are what servers add at its delivery. */
const RECIPIENTS = ['to', 'cc', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'];
/** Parts that tell what a message is. What else is attached is nobody's business here. */
const TELLING =
  /^(?:message\/(?:global-)?(?:delivery-status|disposition-notification)|message\/(?:feedback-report|rfc822|global|global-headers)|text\/(?:rfc822-headers|calendar)|application\/ics)$/;
/** A date as mail has it (RFC 5322, section 3.3). `Date.parse` alone makes dates of many other texts. */
const DATE = /^(?:[a-z]{3},?\s{1,9})?\d{1,2}\s{1,9}[a-z]{3}\s{1,9}\d{2,4}\s{1,9}\d{1,2}:\d\d/i;

type Library = Pick<typeof import('postal-mime'), 'addressParser' | 'decodeWords'>;
type HeaderLine = { key: string; value: string };

function byName(headers: readonly HeaderLine[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { key, value } of headers) {
    const values = found.get(key) ?? [];
    values.push(value.slice(0, LONGEST_HEADER));
    found.set(key, values);
  }
  return found;
}

function oneLine(text: string): string {
  return withoutControls(text.slice(0, LONGEST_NAME));
}

/**
 * The author, where the header names exactly one. Programs disagree about a From with several angle brackets, and with
 * two Froms: whoever wrote that may have meant to look like somebody else.
 */
function authorOf({ addressParser }: Library, values: readonly string[]): { address?: string; name: string } {
  const [value = '', ...others] = values;
  const mailboxes = addressParser(value, { flatten: true }).slice(0, 2);
  const [mailbox] = mailboxes;
  const name = oneLine(mailbox?.name ?? '');
  const brackets = value.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/</g)?.length ?? 0;
  const address = wireAddress(mailbox?.address ?? '');
  const isOne = mailboxes.length === 1 && brackets < 2 && others.every((other) => other === value);
  return { name, ...(address !== undefined && isOne ? { address } : {}) };
}

function recipientsOf({ addressParser }: Library, headers: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>();
  for (const text of RECIPIENTS.flatMap((name) => headers.get(name) ?? []).slice(0, MOST_ADDRESSES)) {
    for (const mailbox of addressParser(text, { flatten: true })) {
      const address = wireAddress(mailbox.address ?? '');
      if (address !== undefined && found.size < MOST_ADDRESSES) found.add(address);
    }
  }
  return [...found];
}

function dateOf(text: string): string | undefined {
  const time = DATE.test(text) ? Date.parse(text.slice(0, LONGEST_NAME)) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function headOf(library: Library, given: readonly HeaderLine[], receivedAt: string): MailHead {
  const headers = byName(given);
  const first = (name: string) => headers.get(name)?.[0] ?? '';
  const [messageId] = idsIn(first('message-id'));
  const author = authorOf(library, headers.get('from') ?? []);
  const sentAt = dateOf(first('date'));
  return {
    ...(messageId === undefined ? {} : { messageId }),
    inReplyTo: idsIn(first('in-reply-to')),
    references: idsIn(first('references')),
    ...(author.address === undefined ? {} : { from: author.address }),
    fromName: author.name,
    to: recipientsOf(library, headers),
    subject: oneLine(library.decodeWords(first('subject'))),
    ...(sentAt === undefined ? {} : { sentAt }),
    receivedAt,
    headers,
  };
}

/** A part's bytes as text. A report is ASCII, a returned message is looked at for its header only. */
function partText(content: ArrayBuffer | Uint8Array | string): string {
  if (typeof content === 'string') return content.slice(0, LONGEST_PART);
  return new TextDecoder().decode(content.slice(0, LONGEST_PART));
}

/**
 * Lines of `format=flowed` (RFC 3676) are left as they stand: the parser joins a quoted line that ends with a space to
 * the answer below it, and the answer would count as quoted.
 */
function unflowed(source: Uint8Array): Uint8Array {
  const text = Buffer.from(source).toString('latin1');
  if (!/format="?flowed/i.test(text)) return source;
  const fixed = text.replace(/^((?:content-type:|[ \t])[^\n]{0,500}?format="?)flowed/gim, '$1fixed');
  return Buffer.from(fixed, 'latin1');
}

const LIMITS = { maxNestingDepth: 50, maxRfc822NestingDepth: 0 };

/**
 * Reads the beginning of a message, as `mailBeginning` cuts it. It throws for nothing that a message may be: where the
 * parts make no sense, the head alone is read. Attached messages aren't opened; the text of a message is its own.
 *
 * @param receivedAt when the mailbox got it, in ISO 8601 UTC
 * @param size the whole message's bytes, where `source` is its beginning only
 */
export async function readMessage(source: Uint8Array, receivedAt: string, size = source.length): Promise<MailMessage> {
  const { default: PostalMime, addressParser, decodeWords } = await import('postal-mime');
  const library = { addressParser, decodeWords };
  const beginning = mailBeginning(source);
  const isCut = beginning.length < size;
  try {
    const { headers, text = '', html = '', attachments } = await PostalMime.parse(unflowed(beginning), LIMITS);
    const parts = attachments.filter(({ mimeType }) => TELLING.test(mimeType)).slice(0, MOST_PARTS);
    return {
      ...headOf(library, headers, receivedAt),
      text,
      html,
      parts: parts.map(({ mimeType, content }): MailPart => ({ type: mimeType, text: partText(content) })),
      isCut,
    };
  } catch {
    const { headers } = await PostalMime.parse(headAlone(beginning));
    return { ...headOf(library, headers, receivedAt), text: '', html: '', parts: [], isCut: true };
  }
}

/** The head of a message as bytes, up to its first empty line. */
function headAlone(source: Uint8Array): Uint8Array {
  const text = Buffer.from(source).toString('latin1');
  const end = text.search(/\r?\n\r?\n/);
  return end < 0 ? source : source.subarray(0, end);
}

/** Reads the head of a message, from its first bytes. */
export async function readMailHead(source: Uint8Array, receivedAt: string): Promise<MailHead> {
  return readMessage(headAlone(mailBeginning(source)), receivedAt);
}
