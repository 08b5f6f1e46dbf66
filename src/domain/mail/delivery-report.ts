import { wireAddress } from '../contacts/address.ts';
import { type FieldBlock, fieldBlocks } from './fields.ts';
import { type MailMessage, mailParts } from './message.ts';
import { type Refusal, refusalSaid } from './refusal.ts';

const STATUS_CODE = ['message/delivery-status', 'message/global-delivery-status'];
const MOST_RECIPIENTS = 100;
const UNREFUSED = /^(?:delayed|delivered|relayed|expanded)\b/i;

/** An address behind its type: `rfc822; sam@example.com`. */
function typedAddress(value: string | undefined): string | undefined {
  return wireAddress((value ?? '').replace(/^[a-z0-9-]{1,20}\s{0,9};/i, '').trim());
}

/**
 * What a report says of one recipient: Original-Recipient is the address that the message was sent to, Final-Recipient
 * where it went from there. Actions of other names than the five of the standard count by their status.
 */
function refusalIn(fields: FieldBlock): Refusal | undefined {
  const first = (name: string) => fields.get(name)?.[0];
  if (UNREFUSED.test(first('action') ?? '')) return undefined;
  const address = typedAddress(first('original-recipient')) ?? typedAddress(first('final-recipient'));
  const diagnostic = first('diagnostic-code')?.replace(/^[\w-]{1,20}\s{0,9};/, '') ?? '';
  return refusalSaid([first('status') ?? '', diagnostic], address);
}

/**
 * What a delivery report (RFC 3464) says of each recipient that got nothing, none where the server still tries; undefined
 * where there is no report, or one about nobody.
 */
export function refusalsReported(message: MailMessage): Refusal[] | undefined {
  const blocks = mailParts(message, STATUS_CODE).flatMap(({ text }) => fieldBlocks(text));
  const recipients = blocks.filter((fields) => fields.has('action') || fields.has('status')).slice(0, MOST_RECIPIENTS);
  return recipients.length === 0 ? undefined : recipients.flatMap((fields) => refusalIn(fields) ?? []);
}
