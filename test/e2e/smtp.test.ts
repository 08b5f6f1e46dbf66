import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type MailPatience, sendMail } from '../../src/net/smtp.ts';
import { smtpServerOf } from '../../src/net/smtp-url.ts';
import { aMailSink, type MailSink } from '../support/mail-sink.ts';

const QUICK: MailPatience = { pausesMs: [20, 40], connectMs: 20_000, silenceMs: 20_000 };
const BODY = 'From: a@x.example\r\nSubject: s\r\n\r\nHello\r\n.leading dot\r\n';

async function send(sink: MailSink, url = sink.url(), message = BODY, patience = QUICK) {
  const server = smtpServerOf(url);
  if (!server) throw new Error(`${url} should be an SMTP URL`);
  return sendMail(server, { from: 'a@x.example', to: 'b@y.example', message: Buffer.from(message) }, { patience });
}

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

  it('says 4xx three times has failed', async () => {
    const sink = await aMailSink({ recipient: () => ({ code: 450, words: 'greylisted' }) });
    expect(await send(sink)).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/450 greylisted.*tried 3 times/),
    });
    expect(sink.connections()).toBe(3);
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

describe('a login', () => {
  const login = { user: 'maya@x.example', pass: 'p@ss:wörd' };

  it('is let in, percent-encoded in the URL', async () => {
    const sink = await aMailSink({ login });
    const url = sink.url('smtp', 'maya%40x.example:p%40ss%3Aw%C3%B6rd');
    expect(await send(sink, url)).toMatchObject({ outcome: 'accepted' });
  });

  it('that is wrong fails at once, and the password is hidden even if the server repeats it', async () => {
    const sink = await aMailSink({ login });
    const made = await send(sink, sink.url('smtp', 'maya%40x.example:wrong-secret'));
    expect(made).toMatchObject({ outcome: 'failed', message: expect.stringContaining('535') });
    expect(JSON.stringify(made)).not.toContain('wrong-secret');
    expect(sink.connections()).toBe(1);
  });

  describe('never stands in what is told, although the server repeats it', () => {
    const pass = 'Tr0ub4dor&3 ünsafe';
    const secrets = { user: 'maya@x.example', pass };
    const url = `${encodeURIComponent(secrets.user)}:${encodeURIComponent(pass)}`;
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const plain = base64(`\0${secrets.user}\0${pass}`);
    const echoes: [string, string][] = [
      ['as it is', `unknown login ${secrets.user} ${pass}`],
      ['in capitals', `UNKNOWN LOGIN ${pass.toUpperCase()}`],
      ['over two lines', `unknown ${pass.slice(0, 6)}\r\n${pass.slice(6)}`],
      ['as AUTH LOGIN sends it', `unknown ${base64(secrets.user)} ${base64(pass)}`],
      ['as AUTH PLAIN sends it', `unknown ${plain}`],
      ['as AUTH PLAIN, in pieces', `unknown ${plain.slice(0, 20)} ${plain.slice(20)}`],
      ['in base64 for URLs', `unknown ${base64(`?${pass}`).replaceAll('+', '-').replaceAll('/', '_')}`],
      ['within longer base64', `unknown ${base64(`login=${pass};`)} ${base64(`a login=${pass};`)}`],
      ['percent-encoded', `unknown smtp://${url}@mail`],
      ['in hex', `unknown ${Buffer.from(pass).toString('hex')}`],
    ];
    /** What may not be left of the login in any text: the words beside it are dropped with it. */
    const traces = /Tr0ub|TROUB|unknown|ünsafe|maya|bWF5Y|VHIwd/i;

    it.each(echoes)('%s, at the login', async (_, words) => {
      for (const code of [535, 534, 530, 454]) {
        const sink = await aMailSink({ login: { user: 'other', pass: 'other' }, refusal: () => ({ code, words }) });
        const made = await send(sink, sink.url('smtp', url));
        expect(made).toMatchObject({ outcome: 'failed', message: expect.stringMatching(`login.*\\(${code}\\)`) });
        expect(JSON.stringify(made)).not.toMatch(traces);
        expect(sink.connections()).toBe(code === 454 ? 3 : 1);
      }
    });

    it.each(echoes)('%s, later', async (_, words) => {
      for (const where of ['recipient', 'message'] as const) {
        const sink = await aMailSink({ login: secrets, [where]: () => ({ code: 550, words }) });
        const made = await send(sink, sink.url('smtp', url));
        expect(made).toMatchObject({ outcome: 'failed', message: expect.stringContaining('550 (its words') });
        expect(JSON.stringify(made)).not.toMatch(traces);
      }
    });

    it('while other words are told, without the user name', async () => {
      const words = `sender ${secrets.user} may not write to b@y.example`;
      const sink = await aMailSink({ login: secrets, recipient: () => ({ code: 550, words }) });
      const made = await send(sink, sink.url('smtp', url));
      expect(made).toMatchObject({ message: expect.stringContaining('550 sender *** may not write to b@y.example') });
    });
  });

  it('that is cut off is a lost connection, tried again', async () => {
    const sink = await aMailSink({ login, refusal: () => ({ code: 421, words: 'wrong-secret' }) });
    const made = await send(sink, sink.url('smtp', 'maya%40x.example:wrong-secret'));
    expect(made).toMatchObject({ outcome: 'failed', message: expect.stringMatching(/login.*tried 3 times/) });
    expect(JSON.stringify(made)).not.toContain('wrong-secret');
  });

  it('does not go in the clear to another machine unless the URL says so', () => {
    expect(smtpServerOf('smtp://u:p@mail.example')?.requireTLS).toBe(true);
    expect(smtpServerOf('smtp://u:p@mail.example?ignoreTLS=true')?.requireTLS).toBe(false);
    for (const url of ['smtp://u:p@127.0.0.1:25', 'smtp://mail.example', 'smtps://u:p@mail.example'])
      expect(smtpServerOf(url)?.requireTLS, url).toBe(false);
  });
});

describe('TLS', () => {
  it('from the start, or by STARTTLS, is checked, unless the URL says otherwise', async () => {
    for (const [scheme, server] of [
      ['smtps', { secure: true }],
      ['smtp', { disabledCommands: [] }],
    ] as const) {
      const sink = await aMailSink({ server: { ...server, disabledCommands: [] } });
      expect(await send(sink, sink.url(scheme)), scheme).toMatchObject({
        outcome: 'failed',
        message: expect.stringContaining('certificate'),
      });
      const made = await send(sink, `${sink.url(scheme)}?tls.rejectUnauthorized=false`);
      expect(made, scheme).toMatchObject({ outcome: 'accepted' });
    }
  });

  it('that was required but isn’t offered is a failure that says what to do', async () => {
    const sink = await aMailSink();
    expect(await send(sink, `${sink.url()}?requireTLS=true`)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('ignoreTLS'),
    });
    expect(sink.mails).toEqual([]);
  });
});

it('an SMTP URL is read with its defaults, and nothing else is one', () => {
  expect(smtpServerOf(' smtps://mail.example ')).toMatchObject({ host: 'mail.example', port: 465, secure: true });
  expect(smtpServerOf('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525, secure: false });
  expect(smtpServerOf('smtp://u:100%25%@h.example')).toMatchObject({ user: 'u', pass: '100%25%' });
  expect(smtpServerOf('smtp://h.example?logger=true&debug=true')).toEqual(smtpServerOf('smtp://h.example'));
  for (const text of [
    '',
    'mail.example',
    'http://mail.example',
    'smtp:mail.example',
    'smtp://',
    'smtp://h.example/x',
    'smtp://maya:12#3@h.example',
    'smtp://maya:12?3@h.example',
  ])
    expect(smtpServerOf(text), text).toBeUndefined();
});
