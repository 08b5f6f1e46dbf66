import { type MailPatience, sendMail } from '../../src/net/smtp.ts';
import { smtpServerOf } from '../../src/net/smtp-url.ts';
import { noFetch } from './fixtures.ts';
import type { MailSink } from './mail-sink.ts';

/** Pauses too short to be waited for in a test. */
export const QUICK: MailPatience = { pausesMs: [20, 40], busyMs: [20], connectMs: 20_000, silenceMs: 20_000 };
export const BODY = 'From: a@x.example\r\nSubject: s\r\n\r\nHello\r\n.leading dot\r\n';

/** Hands one message to a sink, by an SMTP URL. */
export async function send(sink: MailSink, url = sink.url(), message = BODY, patience = QUICK, ended?: AbortSignal) {
  const server = smtpServerOf(url);
  if (!server) throw new Error(`${url} should be an SMTP URL`);
  const mail = { from: 'a@x.example', to: 'b@y.example', message: Buffer.from(message) };
  return sendMail({ fetch: noFetch }, server, mail, { patience, ...(ended ? { ended } : {}) });
}
