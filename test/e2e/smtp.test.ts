import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendMail } from '../../src/net/smtp.ts';
import { noFetch } from '../support/fixtures.ts';
import { aMailSink, type MailScript } from '../support/mail-sink.ts';
import { BODY, QUICK, send, smtpServerAt } from '../support/sending.ts';

describe('a mail server that', () => {
  it('accepts gets the message once, as it is', async () => {
    const sink = await aMailSink();
    expect(await send(sink)).toMatchObject({ outcome: 'accepted', tries: 1, reply: expect.stringMatching(/^250 /) });
    expect(sink.mails).toEqual([{ from: 'a@x.example', to: ['b@y.example'], text: BODY }]);
  });

  it('takes long messages whole', async () => {
    const sink = await aMailSink();
    const long = `${BODY}${`${'x'.repeat(70)}\r\n`.repeat(20_000)}`;
    expect(await send(sink, sink.url(), long)).toMatchObject({ outcome: 'accepted' });
    expect(sink.mails[0]?.text).toBe(long);
  });

  it('refuses the recipient or the message with 5xx is asked once', async () => {
    for (const where of ['recipient', 'message'] as const) {
      const sink = await aMailSink({ [where]: () => ({ code: 550, words: 'no such\r\nuser' }) });
      const made = await send(sink);
      expect(made).toMatchObject({ outcome: 'failed', message: expect.stringContaining('550 no such user') });
      expect(sink.connections()).toBe(1);
    }
  });

  it('greylists with 4xx is asked again', async () => {
    for (const where of ['greeting', 'recipient', 'message'] as const) {
      const sink = await aMailSink({
        [where]: (count: number) => (count === 0 ? { code: 451, words: 'come back later' } : undefined),
      });
      expect(await send(sink), where).toMatchObject({ outcome: 'accepted', tries: 2 });
    }
  });

  it('says 4xx twice is asked again later, and not at once', async () => {
    for (const where of ['greeting', 'recipient', 'message'] as const) {
      const sink = await aMailSink({ [where]: () => ({ code: 450, words: 'greylisted' }) });
      expect(await send(sink), where).toMatchObject({
        outcome: 'later',
        message: expect.stringMatching(/450 greylisted.*tried 2 times/),
      });
      expect(sink.connections()).toBe(2);
    }
  });

  it('can’t be asked again because the process ends is asked again later', async () => {
    const sink = await aMailSink();
    await sink.close();
    const ending = new AbortController();
    const waiting = { ...QUICK, pausesMs: [60_000] };
    const made = send(sink, sink.url(), BODY, waiting, ending.signal);
    ending.abort();
    expect(await made).toMatchObject({ outcome: 'later', message: expect.stringContaining('ECONNREFUSED') });
  });

  it('drops the connection after it has the message leaves the outcome unknown, and is not asked again', async () => {
    const sink = await aMailSink({ message: () => 'drop' });
    expect(await send(sink)).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('handed over') });
    expect(sink.mails).toHaveLength(1);
    expect(sink.connections()).toBe(1);
  });

  it('keeps silent after it has the message leaves the outcome unknown', async () => {
    const sink = await aMailSink({ message: () => 'silence' });
    const made = await send(sink, sink.url(), BODY, { ...QUICK, silenceMs: 1_500 });
    expect(made).toMatchObject({ outcome: 'unknown' });
    expect(sink.connections()).toBe(1);
  });

  it('drops the connection in the middle of a long message can’t have delivered it', async () => {
    const sink = await aMailSink({ midway: 'drop' });
    const made = await send(sink, sink.url(), `${BODY}${'x'.repeat(70)}\r\n`.repeat(60_000));
    expect(made).toMatchObject({ outcome: 'failed', message: expect.stringContaining('tried 3 times') });
    expect(sink.mails).toEqual([]);
  });

  it('drops the connection before its greeting, or at the recipient, is tried again', async () => {
    for (const where of ['greeting', 'recipient'] as const) {
      const sink = await aMailSink({ [where]: (count: number) => (count < 2 ? 'drop' : undefined) });
      expect(await send(sink), where).toMatchObject({ outcome: 'accepted', tries: 3 });
    }
  });

  it('isn’t there, or never speaks, has failed after three tries', async () => {
    const sink = await aMailSink();
    await sink.close();
    const gone = await send(sink);
    expect(gone).toMatchObject({ outcome: 'failed', message: expect.stringContaining('ECONNREFUSED') });
    const named = await send(sink, `smtp://localhost:${sink.port}`);
    expect(named).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/^[^[]*localhost:.*ECONNREFUSED/),
    });
    expect(JSON.stringify(named)).not.toMatch(/127\.0\.0\.1|::1/);
    const mute = net.createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void mute.close());
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const url = `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const made = await send(sink, url, BODY, { ...QUICK, connectMs: 200 });
    expect(made).toMatchObject({ outcome: 'failed', message: expect.stringContaining('tried 3 times') });
  });
});

describe('an address', () => {
  /** Sends to an address, from another; the mail server offers SMTPUTF8 unless told not to. */
  async function sendTo(to: string, script: MailScript = {}, from = 'a@x.example') {
    const sink = await aMailSink(script);
    const server = smtpServerAt(sink.url());
    const made = await sendMail(
      { fetch: noFetch },
      server,
      { from, to, message: Buffer.from(BODY) },
      { patience: QUICK },
    );
    return { sink, made };
  }

  it('with letters outside ASCII goes only to a server that offers SMTPUTF8, and nothing of it to another', async () => {
    const lacking = { server: { hideSMTPUTF8: true } };
    const taken = await sendTo('用户@alder.example');
    expect(taken.made).toMatchObject({ outcome: 'accepted' });
    expect(taken.sink.asked).toEqual(['用户@alder.example']);
    for (const [to, from] of [
      ['用户@alder.example', 'a@x.example'],
      ['b@y.example', 'jörg@x.example'],
    ] as const) {
      const { made, sink } = await sendTo(to, lacking, from);
      const words = expect.stringMatching(
        `address ${to === 'b@y.example' ? from : to} has letters outside ASCII.*SMTPUTF8`,
      );
      expect(made).toMatchObject({ outcome: 'failed', message: words });
      expect(made).not.toHaveProperty('refusal');
      expect([sink.asked, sink.names]).toEqual([[], []]);
      expect(sink.wire()).toMatch(/^EHLO [\x20-\x7e]+\r\n(QUIT\r\n)?$/);
      expect(sink.connections()).toBe(1);
    }
  });

  it('in ASCII needs no SMTPUTF8, also where its domain was written in other letters', async () => {
    const { made, sink } = await sendTo('b@xn--bcher-kva.example', { server: { hideSMTPUTF8: true } });
    expect(made).toMatchObject({ outcome: 'accepted' });
    expect(sink.wire()).toContain('RCPT TO:<b@xn--bcher-kva.example>\r\n');
  });

  it.each([
    [550, '5.1.1 User unknown', true],
    [550, 'no such user', true],
    [551, 'not here', true],
    [552, '5.2.2 mailbox full', true],
    [553, '5.1.3 bad address', true],
    [554, '5.4.4 no route', true],
    [550, '5.7.1 your network is blocked', false],
    [554, '5.7.26 unauthenticated mail', false],
    [552, '5.3.4 too big', false],
    [503, '5.5.1 bad sequence', false],
    [530, 'log in first', false],
    [450, '4.1.1 unknown for now', false],
  ])('that is refused with %i %s: for good is %s', async (code, words, isForGood) => {
    const { made } = await sendTo('b@y.example', { recipient: () => ({ code, words }) });
    if (isForGood) expect(made).toMatchObject({ outcome: 'failed', refusal: `${code} ${words}` });
    else expect(made).not.toHaveProperty('refusal');
  });

  it('isn’t what a refused message speaks of', async () => {
    const { made } = await sendTo('b@y.example', { message: () => ({ code: 550, words: '5.1.1 no' }) });
    expect(made).not.toHaveProperty('refusal');
  });

  it.each([true, false])(
    'is refused for good whether or not the server takes commands in a row: %s',
    async (hidden) => {
      const server = { hidePIPELINING: hidden };
      const { made } = await sendTo('b@y.example', { server, recipient: () => ({ code: 550, words: '5.1.1 no' }) });
      expect(made).toMatchObject({ refusal: '550 5.1.1 no' });
    },
  );
});

describe('the name in EHLO', () => {
  it.each([
    ['the sender’s domain', 'acme.example', '', 'acme.example'],
    ['the one of the URL', 'acme.example', '?name=mail.acme.example', 'mail.acme.example'],
    ['a literal that tells nothing of this machine', undefined, '', '[127.0.0.1]'],
  ])('is %s', async (_, domain, options, expected) => {
    const sink = await aMailSink();
    const server = smtpServerAt(`${sink.url()}${options}`);
    const mail = { from: 'a@x.example', to: 'b@y.example', domain, message: Buffer.from(BODY) };
    await sendMail({ fetch: noFetch }, server, mail, { patience: QUICK });
    expect(sink.names).toEqual([expected]);
  });
});
