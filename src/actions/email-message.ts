import { z } from 'zod';
import type { Identity } from '../domain/agents/identity.ts';
import { isAddress, publicDomain, wireAddress } from '../domain/contacts/address.ts';
import { type Contact, fullName } from '../domain/contacts/contact.ts';
import { paceOf } from '../domain/mail/pace.ts';
import { sendHoursOf } from '../domain/mail/send-hours.ts';
import { idProblem } from '../domain/mail/threads/written-event.ts';
import { isOutreach, wayOutInWords } from '../domain/mail/way-out.ts';
import type { ActionResult } from '../domain/runs/run.ts';
import { htmlText, readsTheSame } from '../domain/text/html-text.ts';
import { visibleAddress } from '../domain/text/visible.ts';
import { outboxFileName } from '../files/outbox.ts';
import type { MailOutcome } from '../net/smtp.ts';
import { smtpSettings } from '../net/smtp-settings.ts';
import {
  type ActionScene,
  type ActionType,
  AddressRefused,
  type Attempt,
  EffectFailed,
  EffectLater,
  EffectUnknown,
} from './action.ts';
import { answerLines, emailAnswer, withAnswerSubject } from './answer-email.ts';
import { composeEmail, messageId, senderAddress, signaturePlace } from './compose-email.ts';
import { emailWarnings } from './email-warnings.ts';
import { headerProblem } from './header.ts';
import { mailboxLack } from './mailbox-lack.ts';
import { withHtmlSignature, withSignature } from './signature.ts';
import { smtpLack } from './smtp-lack.ts';

/** What a refusal of the recipient's address for good comes to. */
const REFUSED_FOR_GOOD =
  'The address is marked as bounced, and no email goes there any more; countersign consent ADDRESS lifts that.';

const params = z
  .strictObject({
    subject: z
      .string()
      .min(1)
      .max(998)
      .superRefine((subject, context) => {
        const problem = headerProblem(subject);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: `the subject ${problem}` });
      })
      .optional()
      .describe('Needed, but for an answer: without one it has "Re: " and the subject of what it answers.'),
    message: z.string().min(1).max(100_000),
    html: z.string().max(1_000_000).optional(),
    in_reply_to: z
      .string()
      .superRefine((id, context) => {
        const problem = idProblem(id);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: `in_reply_to ${problem}` });
      })
      .optional()
      .describe(
        'To answer what the contact wrote: properties.message_id of that event (such as replied), of the last 30 days. Quote nothing: what they wrote is put below.',
      ),
  })
  .superRefine((given, context) => {
    if (given.subject === undefined && isOutreach(given))
      context.addIssue({ code: 'custom', path: ['subject'], message: 'is missing: only an answer may leave it out' });
  });

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
  if (problem) return `the identity's name ${problem}; correct it with save_identity`;
  const hours = identity.send_hours === undefined ? undefined : sendHoursOf(identity.send_hours);
  return hours && 'problem' in hours
    ? `the identity's send_hours can't be read here (${hours.problem}): correct it with save_identity`
    : undefined;
}

function obstacle({ contact, identity }: ActionScene): string | undefined {
  return recipientProblem(contact) ?? (identity && senderProblem(identity));
}

/** Why an answer can't be written: it never goes out as anything else. */
function lostMessage(attempt: Attempt): string | undefined {
  const { params } = attempt;
  return isOutreach(params) || emailAnswer(attempt, params) ? undefined : 'the message that it answers is gone';
}

async function composeOrFail(attempt: Attempt): Promise<Buffer> {
  const given = params.safeParse(attempt.params);
  const problem = given.success ? (obstacle(attempt) ?? lostMessage(attempt)) : z.prettifyError(given.error);
  if (!given.success || problem !== undefined)
    throw new EffectFailed('VALIDATION_ERROR', `No email was written: ${problem}.`);
  try {
    const { subject = '' } = withAnswerSubject(attempt, given.data);
    return await composeEmail(attempt, { ...given.data, subject: String(subject) });
  } catch (error) {
    throw new EffectFailed(
      'INTERNAL',
      `No email was written: composing it failed (${String(error)}). Edit the message and retry.`,
    );
  }
}

/** What came of the copy, for the receipt. */
function copied(
  bcc: string | undefined,
  { copyFailed }: Pick<MailOutcome & { outcome: 'accepted' }, 'copyFailed'>,
): string {
  if (bcc === undefined) return '';
  return copyFailed === undefined ? `; a copy went to ${bcc}` : `; no copy went to ${bcc}: ${copyFailed}`;
}

async function send(attempt: Attempt, sender: Identity, message: Buffer): Promise<ActionResult> {
  const { deps, contact } = attempt;
  const server = smtpSettings(sender.smtp_url_env ?? '', deps.env);
  if ('problem' in server) throw new EffectFailed('PROVIDER_ERROR', `Nothing was sent: ${server.problem}.`);
  const { sendMail } = await import('../net/smtp.ts');
  const to = wireAddress(contact.email ?? '') ?? '';
  const { bcc } = sender;
  const mail = { from: senderAddress(sender.email), to, bcc, domain: publicDomain(sender.email), message };
  const id = messageId(attempt);
  const made = await sendMail(deps, server, mail, { ended: attempt.ended });
  switch (made.outcome) {
    case 'accepted':
      return { channel: 'smtp', message_id: id, note: `accepted by ${server.host}: ${made.reply}${copied(bcc, made)}` };
    case 'later':
      throw new EffectLater('PROVIDER_ERROR', made.message);
    case 'unknown':
      throw new EffectUnknown(
        'PROVIDER_ERROR',
        `${made.message} Look for Message-ID ${id} among the sent mail, then use settle_action.`,
      );
    case 'failed':
      if (made.refusal === undefined) throw new EffectFailed('PROVIDER_ERROR', made.message);
      throw new AddressRefused(to, made.refusal, `${made.message} ${REFUSED_FOR_GOOD}`);
  }
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

/** Where answers, copies and a wish for no more emails go, each on a line where the sender says so. */
function otherAddresses({ identity, contact }: ActionScene, given: Record<string, unknown>): [string, string][] {
  if (!identity) return [];
  const { reply_to, bcc } = identity;
  const out = isOutreach(given) ? wayOutInWords(identity, wireAddress(contact.email ?? '') ?? '') : undefined;
  return [
    ...(reply_to === undefined ? [] : [['Reply-To', visibleAddress(reply_to)] satisfies [string, string]]),
    ...(bcc === undefined ? [] : [['Bcc', visibleAddress(bcc)] satisfies [string, string]]),
    ...(out === undefined ? [] : [['To unsubscribe', out] satisfies [string, string]]),
  ];
}

/** The message as it will be read: sender, subject, text and HTML version, both with the signature. */
function mailPreview(scene: ActionScene, given: Record<string, unknown>): [string, string][] {
  const { identity } = scene;
  const parsed = params.safeParse(withAnswerSubject(scene, given));
  if (!parsed.success) return [['params', JSON.stringify(given)]];
  const { subject = '', html } = parsed.data;
  const signature = identity?.signature ?? '';
  const place = signaturePlace(emailAnswer(scene, given)?.quotation);
  const message = withSignature(parsed.data.message, signature, place);
  const { answers, quoted } = answerLines(scene, given);
  return [
    ['From', identity ? `${identity.name} <${visibleAddress(identity.email)}>` : 'nobody yet: a draft'],
    ['By', identity?.smtp_url_env === undefined ? 'a file in the outbox, not sent' : `SMTP (${identity.smtp_url_env})`],
    ...otherAddresses(scene, given),
    ...answers,
    ['Subject', subject],
    ['Message', message],
    ...(html ? htmlLines(withHtmlSignature(html, signature, place), message) : []),
    ...quoted,
  ];
}

/**
 * `email_message`, params `{subject, message, html?, in_reply_to?}`: an RFC 5322 message to the contact's own address,
 * from the agent's identity. It is sent by SMTP where the identity names a server (`smtp_url_env`), else written to
 * HOME/outbox. Without an identity it is a draft without From. With `in_reply_to` it answers, in its thread, a message
 * that the contact wrote to us, and then may leave its subject out.
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
  answers: (given) => (isOutreach(given) ? undefined : { id: given.in_reply_to, spares: 'do_not_email' }),
  inScene: withAnswerSubject,
  carries: emailAnswer,
  target: ({ contact }) => (contact.email ? (wireAddress(contact.email) ?? contact.email) : undefined),
  obstacle,
  preview: mailPreview,
  pace: ({ identity }) => (identity?.smtp_url_env === undefined ? undefined : paceOf(identity)),
  lack: ({ identity }, env) => smtpLack(identity, env) ?? mailboxLack(identity, env),
  warnings: emailWarnings,
  async perform(attempt) {
    const message = await composeOrFail(attempt);
    const { identity } = attempt;
    if (identity?.smtp_url_env !== undefined) return send(attempt, identity, message);
    const path = await attempt.deps.outbox.write(outboxFileName(attempt.ref, 'eml'), message);
    return { channel: 'outbox', message_id: messageId(attempt), path, note: 'written, not sent' };
  },
};
