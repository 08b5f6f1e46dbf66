import { describe, expect, it } from 'vitest';
import { SOURCE_BYTES } from '../../src/domain/mail/beginning.ts';
import { meaningOf } from '../../src/domain/mail/meaning.ts';
import { aDovecot, WEEK } from '../support/dovecot.ts';
import { anImapTap } from '../support/imap-tap.ts';
import { KNOWN, messageSource, written } from '../support/mail-messages.ts';
import { lookInto, mailboxAt, subjectsOf } from '../support/mailbox.ts';

const MINUTE = 60_000;
const message = (subject: string) => written('Hi', { Subject: subject, 'Message-ID': `<${subject}@acme.example>` });

async function tapped() {
  const dovecot = await aDovecot();
  const tap = await anImapTap(dovecot.port);
  const asked = (word: string) => tap.commands.filter((command) => command.includes(word));
  return { dovecot, tap, asked, server: mailboxAt(tap.port) };
}

describe('a mailbox', () => {
  it('is read from seven days ago on, then from where it was read to', async () => {
    const { dovecot, asked, tap, server } = await tapped();
    dovecot.deliver(message('too old'), WEEK + MINUTE);
    dovecot.deliver(message('one'), WEEK - 10 * MINUTE);
    dovecot.deliver(message('two'));
    const first = await lookInto(server);
    expect(subjectsOf(first)).toEqual(['one', 'two']);
    dovecot.deliver(message('three'));
    tap.commands.length = 0;
    const second = await lookInto(server, first.cursor);
    expect(subjectsOf(second)).toEqual(['three']);
    expect(asked('FETCH').every((command) => /^UID FETCH 4\b/.test(command))).toBe(true);
  });

  it('in which nothing is new is not even opened', async () => {
    const { dovecot, asked, tap, server } = await tapped();
    dovecot.deliver(message('one'));
    const { cursor } = await lookInto(server);
    tap.commands.length = 0;
    expect(await lookInto(server, cursor)).toEqual({ mails: [], unread: 0, cursor, steps: 1 });
    expect(asked('STATUS')).toHaveLength(1);
    expect([...asked('EXAMINE'), ...asked('FETCH')]).toEqual([]);
  });

  it('stays as it was: no message is seen, moved or lost', async () => {
    const { dovecot, tap, server } = await tapped();
    for (const name of ['reply-gmail', 'bounce-postfix', 'unsubscribe-iphone']) dovecot.deliver(messageSource(name));
    const flagged = () => dovecot.files().map((name) => /:2,(.*)$/.exec(name)?.[1] ?? '');
    expect((await lookInto(server)).mails).toHaveLength(3);
    expect(flagged()).toEqual(['', '', '']);
    const changing = /\b(?:SELECT|STORE|EXPUNGE|CLOSE|APPEND|COPY|MOVE|DELETE|CREATE)\b|BODY\[/;
    expect(tap.commands.filter((command) => changing.test(command))).toEqual([]);
    expect(tap.commands).toContain('EXAMINE INBOX');
  });

  it('of 100,000 messages costs at the first look what its new part costs', async () => {
    const { dovecot, asked, tap, server } = await tapped();
    dovecot.deliverMany(100_000, 30 * 24 * 60 * MINUTE);
    for (const subject of ['one', 'two', 'three']) dovecot.deliver(message(subject));
    const first = await lookInto(server);
    expect(subjectsOf(first)).toEqual(['one', 'two', 'three']);
    expect(first.cursor.uidnext).toBe(100_004);
    expect(asked('FETCH')).toEqual([
      'FETCH 99004:100003 (UID INTERNALDATE)',
      expect.stringMatching(/^UID FETCH 100001,100002,100003 \(.*BODY\.PEEK\[\]<0\.262144>\)$/),
    ]);
    expect(asked('SEARCH')).toEqual([]);
    expect(tap.received()).toBeLessThan(120_000);
    dovecot.deliver(message('four'));
    tap.commands.length = 0;
    const before = tap.received();
    expect(subjectsOf(await lookInto(server, first.cursor))).toEqual(['four']);
    expect(asked('FETCH')).toHaveLength(2);
    expect(tap.received() - before).toBeLessThan(10_000);
  });

  it('gives at most its newest 1,000 messages at the first look, in steps', async () => {
    const { dovecot, server } = await tapped();
    dovecot.deliverMany(1_100, MINUTE);
    const { mails, steps, cursor } = await lookInto(server);
    expect(mails.map(({ uid }) => uid)).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 101));
    expect(steps).toBe(20);
    expect(cursor.uidnext).toBe(1_101);
  });

  it('is read on after a look that ended early, and none is lost', async () => {
    const { dovecot, server } = await tapped();
    dovecot.deliverMany(120, MINUTE);
    const first = await lookInto(server, undefined, { most: 1 });
    const second = await lookInto(server, first.cursor);
    expect([...first.mails, ...second.mails].map(({ uid }) => uid)).toEqual(
      Array.from({ length: 120 }, (_, at) => at + 1),
    );
  });

  it('gives everything that came since, however much it is, and looks no further back', async () => {
    const { dovecot, asked, tap, server } = await tapped();
    dovecot.deliverMany(3_000, MINUTE);
    const { cursor } = await lookInto(server);
    dovecot.deliverMany(1_500, 30 * 24 * 60 * MINUTE);
    tap.commands.length = 0;
    expect((await lookInto(server, cursor)).mails).toHaveLength(1_500);
    expect(asked('(UID INTERNALDATE)')).toEqual([
      'FETCH 3501:4500 (UID INTERNALDATE)',
      'FETCH 2501:3500 (UID INTERNALDATE)',
    ]);
  });

  it('that was made anew is read as at the first look', async () => {
    const { dovecot, server } = await tapped();
    dovecot.deliver(message('too old'), WEEK + MINUTE);
    dovecot.deliver(message('one'), MINUTE);
    const first = await lookInto(server);
    const other = { ...first.cursor, uidvalidity: '1', uidnext: 900 };
    expect(subjectsOf(await lookInto(server, other))).toEqual(['one']);
    const ahead = { ...first.cursor, uidnext: 900 };
    expect(await lookInto(server, ahead)).toMatchObject({ cursor: first.cursor, mails: [{ uid: 2 }] });
  });

  it('gives of the messages that nobody wants their heads alone', async () => {
    const { dovecot, asked, server } = await tapped();
    dovecot.deliver(written('Secret', { From: 'Eve <eve@private.example>', Subject: 'private' }));
    dovecot.deliver(messageSource('reply-gmail'));
    const heads: string[] = [];
    const wants = ({ from, subject }: { from?: string; subject: string }) => {
      heads.push(subject);
      return from === 'jane@acme.example';
    };
    const { mails } = await lookInto(server, undefined, { wants });
    expect(heads).toEqual(['private', 'Re: A question about your warehouse']);
    expect(mails.map(({ uid }) => uid)).toEqual([2]);
    expect(asked('BODY.PEEK[HEADER]')).toEqual([expect.stringMatching(/^UID FETCH 1,2 \(/)]);
    expect(asked('BODY.PEEK[]')).toEqual([expect.stringMatching(/^UID FETCH 2 \(/)]);
  });

  it('with a message of 100 MB sends its beginning only', async () => {
    const { dovecot, tap, server } = await tapped();
    const line = `${'x'.repeat(98)}\r\n`;
    dovecot.deliver(Buffer.concat([messageSource('reply-fastmail'), Buffer.from(line.repeat(1_000_000))]));
    const [found] = (await lookInto(server)).mails;
    expect(found?.message).toMatchObject({ isCut: true, text: expect.stringMatching(/^By hand, on Fridays\./) });
    expect(tap.received()).toBeLessThan(SOURCE_BYTES + 10_000);
  });

  it('gives messages that mean what they mean', async () => {
    const { dovecot, server } = await tapped();
    for (const name of ['reply-gmail', 'away-microsoft365', 'bounce-exim', 'complaint-yahoo', 'unsubscribe-german'])
      dovecot.deliver(messageSource(name));
    const { mails } = await lookInto(server);
    expect(mails.map((mail) => meaningOf(mail.message, KNOWN)?.kind)).toEqual([
      'replied',
      'auto_replied',
      'bounced',
      'complained',
      'unsubscribed',
    ]);
  });
});
