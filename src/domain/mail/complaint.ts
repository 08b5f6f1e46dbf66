import { wireAddress } from '../contacts/address.ts';
import { type FieldBlock, fieldBlocks, returnedHeads } from './fields.ts';
import { type MailHead, type MailMessage, mailParts } from './message.ts';

/** Kinds of feedback by which a recipient objects (RFC 5965, section 7.3). Others speak of viruses, or of signatures. */
const OBJECTING = /^(?:abuse|fraud|opt-out|opt-out-list|complaint|other)\b/i;
/** The fields of a report, and of the message that it returns, with the address that the complaint came from. */
const OF_REPORT = ['original-rcpt-to', 'removal-recipient', 'original-recipient'];
/** Outlook.com sends no report, only the message with the recipient in a header of its own. */
const OF_RETURNED = ['x-hmxmroriginalrecipient', 'to'];
const OUTLOOK = /^complaint about message from /i;
const MOST = 20;

/** Whether a message may be such a complaint of Outlook.com, by its head. */
export function looksLikeComplaint({ subject }: Pick<MailHead, 'subject'>): boolean {
  return OUTLOOK.test(subject);
}

function namedAddresses(blocks: readonly FieldBlock[], names: readonly string[]): string[] {
  const values = blocks.flatMap((fields) => names.flatMap((name) => fields.get(name) ?? []));
  const addresses = values.flatMap((value) => wireAddress(/<([^<>]{1,320})>/.exec(value)?.[1] ?? value) ?? []);
  return [...new Set(addresses)].slice(0, MOST);
}

/**
 * The addresses that complained of a message as spam (RFC 5965), by a report of their provider; undefined where there is
 * none. Many providers leave the address out: then only the returned message says whom it went to.
 */
export function complainants(message: MailMessage): string[] | undefined {
  const blocks = mailParts(message, ['message/feedback-report']).flatMap(({ text }) => fieldBlocks(text));
  const returned = returnedHeads(message);
  const type = blocks.flatMap((fields) => fields.get('feedback-type') ?? [])[0];
  const isReport = type !== undefined && OBJECTING.test(type);
  const isOutlook = looksLikeComplaint(message) && returned.some((head) => head.has('x-hmxmroriginalrecipient'));
  if (!isReport && !isOutlook) return undefined;
  const reported = namedAddresses(blocks, OF_REPORT);
  return reported.length > 0 ? reported : namedAddresses(returned, OF_RETURNED);
}
