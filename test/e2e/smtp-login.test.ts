import { describe, expect, it } from 'vitest';
import { aMailSink } from '../support/mail-sink.ts';
import { send, smtpServerAt } from '../support/sending.ts';

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
        const outcome = code === 454 ? 'later' : 'failed';
        expect(made).toMatchObject({ outcome, message: expect.stringMatching(`login.*\\(${code}\\)`) });
        expect(JSON.stringify(made)).not.toMatch(traces);
        expect(sink.connections()).toBe(code === 454 ? 2 : 1);
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

  it('that the server can’t take at the moment is tried again', async () => {
    const sink = await aMailSink({ login, refusal: () => ({ code: 421, words: 'wrong-secret' }) });
    const made = await send(sink, sink.url('smtp', 'maya%40x.example:wrong-secret'));
    expect(made).toMatchObject({ outcome: 'later', message: expect.stringMatching(/login.*\(421\).*tried 2 times/) });
    expect(JSON.stringify(made)).not.toContain('wrong-secret');
  });

  it('does not go in the clear to another machine unless the URL says so', () => {
    expect(smtpServerAt('smtp://u:p@mail.example').requireTLS).toBe(true);
    expect(smtpServerAt('smtp://u:p@mail.example?ignoreTLS=true').requireTLS).toBe(false);
    for (const url of ['smtp://u:p@127.0.0.1:25', 'smtp://mail.example', 'smtps://u:p@mail.example'])
      expect(smtpServerAt(url).requireTLS, url).toBe(false);
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
  expect(smtpServerAt(' smtps://mail.example ')).toMatchObject({ host: 'mail.example', port: 465, secure: true });
  expect(smtpServerAt('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525, secure: false });
  expect(smtpServerAt('smtp://u:100%25%@h.example')).toMatchObject({ user: 'u', pass: '100%25%' });
  expect(smtpServerAt('smtp://h.example?logger=true&debug=true')).toEqual(smtpServerAt('smtp://h.example'));
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
    expect(() => smtpServerAt(text), text).toThrow("isn't an SMTP URL");
});
