import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Deps } from '../domain/base/deps.ts';
import { tokenOptions } from './mail-token.ts';
import { waitedFor } from './retry.ts';
import { refusesAddress } from './smtp-refusal.ts';
import type { SmtpServer } from './smtp-settings.ts';
import { mailProblem, type SessionEnd, serverWords } from './smtp-words.ts';

/**
 * A message and its envelope. `bcc` gets a copy in an envelope of its own: so the server's words about `to` are about the
 * recipient alone. `domain`: the sender's, as EHLO gives it; unset where it is no name for other machines.
 */
export type Mail = {
  from: string;
  to: string;
  bcc?: string | undefined;
  domain?: string | undefined;
  message: Buffer;
};

/** The pauses before further tries at once, and how long a server may keep silent, all in milliseconds. */
export type MailPatience = {
  /** After a connection that failed before the message was handed over. */
  pausesMs: readonly number[];
  /** After a reply of 4xx: a hiccup heals in seconds, and for what doesn't the message waits for minutes. */
  busyMs: readonly number[];
  connectMs: number;
  silenceMs: number;
};

const MAIL_PATIENCE: MailPatience = {
  pausesMs: [1_500, 6_000],
  busyMs: [1_500],
  connectMs: 15_000,
  silenceMs: 120_000,
};
const PIECE = 16 << 10;
/** What EHLO gives where there is no name: an address literal (RFC 5321, 4.1.4), which tells nothing of this machine. */
const NO_NAME = '[127.0.0.1]';
/** Error codes that speak of the message, the login or the settings: another try would fail in the same way. */
const LASTING = new Set(['EAUTH', 'ENOAUTH', 'ECONFIG', 'EENVELOPE', 'EMESSAGE', 'EREQUIRETLS', 'TOKEN_refused']);

/**
 * `accepted`: `copyFailed` says why the copy wasn't taken; it isn't tried again. `failed`: no server took the message;
 * `refusal` has its words where it refused the recipient's address for good. `later`: no server took it, and it may be
 * tried again after minutes. `unknown`: the message was handed over, but the server's answer never came.
 */
export type MailOutcome =
  | { outcome: 'accepted'; reply: string; tries: number; copyFailed?: string }
  | { outcome: 'failed'; message: string; refusal?: string }
  | { outcome: 'later' | 'unknown'; message: string };

/** How far a session came. */
type Progress = SessionEnd & { isHandedOver: boolean; fetched: string[]; accepted?: string };
type MailSession = { server: SmtpServer; mail: Mail; bodies: Readable[]; progress: Progress };
type Try =
  | { kind: 'accepted'; reply: string; copyFailed?: string }
  | { kind: 'refused'; reason: string; refusal?: string }
  | { kind: 'busy' | 'unreachable' | 'unknown'; reason: string };

/** The server lacks what an address needs. */
class NoUtf8 extends Error {}

/** Refuses an address with letters outside ASCII before the @ where the server's EHLO doesn't offer SMTPUTF8 (RFC 6531). */
function demandUtf8(connection: SMTPConnection, { from, to }: Mail): void {
  const needing = [to, from].find((address) => /[^\x20-\x7e]/.test(address));
  const [, ...offers] = String(connection.lastServerResponse).split(/\r?\n/);
  if (needing === undefined || offers.some((line) => /^\d{3}[ -]SMTPUTF8\s*$/i.test(line))) return;
  throw new NoUtf8(
    `the address ${needing} has letters outside ASCII before the @, and the server doesn't take such addresses (it offers no SMTPUTF8)`,
  );
}

/**
 * The message in pieces. `end` is called after the last one, before the mark that makes a server deliver the message.
 */
function* pieces(message: Buffer, end: () => void): Generator<Buffer> {
  for (let at = 0; at < message.length; at += PIECE) yield message.subarray(at, at + PIECE);
  end();
}

/** Logs in where the server takes a login: by token, or by password. */
async function logIn(deps: Pick<Deps, 'fetch'>, connection: SMTPConnection, session: MailSession): Promise<void> {
  const { server, progress } = session;
  const { user, pass, token } = server;
  if (user === undefined || !connection.allowsAuth) return;
  progress.isLoggingIn = true;
  const got = (fresh: string) => progress.fetched.push(fresh);
  const failed = (problem: unknown) => {
    progress.noToken = problem;
  };
  const { default: XOAuth2 } = await import('nodemailer/lib/xoauth2');
  const oauth2 = token && new XOAuth2(tokenOptions(deps, { user, token }, { got, failed }));
  await new Promise<void>((resolve, reject) => {
    connection.login(oauth2 ? { user, oauth2 } : { user, pass }, (error) => (error ? reject(error) : resolve()));
  });
  progress.isLoggingIn = false;
}

/** Hands the message to one recipient, within a session. Returns the server's reply to it. */
async function handOver(connection: SMTPConnection, to: string, session: MailSession): Promise<string> {
  const { mail, bodies, progress } = session;
  const body = Readable.from(
    pieces(mail.message, () => {
      progress.isHandedOver = true;
    }),
    { objectMode: false, highWaterMark: PIECE },
  );
  bodies.push(body);
  const envelope = { from: mail.from, to: [to], size: mail.message.length };
  return new Promise<string>((resolve, reject) => {
    connection.send(envelope, body, (error, info) => (error ? reject(error) : resolve(info?.response ?? '')));
  });
}

/** One session: connects, logs in, sends the message, then its copy. `progress` has the reply to the message. */
async function exchange(deps: Pick<Deps, 'fetch'>, connection: SMTPConnection, session: MailSession): Promise<void> {
  const { mail, progress } = session;
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  demandUtf8(connection, mail);
  await logIn(deps, connection, session);
  progress.accepted = await handOver(connection, mail.to, session);
  if (mail.bcc !== undefined && mail.bcc !== mail.to) await handOver(connection, mail.bcc, session);
}

/**
 * What a failed try means. A server's reply settles it. Without a reply, only a message that wasn't handed over is
 * certainly not delivered.
 */
function failedTry(error: unknown, server: SmtpServer, progress: Progress): Try {
  const place = `${server.host}:${server.port}`;
  if (error instanceof NoUtf8) return { kind: 'refused', reason: `${place}: ${error.message}` };
  const problem = mailProblem(error, server, progress);
  const { status, code, words, reply } = problem;
  const hint =
    code === 'ETLS' && server.requireTLS ? ' (a password goes over TLS only: use smtps:, or ?ignoreTLS=true)' : '';
  const reason = `${place}: ${words}${hint}`;
  if (refusesAddress(problem)) return { kind: 'refused', reason, refusal: reply };
  if (status !== undefined) return { kind: status < 500 ? 'busy' : 'refused', reason };
  if (progress.isHandedOver) return { kind: 'unknown', reason };
  if (code === 'TOKEN_busy') return { kind: 'busy', reason };
  return { kind: LASTING.has(code) ? 'refused' : 'unreachable', reason };
}

async function tryOnce(
  deps: Pick<Deps, 'fetch'>,
  server: SmtpServer,
  mail: Mail,
  patience: MailPatience,
): Promise<Try> {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const { host, port, secure, requireTLS, ignoreTLS, tls, name = mail.domain ?? NO_NAME } = server;
  const connection: SMTPConnection = new Connection({
    ...{ host, port, secure, requireTLS, ignoreTLS, tls, name },
    connectionTimeout: patience.connectMs,
    greetingTimeout: patience.connectMs,
    dnsTimeout: patience.connectMs,
    socketTimeout: patience.silenceMs,
  });
  const progress: Progress = { isLoggingIn: false, isHandedOver: false, fetched: [] };
  const broken = new Promise<never>((_, reject) => connection.on('error', reject));
  broken.catch(() => undefined);
  const bodies: Readable[] = [];
  let made: Try | undefined;
  try {
    await Promise.race([exchange(deps, connection, { server, mail, bodies, progress }), broken]);
  } catch (error) {
    made = failedTry(error, server, progress);
  } finally {
    connection.close();
    for (const body of bodies) body.destroy();
  }
  if (progress.accepted === undefined) return made ?? { kind: 'unknown', reason: 'the session ended without a reply' };
  const reply = serverWords(progress.accepted, { ...server, fetched: progress.fetched });
  return { kind: 'accepted', reply, ...(made && 'reason' in made ? { copyFailed: made.reason } : {}) };
}

/** How a failed message stands after the last try that is made at once. `isCutShort`: the process is about to end. */
function failure(made: Exclude<Try, { kind: 'accepted' }>, tries: number, isCutShort: boolean): MailOutcome {
  const times = tries > 1 ? ` (tried ${tries} times)` : '';
  if (made.kind === 'unknown')
    return {
      outcome: 'unknown',
      message: `The message was handed over, but then the connection was lost: ${made.reason}.`,
    };
  if (made.kind === 'busy' || isCutShort)
    return { outcome: 'later', message: `The message was not accepted yet: ${made.reason}${times}.` };
  const refusal = made.kind === 'refused' ? made.refusal : undefined;
  return {
    outcome: 'failed',
    message: `The message was not accepted: ${made.reason}${times}.`,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/**
 * Hands one message for one recipient to a mail server. After a connection that failed before the whole message was
 * handed over it tries three times in all, after a reply of 4xx twice; then a 4xx is for `later`. 5xx is final. After
 * the message was handed over, it is never sent again. Never throws for what a server does.
 */
export async function sendMail(
  deps: Pick<Deps, 'fetch'>,
  server: SmtpServer,
  mail: Mail,
  { patience = MAIL_PATIENCE, ended }: { patience?: MailPatience; ended?: AbortSignal } = {},
): Promise<MailOutcome> {
  for (let tries = 1; ; tries++) {
    const made = await tryOnce(deps, server, mail, patience);
    if (made.kind === 'accepted') {
      const { kind: _kind, ...accepted } = made;
      return { outcome: 'accepted', ...accepted, tries };
    }
    const pauses = made.kind === 'busy' ? patience.busyMs : made.kind === 'unreachable' ? patience.pausesMs : [];
    const pause = pauses[tries - 1];
    if (pause === undefined) return failure(made, tries, false);
    if (!(await waitedFor(pause, ended))) return failure(made, tries, true);
  }
}
