import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { waitedFor } from './retry.ts';
import type { SmtpServer } from './smtp-url.ts';
import { mailProblem, serverWords } from './smtp-words.ts';

export type Mail = { from: string; to: string; message: Buffer };

/** The pauses before further tries, and how long a server may keep silent, all in milliseconds. */
export type MailPatience = { pausesMs: readonly number[]; connectMs: number; silenceMs: number };

const MAIL_PATIENCE: MailPatience = { pausesMs: [1_500, 6_000], connectMs: 15_000, silenceMs: 120_000 };
const PIECE = 16 << 10;
/** Error codes that speak of the message, the login or the settings: another try would fail in the same way. */
const LASTING = new Set(['EAUTH', 'ENOAUTH', 'ECONFIG', 'EENVELOPE', 'EMESSAGE', 'EREQUIRETLS']);

/** `failed`: no server took the message. `unknown`: the message was handed over, but the server's answer never came. */
export type MailOutcome =
  | { outcome: 'accepted'; reply: string; tries: number }
  | { outcome: 'failed'; message: string }
  | { outcome: 'unknown'; message: string };

/** How far a session came. */
type Progress = { isLoggingIn: boolean; isHandedOver: boolean };
type MailSession = { server: SmtpServer; mail: Mail; body: Readable; progress: Progress };
type Try = { kind: 'accepted'; reply: string } | { kind: 'refused' | 'later' | 'unknown'; reason: string };

/**
 * The message in pieces. `end` is called after the last one, before the mark that makes a server deliver the message.
 */
function* pieces(message: Buffer, end: () => void): Generator<Buffer> {
  for (let at = 0; at < message.length; at += PIECE) yield message.subarray(at, at + PIECE);
  end();
}

/** One session: connects, logs in, sends. Returns the server's reply to the message. */
async function exchange(connection: SMTPConnection, { server, mail, body, progress }: MailSession): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  const { user, pass } = server;
  if (user !== undefined && pass !== undefined && connection.allowsAuth) {
    progress.isLoggingIn = true;
    await new Promise<void>((resolve, reject) => {
      connection.login({ user, pass }, (error) => (error ? reject(error) : resolve()));
    });
  }
  progress.isLoggingIn = false;
  const envelope = { from: mail.from, to: [mail.to], size: mail.message.length };
  return new Promise<string>((resolve, reject) => {
    connection.send(envelope, body, (error, info) => (error ? reject(error) : resolve(info?.response ?? '')));
  });
}

/**
 * What a failed try means. A server's reply settles it. Without a reply, only a message that wasn't handed over is
 * certainly not delivered.
 */
function failedTry(error: unknown, server: SmtpServer, { isLoggingIn, isHandedOver }: Progress): Try {
  const { status, code, words } = mailProblem(error, server, isLoggingIn);
  const hint =
    code === 'ETLS' && server.requireTLS ? ' (a password goes over TLS only: use smtps:, or ?ignoreTLS=true)' : '';
  const reason = `${server.host}:${server.port}: ${words}${hint}`;
  if (status !== undefined) return { kind: status < 500 ? 'later' : 'refused', reason };
  if (isHandedOver) return { kind: 'unknown', reason };
  return { kind: LASTING.has(code) ? 'refused' : 'later', reason };
}

async function tryOnce(server: SmtpServer, mail: Mail, patience: MailPatience): Promise<Try> {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const { user: _user, pass: _pass, ...settings } = server;
  const connection: SMTPConnection = new Connection({
    ...settings,
    connectionTimeout: patience.connectMs,
    greetingTimeout: patience.connectMs,
    dnsTimeout: patience.connectMs,
    socketTimeout: patience.silenceMs,
  });
  const progress: Progress = { isLoggingIn: false, isHandedOver: false };
  const body = Readable.from(
    pieces(mail.message, () => {
      progress.isHandedOver = true;
    }),
    { objectMode: false, highWaterMark: PIECE },
  );
  const broken = new Promise<never>((_, reject) => connection.on('error', reject));
  broken.catch(() => undefined);
  try {
    const reply = await Promise.race([exchange(connection, { server, mail, body, progress }), broken]);
    return { kind: 'accepted', reply: serverWords(reply, server) };
  } catch (error) {
    return failedTry(error, server, progress);
  } finally {
    connection.close();
    body.destroy();
  }
}

/**
 * Hands one message for one recipient to a mail server. It tries three times in all: after a reply of 4xx, and after a
 * connection that failed before the whole message was handed over. 5xx is final. After the message was handed over, it
 * is never sent again. Never throws for what a server does.
 */
export async function sendMail(
  server: SmtpServer,
  mail: Mail,
  { patience = MAIL_PATIENCE, ended }: { patience?: MailPatience; ended?: AbortSignal } = {},
): Promise<MailOutcome> {
  for (let tries = 1; ; tries++) {
    const made = await tryOnce(server, mail, patience);
    if (made.kind === 'accepted') return { outcome: 'accepted', reply: made.reply, tries };
    const wait = made.kind === 'later' ? patience.pausesMs[tries - 1] : undefined;
    const times = tries > 1 ? ` (tried ${tries} times)` : '';
    if (made.kind === 'unknown')
      return {
        outcome: 'unknown',
        message: `The message was handed over, but then the connection was lost: ${made.reason}.`,
      };
    if (wait === undefined || !(await waitedFor(wait, ended)))
      return { outcome: 'failed', message: `The message was not accepted: ${made.reason}${times}.` };
  }
}
