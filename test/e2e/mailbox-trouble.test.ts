import { describe, expect, it } from 'vitest';
import { readMailbox } from '../../src/net/mailbox/read-mailbox.ts';
import { aDovecot, LOGIN } from '../support/dovecot.ts';
import { noFetch } from '../support/fixtures.ts';
import { anImapTap } from '../support/imap-tap.ts';
import { written } from '../support/mail-messages.ts';
import { lookInto, mailboxAt, problemOf, subjectsOf } from '../support/mailbox.ts';
import { aScriptedImap, fetchAnswer } from '../support/scripted-imap.ts';

const NOW = new Date('2026-01-14T12:00:00.000Z');
const PLACES =
  '* 1 FETCH (UID 1 INTERNALDATE "13-Jan-2026 12:00:00 +0000")\r\n* 2 FETCH (UID 2 INTERNALDATE "13-Jan-2026 12:00:00 +0000")\r\nOK done';
const mail = (uid: number) => ({ uid, item: 'BODY[]<0>', source: written('Hi', { Subject: `message ${uid}` }) });

describe('a mailbox by TLS', () => {
  it('is not read where nobody vouches for the server’s certificate', async () => {
    const { tlsPort, port } = await aDovecot();
    for (const server of [mailboxAt(tlsPort, { scheme: 'imaps' }), mailboxAt(port, { path: '/INBOX?requireTLS=true' })])
      expect(await problemOf(lookInto(server))).toMatchObject({
        fate: 'tls',
        message: expect.stringMatching(
          /^127\.0\.0\.1:\d+: the connection isn't secure: the server's certificate .*SELF_SIGNED/,
        ),
      });
  });

  it('is read where the person vouches for it, from the first byte or by STARTTLS before the login', async () => {
    const dovecot = await aDovecot();
    dovecot.deliver(written('Hi', { Subject: 'one' }));
    const vouched = (query: string) => `/INBOX?tls.rejectUnauthorized=false${query}`;
    const tls = mailboxAt(dovecot.tlsPort, { scheme: 'imaps', path: vouched('') });
    expect(subjectsOf(await lookInto(tls))).toEqual(['one']);
    const tap = await anImapTap(dovecot.port);
    const starttls = mailboxAt(tap.port, { path: vouched('&requireTLS=true') });
    expect(subjectsOf(await lookInto(starttls))).toEqual(['one']);
    // What follows is TLS, whose bytes may look like anything.
    expect(tap.commands.find((command) => command !== 'CAPABILITY')).toBe('STARTTLS');
    expect(tap.commands.join()).not.toContain(btoa(`\0${LOGIN.user}\0${LOGIN.pass}`));
  });

  it('gets no login where TLS is wanted and the server has none, or lets in without a login before it', async () => {
    for (const greeting of ['* OK ready', '* PREAUTH welcome']) {
      const imap = await aScriptedImap({}, greeting);
      const problem = await problemOf(lookInto(mailboxAt(imap.port, { path: '/INBOX?requireTLS=true' })));
      expect(problem).toMatchObject({ fate: 'tls', message: expect.stringContaining('over TLS only') });
      expect(imap.commands.filter((command) => /AUTH|LOGIN|STATUS/.test(command))).toEqual([]);
    }
  });

  it('at a port without TLS is told so', async () => {
    const { port } = await aDovecot();
    expect(await problemOf(lookInto(mailboxAt(port, { scheme: 'imaps' })))).toMatchObject({
      fate: 'tls',
      message: expect.stringContaining('no TLS at this port'),
    });
  });
});

describe('a login that fails', () => {
  it('is told with the names of what to check, and with nothing of the login', async () => {
    const { port } = await aDovecot();
    const server = { ...mailboxAt(port), pass: 'another one' };
    expect(await problemOf(lookInto(server))).toMatchObject({
      fate: 'login',
      message: expect.stringMatching(
        /the login failed \(AUTHENTICATIONFAILED\): check the user name and the password in BOX/,
      ),
    });
  });

  it('is told without a word of the server, which may repeat the password', async () => {
    for (const words of [
      LOGIN.pass,
      btoa(LOGIN.pass),
      `[${LOGIN.pass.replaceAll(' ', '')}] no`,
      `[ALERT] ${LOGIN.user}`,
    ]) {
      const imap = await aScriptedImap({ AUTHENTICATE: () => '+ ', '': () => `NO ${words}` });
      const problem = await problemOf(lookInto(mailboxAt(imap.port)));
      expect(problem.message).toMatch(/^127\.0\.0\.1:\d+: the login failed: check /);
    }
  });

  it('for the moment is no fault of the login', async () => {
    const imap = await aScriptedImap({ AUTHENTICATE: () => 'NO [UNAVAILABLE] later' });
    expect(await problemOf(lookInto(mailboxAt(imap.port)))).toMatchObject({ fate: 'busy' });
  });

  it('by token names the token', async () => {
    const { pass: _, ...server } = mailboxAt((await aScriptedImap({ AUTHENTICATE: () => 'NO no' })).port);
    const token = { ...server, token: { accessToken: 'ya29.secret' }, toCheck: 'the user name and BOX_ACCESS_TOKEN' };
    const problem = await problemOf(lookInto(token));
    expect(problem).toMatchObject({ fate: 'login', message: expect.stringContaining('BOX_ACCESS_TOKEN') });
    expect(problem.message).not.toContain('ya29');
  });
});

describe('a mailbox that can’t be read', () => {
  it('is named where it isn’t there', async () => {
    const { port } = await aDovecot();
    const problem = await problemOf(lookInto(mailboxAt(port, { path: '/Nowhere' })));
    expect(problem).toMatchObject({
      fate: 'mailbox',
      message: expect.stringContaining('there is no mailbox "Nowhere"'),
    });
  });

  it('on a server that isn’t there says so', async () => {
    expect(await problemOf(lookInto(mailboxAt(1)))).toMatchObject({
      fate: 'unreachable',
      message: "127.0.0.1:1: the server can't be reached (ECONNREFUSED).",
    });
  });

  it.each(['STATUS', 'EXAMINE', 'FETCH', 'UID FETCH'])(
    'because the connection ends at %s may be tried again',
    async (at) => {
      const imap = await aScriptedImap({ [at]: () => 'drop', 'FETCH 1:2': () => PLACES });
      expect(await problemOf(lookInto(mailboxAt(imap.port), undefined, { now: NOW }))).toMatchObject({
        fate: 'unreachable',
      });
    },
  );

  it.each([
    ['its greeting', {}, { connectMs: 200 }],
    ['a command', { STATUS: () => undefined }, { silenceMs: 200 }],
    ['the whole look', { STATUS: () => undefined }, { lookMs: 300 }],
  ])('because the server is slow with %s is left', async (what, script, patience) => {
    const imap = await aScriptedImap(script, what === 'its greeting' ? '' : '* OK ready');
    expect(await problemOf(lookInto(mailboxAt(imap.port), undefined, { patience }))).toMatchObject({ fate: 'slow' });
    await imap.ended();
  });

  it.each([
    ['nonsense', () => '* ((((\r\nnonsense'],
    ['more than was asked for', () => fetchAnswer([{ ...mail(1), source: Buffer.alloc(5_000_000, 'x') }])],
    ['a line without end', () => `* ${'x'.repeat(3_000_000)}`],
  ])('because the server answers %s is left', async (_, answer) => {
    const imap = await aScriptedImap({ 'UID FETCH': answer, 'FETCH 1:2': () => PLACES });
    const look = lookInto(mailboxAt(imap.port), undefined, { now: NOW, patience: { lookMs: 10_000 } });
    expect(['broken', 'unreachable', 'slow']).toContain((await problemOf(look)).fate);
    await imap.ended();
  });

  it('is left at once when nobody waits for it any more', async () => {
    const giveUp = new AbortController();
    const imap = await aScriptedImap({
      STATUS: () => {
        setImmediate(() => giveUp.abort());
        return undefined;
      },
    });
    expect(await problemOf(lookInto(mailboxAt(imap.port), undefined, { signal: giveUp.signal }))).toMatchObject({
      fate: 'aborted',
    });
    await imap.ended();
    expect(await problemOf(lookInto(mailboxAt(imap.port), undefined, { signal: giveUp.signal }))).toMatchObject({
      fate: 'aborted',
    });
  });
});

describe('a server', () => {
  it('that can’t give one message of several gives the others, and the look says so', async () => {
    const imap = await aScriptedImap({
      'FETCH 1:2': () => PLACES,
      'UID FETCH 1,2': () => 'NO The message could not be converted',
      'UID FETCH 1 ': () => 'NO The message could not be converted',
      'UID FETCH 2 ': () => fetchAnswer([mail(2)]),
    });
    const look = await lookInto(mailboxAt(imap.port), undefined, { now: NOW });
    expect(look).toMatchObject({
      mails: [{ uid: 2, message: { subject: 'message 2' } }],
      unread: 1,
      cursor: { uidnext: 3 },
    });
  });

  it('that gives messages which weren’t asked for, or twice, gives each that was asked for once', async () => {
    const imap = await aScriptedImap({
      'FETCH 1:2': () => PLACES,
      'UID FETCH 1,2': () => fetchAnswer([mail(9), mail(2), mail(1), mail(2)]),
    });
    const { mails } = await lookInto(mailboxAt(imap.port), undefined, { now: NOW });
    expect(mails.map(({ uid }) => uid)).toEqual([1, 2]);
  });

  it('that tells no next UID is asked what its last message is', async () => {
    const imap = await aScriptedImap({
      STATUS: () => '* STATUS INBOX (UIDVALIDITY 7)\r\nOK done',
      EXAMINE: () => '* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nOK [READ-ONLY] done',
      'FETCH 1:2': () => PLACES,
      'UID FETCH': () => fetchAnswer([mail(1), mail(2)]),
    });
    const { cursor } = await lookInto(mailboxAt(imap.port), undefined, { now: NOW });
    expect(cursor).toEqual({ uidvalidity: '7', uidnext: 3 });
    expect((await lookInto(mailboxAt(imap.port), cursor, { now: NOW })).mails).toEqual([]);
  });

  it('whose clock goes ahead dates no message after now', async () => {
    const imap = await aScriptedImap({
      'FETCH 1:2': () => PLACES.replaceAll('2026', '2099'),
      'UID FETCH': () =>
        Buffer.from(
          fetchAnswer([mail(1)])
            .toString('latin1')
            .replaceAll('13-Jan-2026', '13-Jan-2099'),
        ),
    });
    const { mails } = await lookInto(mailboxAt(imap.port), undefined, { now: NOW });
    expect(mails[0]?.message.receivedAt).toBe(NOW.toISOString());
  });

  it('hears goodbye, and whoever stops in the middle leaves no connection', async () => {
    const imap = await aScriptedImap({ 'FETCH 1:2': () => PLACES, 'UID FETCH': () => fetchAnswer([mail(1)]) });
    await lookInto(mailboxAt(imap.port), undefined, { now: NOW });
    expect(imap.commands.at(-1)).toBe('LOGOUT');
    for await (const _ of readMailbox(mailboxAt(imap.port), undefined, { now: NOW, deps: { fetch: noFetch } })) break;
    await imap.ended();
  });
});
