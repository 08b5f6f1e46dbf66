import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import type { Agent } from '../domain/agents/agent.ts';
import type { Identity } from '../domain/agents/identity.ts';
import { isAddress, wireAddress } from '../domain/contacts/address.ts';
import type { Contact } from '../domain/contacts/contact.ts';
import type { ActionResult } from '../domain/runs/run.ts';
import { htmlText, readsTheSame } from '../domain/text/html-text.ts';
import { visibleAddress } from '../domain/text/visible.ts';
import { outboxFileName } from '../files/outbox.ts';
import { smtpServerOf } from '../net/smtp-url.ts';
import { type ActionScene, type ActionType, type Attempt, EffectFailed, EffectUnknown } from './action.ts';
import { headerProblem } from './header.ts';
import { smtpLack } from './smtp-lack.ts';

const params = z.strictObject({
  subject: z
    .string()
    .min(1)
    .max(998)
    .superRefine((subject, context) => {
      const problem = headerProblem(subject);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `the subject ${problem}` });
    }),
  message: z.string().min(1).max(100_000),
  html: z.string().max(1_000_000).optional(),
});
type EmailParams = z.infer<typeof params>;

function fullName({ firstname, lastname }: Contact): string {
  return [firstname?.trim(), lastname?.trim()].filter((part) => part !== undefined && part !== '').join(' ');
}

function recipientProblem(contact: Contact): string | undefined {
  if (!contact.email) return 'contact has no email address';
  if (wireAddress(contact.email) === undefined)
    return `${JSON.stringify(contact.email)} isn't one plain email address: correct the contact's email with import_contacts`;
  for (const field of ['firstname', 'lastname'] as const) {
    const problem = headerProblem(contact[field] ?? '');
    if (problem) return `the contact's ${field} ${problem}; correct it with import_contacts`;
  }
  const problem = headerProblem(fullName(contact));
  return problem && `the contact's name ${problem}; correct it with import_contacts`;
}

function senderProblem(identity: Identity): string | undefined {
  if (!isAddress(identity.email))
    return `the identity's email ${JSON.stringify(identity.email)} isn't one plain email address: correct it with save_identity`;
  const problem = headerProblem(identity.name);
  return problem && `the identity's name ${problem}; correct it with save_identity`;
}

function obstacle({ contact, identity }: ActionScene): string | undefined {
  return recipientProblem(contact) ?? (identity && senderProblem(identity));
}

/** The Message-ID, the same for every attempt. `.invalid` never resolves (RFC 6761): the id claims nobody's domain. */
function messageId(idempotencyKey: string): string {
  return `<${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}@countersign.invalid>`;
}

function withSignature(message: string, signature: string): string {
  return signature === '' ? message : `${message.trimEnd()}\n\n-- \n${signature}`;
}

function withHtmlSignature(html: string, signature: string): string {
  if (signature === '') return html;
  const escaped = signature.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const block = `\n<p>-- <br>\n${escaped.replace(/\r\n?|\n/g, '<br>\n')}</p>\n`;
  const end = html.search(/<\/body\b/i);
  return end < 0 ? html + block : html.slice(0, end) + block + html.slice(end);
}

async function compose(attempt: Attempt, given: EmailParams): Promise<Buffer> {
  const { contact, identity, idempotency_key, deps } = attempt;
  const signature = identity?.signature?.trim() ?? '';
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const composer = new MailComposer({
    to: { name: fullName(contact), address: wireAddress(contact.email ?? '') ?? '' },
    subject: given.subject,
    messageId: messageId(idempotency_key),
    date: deps.now(),
    text: withSignature(given.message, signature),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(given.html ? { html: withHtmlSignature(given.html, signature) } : {}),
    // Mail clients open a message with X-Unsent as a draft, to be given a sender.
    ...(identity ? { from: { name: identity.name, address: identity.email } } : { headers: { 'X-Unsent': '1' } }),
  });
  return composer.compile().build();
}

async function composeOrFail(attempt: Attempt): Promise<Buffer> {
  const given = params.safeParse(attempt.params);
  const problem = given.success ? obstacle(attempt) : z.prettifyError(given.error);
  if (!given.success || problem !== undefined)
    throw new EffectFailed('VALIDATION_ERROR', `No email was written: ${problem}.`);
  try {
    return await compose(attempt, given.data);
  } catch (error) {
    throw new EffectFailed(
      'INTERNAL',
      `No email was written: composing it failed (${String(error)}). Edit the message and retry.`,
    );
  }
}

/** An address as an SMTP envelope has it: the domain in ASCII. */
function envelopeAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
}

async function send(attempt: Attempt, sender: Identity, message: Buffer): Promise<ActionResult> {
  const { deps, contact, idempotency_key } = attempt;
  const server = smtpServerOf(deps.env[sender.smtp_url_env ?? ''] ?? '');
  if (!server) throw new EffectFailed('PROVIDER_ERROR', `Nothing was sent: ${smtpLack(sender, deps.env)}.`);
  const { sendMail } = await import('../net/smtp.ts');
  const mail = { from: envelopeAddress(sender.email), to: wireAddress(contact.email ?? '') ?? '', message };
  const id = messageId(idempotency_key);
  const made = await sendMail(server, mail, { ended: attempt.ended });
  if (made.outcome === 'failed') throw new EffectFailed('PROVIDER_ERROR', made.message);
  if (made.outcome === 'unknown')
    throw new EffectUnknown(
      'PROVIDER_ERROR',
      `${made.message} Look for Message-ID ${id} among the sent mail, then use settle_action.`,
    );
  return { channel: 'smtp', message_id: id, note: `accepted by ${server.host}: ${made.reply}` };
}

/** An HTML version as a person can read it, and its source where the words alone don't tell all of it. */
function htmlLines(html: string, message: string): [string, string][] {
  const { text, isPlain } = htmlText(html);
  if (isPlain && readsTheSame(text, message)) return [['HTML version', 'reads the same']];
  return [
    ['HTML version, its words', text],
    ['HTML version, whole', html],
  ];
}

/** The message as it will be read: sender, subject, text and HTML version, both with the signature. */
function mailPreview({ identity }: ActionScene, given: Record<string, unknown>): [string, string][] {
  const parsed = params.safeParse(given);
  if (!parsed.success) return [['params', JSON.stringify(given)]];
  const { subject, html } = parsed.data;
  const signature = identity?.signature?.trim() ?? '';
  const message = withSignature(parsed.data.message, signature);
  return [
    ['From', identity ? `${identity.name} <${visibleAddress(identity.email)}>` : 'nobody yet: a draft'],
    ['By', identity?.smtp_url_env === undefined ? 'a file in the outbox, not sent' : `SMTP (${identity.smtp_url_env})`],
    ['Subject', subject],
    ['Message', message],
    ...(html ? htmlLines(withHtmlSignature(html, signature), message) : []),
  ];
}

function warnings({ capabilities, identity_id }: Agent): string[] {
  if (!capabilities.includes('email') || identity_id !== undefined) return [];
  return ['No identity_id: emails are written to the outbox as drafts without a sender; save_identity makes one.'];
}

/**
 * `email_message`, params `{subject, message, html?}`: an RFC 5322 message to the contact's own address, from the
 * agent's identity. It is sent by SMTP where the identity names a server (`smtp_url_env`), else written to HOME/outbox.
 * Without an identity it is a draft without From.
 */
export const emailMessage: ActionType = {
  type: 'email_message',
  noun: 'email',
  capability: 'email',
  outbound: true,
  harmless: false,
  leavesMachine: ({ identity }) => identity?.smtp_url_env !== undefined,
  consent: ['do_not_email', 'do_not_contact', 'bounced'],
  settings: ['identity_id'],
  params,
  target: ({ contact }) => (contact.email ? (wireAddress(contact.email) ?? contact.email) : undefined),
  obstacle,
  preview: mailPreview,
  lack: ({ identity }, env) => smtpLack(identity, env),
  warnings,
  async perform(attempt) {
    const message = await composeOrFail(attempt);
    const { identity } = attempt;
    if (identity?.smtp_url_env !== undefined) return send(attempt, identity, message);
    const path = await attempt.deps.outbox.write(outboxFileName(attempt.ref, 'eml'), message);
    return { channel: 'outbox', message_id: messageId(attempt.idempotency_key), path, note: 'written, not sent' };
  },
};
