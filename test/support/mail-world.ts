import fs from 'node:fs';
import path from 'node:path';
import PostalMime from 'postal-mime';
import type { Exim } from './exim.ts';
import { written } from './mail-messages.ts';

/** A message in a mailbox, as a mail program shows it. `at`: when it arrived, in ms since 1970. */
export type Mail = {
  at: number;
  from: string;
  to: string;
  subject: string;
  id: string;
  inReplyTo: string | undefined;
  references: string[];
  text: string;
  /** The first value of a header, by its name in lower case. */
  header: (name: string) => string | undefined;
  source: string;
};

async function read(file: string): Promise<Mail> {
  const source = fs.readFileSync(file, 'utf8');
  const parsed = await PostalMime.parse(source);
  const header = (name: string) => parsed.headers.find(({ key }) => key === name)?.value;
  return {
    at: fs.statSync(file).mtimeMs,
    from: parsed.from?.address ?? '',
    to: parsed.to?.[0]?.address ?? '',
    subject: parsed.subject ?? '',
    id: parsed.messageId ?? '',
    inReplyTo: parsed.inReplyTo,
    references: parsed.references?.split(/\s+/).filter((id) => id !== '') ?? [],
    text: parsed.text ?? '',
    header,
    source,
  };
}

/**
 * The mailboxes of a mail server, in a time of the test's own: what was delivered has arrived when `deliver` was called.
 */
export class PostOffice {
  readonly #exim: Exim;
  readonly #now: () => number;
  readonly #known = new Map<string, Set<string>>();

  constructor(exim: Exim, now: () => number) {
    this.#exim = exim;
    this.#now = now;
  }

  /** Opens mailboxes, or changes what stands behind an address. */
  open(...given: Parameters<Exim['open']>): void {
    this.#exim.open(...given);
    const [address] = given;
    if (!this.#known.has(address)) this.#known.set(address, new Set());
  }

  /** Delivers all that waits, and gives what has arrived, by the addresses that it arrived at. */
  async deliver(): Promise<[address: string, mail: Mail][]> {
    await this.#exim.deliver();
    const arrived: [string, Mail][] = [];
    for (const [address, known] of this.#known) {
      for (const file of this.#exim.files(address)) {
        const name = path.basename(file).replace(/:2,.*$/, '');
        if (known.has(name)) continue;
        known.add(name);
        fs.utimesSync(file, this.#now() / 1_000, this.#now() / 1_000);
        arrived.push([address, await read(file)]);
      }
    }
    return arrived;
  }

  /** All that is in a mailbox, oldest first. */
  async mails(address: string): Promise<Mail[]> {
    const mails = await Promise.all(this.#exim.files(address).map(read));
    return mails.sort((a, b) => a.at - b.at);
  }

  /** Somebody hands in a message at their own provider. */
  send(from: string, to: string, message: Buffer): Promise<void> {
    return this.#exim.handIn({ from, to }, message);
  }
}

/** Who writes, when, and the number of the message among theirs. */
type Writing = { name: string; address: string; at: number; number: number };

function headersOf({ name, address, at, number }: Writing, to: string): Record<string, string> {
  const [local, domain] = address.split('@');
  return {
    From: `${name} <${address}>`,
    To: to,
    Date: new Date(at).toUTCString(),
    'Message-ID': `<${local}.${number}@mail.${domain}>`,
  };
}

/** An answer as mail programs write it: in the thread, and above what it answers. */
export function answerTo(mail: Mail, text: string, by: Writing): Buffer {
  const day = new Date(mail.at).toUTCString().slice(0, 16);
  const quoted = mail.text
    .trimEnd()
    .replace(/^(?!>)/gm, '> ')
    .replace(/^>(?=>)/gm, '>');
  return written(`${text}\n\n${by.name}\n\nOn ${day}, <${mail.from}> wrote:\n\n${quoted}\n`, {
    ...headersOf(by, mail.from),
    Subject: /^re:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`,
    'In-Reply-To': mail.id,
    References: [...mail.references, mail.id].join(' '),
  });
}

/** A message that begins a thread. */
export function letter(to: string, { subject, text }: { subject: string; text: string }, by: Writing): Buffer {
  return written(`${text}\n\n${by.name}\n`, { ...headersOf(by, to), Subject: subject });
}

/** What a mail program sends for its "unsubscribe", and where, by the header List-Unsubscribe of a message. */
export function leaving(mail: Mail, by: Writing): { to: string; message: Buffer } {
  const [, to = '', subject = ''] =
    /<mailto:([^?>]+)\?subject=([^>]+)>/.exec(mail.header('list-unsubscribe') ?? '') ?? [];
  const said = { ...headersOf(by, to), Subject: decodeURIComponent(subject) };
  return { to, message: written('', said) };
}

/** What a provider sends about a message that its user called spam (RFC 5965). */
export function complaintAbout(mail: Mail, by: Writing): Buffer {
  const parts = [
    ['text/plain; charset=us-ascii', 'This is an email abuse report for an email message.'],
    [
      'message/feedback-report',
      `Feedback-Type: abuse\nUser-Agent: Provider/1.0\nVersion: 1\nOriginal-Mail-From: <${mail.from}>\nOriginal-Rcpt-To: ${mail.to}\n`,
    ],
    ['message/rfc822', mail.source],
  ];
  const body = parts.map(([type, text]) => `--part\nContent-Type: ${type}\n\n${text}\n`).join('');
  return written(`${body}--part--\n`, {
    ...headersOf(by, mail.from),
    Subject: `FW: ${mail.subject}`,
    'MIME-Version': '1.0',
    'Content-Type': 'multipart/report; report-type=feedback-report; boundary=part',
  });
}
