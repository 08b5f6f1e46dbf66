import { senderAddress } from '../../actions/compose-email.ts';
import { headerProblem } from '../../actions/header.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { AppError, conflict } from '../../domain/base/errors.ts';
import { publicDomain, wireAddress } from '../../domain/contacts/address.ts';
import { sendMail } from '../../net/smtp.ts';
import { smtpSettings } from '../../net/smtp-settings.ts';
import type { House } from '../base/house.ts';
import { findIdentity } from '../base/lookup.ts';

const SUBJECT = 'A test from Countersign';
const TEXT =
  'This is a test of your own settings, which you asked for at the desk.\n\nIt went from your address to your address, and to nobody else.\n';

/** What came of a test: `sent` to the identity's own address, or `written` to a file where its emails are files. */
export type TestMail = { outcome: 'sent' | 'written'; to: string; note: string };

async function composed(house: House, { name, email }: Identity, isDraft: boolean): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const address = senderAddress(email);
  const composer = new MailComposer({
    from: { name, address },
    to: { name, address },
    subject: SUBJECT,
    messageId: `<${house.deps.newId('test')}@${publicDomain(email) ?? 'countersign.invalid'}>`,
    date: house.deps.now(),
    text: TEXT,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
    headers: { 'Auto-Submitted': 'auto-generated', ...(isDraft ? { 'X-Unsent': '1' } : {}) },
  });
  return composer.compile().build();
}

/** The identity, where an email may go from it to itself now. Nobody signs a test, so none goes while that is demanded. */
async function sender(house: House, id: string): Promise<{ identity: Identity; to: string }> {
  const { identity, isBraked, isSigning } = await house.read((view) => ({
    identity: findIdentity(view, id),
    isBraked: view.brake().on,
    isSigning: view.passkeys().signing !== undefined,
  }));
  if (isSigning && identity.smtp_url_env !== undefined)
    throw new AppError(
      'FORBIDDEN',
      'Whatever leaves this machine has to be signed by a passkey, and a test mail is signed by nobody, so none goes out. Approve an email to yourself instead, or switch signing off by your passkey for the test.',
    );
  if (isBraked) throw conflict('The brake is on, so no email goes out, no test either. Take it off first.');
  const to = wireAddress(identity.email);
  const problem = headerProblem(identity.name);
  if (to === undefined || problem !== undefined)
    throw new AppError(
      'VALIDATION_ERROR',
      `No test can go out: ${problem === undefined ? `${JSON.stringify(identity.email)} isn't one plain email address` : `the identity's name ${problem}`}. Correct it with save_identity.`,
    );
  return { identity, to };
}

/**
 * Sends a test from an identity to its own address, by its own mail server; without one it is a file in the outbox, as its
 * emails are. Nobody else gets anything.
 */
export async function sendTestMail(house: House, identityId: string): Promise<TestMail> {
  const { identity, to } = await sender(house, identityId);
  const { deps } = house;
  const { smtp_url_env } = identity;
  const message = await composed(house, identity, smtp_url_env === undefined);
  if (smtp_url_env === undefined) {
    await deps.outbox.write(`test-${identity.id.replaceAll(/[^A-Za-z0-9_]/g, '_')}.eml`, message);
    return { outcome: 'written', to, note: 'Emails of this identity are files in the outbox, and so is the test.' };
  }
  const server = smtpSettings(smtp_url_env, deps.env);
  if ('problem' in server) throw new AppError('PROVIDER_ERROR', `Nothing was sent: ${server.problem}.`);
  const mail = { from: senderAddress(identity.email), to, domain: publicDomain(identity.email), message };
  const made = await sendMail(deps, server, mail, { ended: house.ended });
  if (made.outcome !== 'accepted') throw new AppError('PROVIDER_ERROR', made.message);
  return { outcome: 'sent', to, note: `${server.host} took it: ${made.reply}` };
}
