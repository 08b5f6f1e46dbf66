import fs from 'node:fs';
import path from 'node:path';
import { type Correspondence, type Meaning, meaningOf } from '../../src/domain/mail/meaning.ts';
import type { MailMessage } from '../../src/domain/mail/message.ts';
import { readMessage } from '../../src/domain/mail/read-message.ts';

const FOLDER = new URL('../mail/messages/', import.meta.url).pathname;

/** The Message-ID of the message that those in the folder answer, return or complain of. */
export const SENT = '<3f9a1c7be2d84f60@northwind.example>';
export const RECEIVED = '2026-01-13T12:00:00.000Z';

export const MESSAGE_FILES: readonly string[] = fs
  .readdirSync(FOLDER)
  .map((name) => path.basename(name, '.eml'))
  .sort();

/** The bytes of a message as a server has it, with CR LF at the end of each line. */
export function messageSource(name: string): Buffer {
  const text = fs.readFileSync(path.join(FOLDER, `${name}.eml`), 'latin1');
  return Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');
}

export function messageOf(name: string): Promise<MailMessage> {
  return readMessage(messageSource(name), RECEIVED);
}

/** A message of a few lines: headers that are given replace those of a plain answer by Jane. */
export function written(text: string, headers: Record<string, string> = {}): Buffer {
  const all = {
    From: 'Jane Doe <jane@acme.example>',
    To: 'sam@northwind.example',
    Subject: 'Re: A question about your warehouse',
    'Message-ID': '<answer@acme.example>',
    Date: 'Tue, 13 Jan 2026 12:00:00 +0000',
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text.replace(/\r?\n/g, '\r\n')}`);
}

export const KNOWN: Correspondence = { sentIds: new Set([SENT]) };

/** What a message means to whoever sent SENT. */
export async function meaningOfSource(source: Buffer, known: Correspondence = KNOWN): Promise<Meaning | undefined> {
  return meaningOf(await readMessage(source, RECEIVED), known);
}
