import { type MailPatience, sendMail } from '../../src/net/smtp.ts';
import { type SmtpServer, smtpSettings } from '../../src/net/smtp-settings.ts';
import { noFetch } from './fixtures.ts';
import type { MailSink } from './mail-sink.ts';

/** Pauses too short to be waited for in a test. */
export const QUICK: MailPatience = { pausesMs: [20, 40], busyMs: [20], connectMs: 20_000, silenceMs: 20_000 };
export const BODY = 'From: a@x.example\r\nSubject: s\r\n\r\nHello\r\n.leading dot\r\n';

/** The mail server of an SMTP URL. */
export function smtpServerAt(url: string): SmtpServer {
  const server = smtpSettings('COUNTERSIGN_SMTP', { COUNTERSIGN_SMTP: url });
  if ('problem' in server) throw new Error(server.problem);
  return server;
}

/** Hands one message to a sink, by an SMTP URL. */
export async function send(sink: MailSink, url = sink.url(), message = BODY, patience = QUICK, ended?: AbortSignal) {
  const server = smtpServerAt(url);
  const mail = { from: 'a@x.example', to: 'b@y.example', message: Buffer.from(message) };
  return sendMail({ fetch: noFetch }, server, mail, { patience, ...(ended ? { ended } : {}) });
}
