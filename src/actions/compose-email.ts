import { domainToASCII, domainToUnicode } from 'node:url';
import { publicDomain, wireAddress } from '../domain/contacts/address.ts';
import { fullName } from '../domain/contacts/contact.ts';
import { markOf, sentId } from '../domain/mail/sent-id.ts';
import { type Quotation, quotedHtml, quotedText } from '../domain/mail/threads/quotation.ts';
import { isOutreach, leaveToken, wayOutHeaders } from '../domain/mail/way-out.ts';
import type { Attempt } from './action.ts';
import { emailAnswer } from './answer-email.ts';
import { atEndOfHtml, type SignaturePlace, withHtmlSignature, withSignature } from './signature.ts';

/** What an email says, as its params give it. */
type Email = { subject: string; message: string; html?: string | undefined; in_reply_to?: string | undefined };

/** What stands for the sender's domain where it has none that others know. It never resolves (RFC 6761). */
const NOBODYS_DOMAIN = 'countersign.invalid';

/** The Message-ID, the same for every attempt of one sender, under the sender's own domain. */
export function messageId({
  identity,
  idempotency_key,
  ref,
}: Pick<Attempt, 'identity' | 'idempotency_key' | 'ref'>): string {
  const domain = (identity && publicDomain(identity.email)) ?? NOBODYS_DOMAIN;
  return sentId({ run_id: ref.run_id, mark: markOf(idempotency_key) }, domain);
}

/** A sender's address on the wire: the local part as the person wrote it, the domain in ASCII. */
export function senderAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
}

/** A message whose headers give each address as the envelope does: the composer writes some domains in Unicode. */
function withWireAddresses(message: Buffer, addresses: readonly string[]): Buffer {
  const end = message.indexOf('\r\n\r\n');
  let headers = message.subarray(0, end).toString('utf8');
  for (const address of addresses) {
    const [local, domain = ''] = address.split('@');
    headers = headers.replaceAll(`${local}@${domainToUnicode(domain)}`, address);
  }
  return Buffer.concat([Buffer.from(headers), message.subarray(end)]);
}

/** The headers by which the recipient of outreach can say that they want no more; none for an answer. */
async function wayOut(attempt: Attempt, given: Email, address: string): Promise<Record<string, string>> {
  const { identity, secret } = attempt;
  if (!identity || !isOutreach(given)) return {};
  const [message = ''] = messageId(attempt).slice(1).split('@');
  const token = leaveToken(await secret(), { message, address });
  return wayOutHeaders(identity, { address, token });
}

/** Where the signature of an email stands that quotes what it answers, or quotes nothing. */
export function signaturePlace(quotation: Quotation | undefined): SignaturePlace {
  return quotation ? 'above quotation' : 'end';
}

/** The text of an email and its HTML version, each with the signature, and below it what it quotes. */
function bodyOf({ message, html }: Email, signature: string, quotation: Quotation | undefined) {
  const place = signaturePlace(quotation);
  const text = withSignature(message, signature, place);
  const signed = html ? withHtmlSignature(html, signature, place) : undefined;
  if (!quotation) return { text, ...(signed === undefined ? {} : { html: signed }) };
  return {
    text: `${text.trimEnd()}\n\n${quotedText(quotation)}`,
    ...(signed === undefined ? {} : { html: atEndOfHtml(signed, `\n${quotedHtml(quotation)}`) }),
  };
}

/** An email as it goes out, headers and text: RFC 5322, each address as the envelope gives it. */
export async function composeEmail(attempt: Attempt, given: Email): Promise<Buffer> {
  const { contact, identity, deps } = attempt;
  const answer = emailAnswer(attempt, given);
  // Outlook and others open a message with X-Unsent as a draft, to be sent from there.
  const isDraft = identity?.smtp_url_env === undefined;
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const to = wireAddress(contact.email ?? '') ?? '';
  const from = identity && senderAddress(identity.email);
  const { reply_to, bcc } = identity ?? {};
  const composer = new MailComposer({
    to: { name: fullName(contact), address: to },
    subject: given.subject,
    messageId: messageId(attempt),
    date: deps.now(),
    ...bodyOf(given, identity?.signature ?? '', answer?.quotation),
    ...(answer ? { inReplyTo: answer.id, references: answer.references } : {}),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(identity && from !== undefined ? { from: { name: identity.name, address: from } } : {}),
    ...(reply_to === undefined ? {} : { replyTo: reply_to }),
    ...(isDraft && bcc !== undefined ? { bcc } : {}),
    headers: { ...(isDraft ? { 'X-Unsent': '1' } : {}), ...(await wayOut(attempt, given, to)) },
  });
  const mail = composer.compile();
  // A draft tells the mail program that sends it whom to copy. By SMTP that is for the envelope alone.
  mail.keepBcc = isDraft;
  return withWireAddresses(
    await mail.build(),
    [to, from, reply_to, bcc].flatMap((address) => address ?? []),
  );
}
