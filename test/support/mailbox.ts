import { expect } from 'vitest';
import type { MailboxCursor } from '../../src/domain/mail/mailbox.ts';
import { MailboxProblem } from '../../src/net/mailbox/problem.ts';
import { type FoundMail, type LookOptions, readMailbox } from '../../src/net/mailbox/read-mailbox.ts';
import { type MailboxServer, mailboxSettings } from '../../src/net/mailbox/settings.ts';
import { LOGIN } from './dovecot.ts';
import { noFetch } from './fixtures.ts';

const LOGIN_IN_URL = `${encodeURIComponent(LOGIN.user)}:${encodeURIComponent(LOGIN.pass)}`;

/** The mailbox of LOGIN on a server of this machine. */
export function mailboxAt(port: number, { scheme = 'imap', path = '/INBOX' } = {}): MailboxServer {
  const server = mailboxSettings('BOX', { BOX: `${scheme}://${LOGIN_IN_URL}@127.0.0.1:${port}${path}` });
  if ('problem' in server) throw new Error(server.problem);
  return server;
}

export type WholeLook = { mails: FoundMail[]; unread: number; cursor: MailboxCursor; steps: number };

/** A look from its first step to its last, or to the step of a number. */
export async function lookInto(
  server: MailboxServer,
  since?: MailboxCursor,
  { most = Number.POSITIVE_INFINITY, ...options }: Partial<LookOptions> & { most?: number } = {},
): Promise<WholeLook> {
  const made: WholeLook = { mails: [], unread: 0, cursor: { uidvalidity: '', uidnext: 0 }, steps: 0 };
  for await (const { mails, unread, cursor } of readMailbox(server, since, {
    now: new Date(),
    deps: { fetch: noFetch },
    ...options,
  })) {
    made.mails.push(...mails);
    made.unread += unread;
    made.cursor = cursor;
    made.steps++;
    if (made.steps === most) break;
  }
  return made;
}

export function subjectsOf({ mails }: WholeLook): string[] {
  return mails.map(({ message }) => message.subject);
}

/** Why a look fails. No words of it hold the login, in any form. */
export async function problemOf(look: Promise<unknown>): Promise<MailboxProblem> {
  const problem = await look.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(problem instanceof MailboxProblem)) throw problem ?? new Error('the look went well');
  for (const secret of [LOGIN.user, LOGIN.pass, encodeURIComponent(LOGIN.pass), btoa(LOGIN.pass)])
    expect(`${problem.message} ${problem.stack}`).not.toContain(secret);
  return problem;
}
