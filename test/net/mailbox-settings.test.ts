import { describe, expect, it } from 'vitest';
import { mailboxSettings } from '../../src/net/mailbox/settings.ts';

const URL_LOGIN = { user: 'sam@northwind.example', pass: 'pa:ss/w@rd' };

describe('a mailbox in the environment', () => {
  it.each([
    [
      'imaps://sam%40northwind.example:pa%3Ass%2Fw%40rd@mail.northwind.example',
      { host: 'mail.northwind.example', port: 993, security: 'tls', mailbox: 'INBOX', ...URL_LOGIN },
    ],
    ['imaps://sam:x@mail.example:1993/INBOX', { port: 1993, security: 'tls', mailbox: 'INBOX' }],
    ['imaps://sam:x@imap.gmail.com/%5BGmail%5D/All%20Mail', { mailbox: '[Gmail]/All Mail' }],
    ['IMAPS://sam:100%@mail.example/', { pass: '100%', mailbox: 'INBOX' }],
    ['imap://sam:x@mail.example', { port: 143, security: 'starttls' }],
    ['imap://sam:x@127.0.0.1:1143', { port: 1143, security: 'none' }],
    ['imap://sam:x@[::1]', { host: '::1', security: 'none' }],
    ['imap://sam:x@localhost?requireTLS=true', { security: 'starttls' }],
    ['imap://sam:x@mail.example?ignoreTLS=true&requireTLS=false', { security: 'starttls' }],
    ['imap://sam:x@127.0.0.1.evil.example', { security: 'starttls' }],
    [
      'imaps://sam:x@192.0.2.7?tls.rejectUnauthorized=false&tls.servername=mail.example',
      { tls: { rejectUnauthorized: false, servername: 'mail.example' } },
    ],
  ])('is read from the URL %s', (url, server) => {
    expect(mailboxSettings('BOX', { BOX: url })).toMatchObject(server);
  });

  it('is read from parts, of which none is encoded', () => {
    const env = { BOX_HOST: ' mail.example ', BOX_USER: 'sam@northwind.example', BOX_PASSWORD: ' p%41:/@# ' };
    expect(mailboxSettings('BOX', env)).toMatchObject({
      host: 'mail.example',
      port: 993,
      security: 'tls',
      user: 'sam@northwind.example',
      pass: ' p%41:/@# ',
      mailbox: 'INBOX',
    });
    expect(mailboxSettings('BOX', { ...env, BOX_PORT: '143', BOX_MAILBOX: 'Replies' })).toMatchObject({
      port: 143,
      security: 'starttls',
      mailbox: 'Replies',
    });
    expect(mailboxSettings('BOX', { ...env, BOX_HOST: 'localhost', BOX_PORT: '1143' })).toMatchObject({
      security: 'none',
    });
  });

  it('takes a token for the password of either', () => {
    const token = { BOX_ACCESS_TOKEN: 'ya29.x' };
    for (const env of [
      { BOX: 'imaps://sam%40gmail.example@imap.gmail.example', ...token },
      { BOX_HOST: 'imap.gmail.example', BOX_USER: 'sam@gmail.example', ...token },
    ]) {
      const server = mailboxSettings('BOX', env);
      expect(server).toMatchObject({ user: 'sam@gmail.example', token: { accessToken: 'ya29.x' } });
      expect(server).not.toHaveProperty('pass');
    }
  });

  it.each([
    [{}, "BOX isn't set in this environment, and neither is BOX_HOST"],
    [{ BOX: 'smtps://sam:secret@mail.example' }, "BOX isn't an IMAP URL"],
    [{ BOX: 'imaps://mail.example' }, "BOX isn't an IMAP URL with a user name"],
    [{ BOX: 'imaps://sam:sec/ret@mail.example' }, "BOX isn't an IMAP URL"],
    [{ BOX: 'imaps://sam:12/secret@mail.example/INBOX' }, "BOX isn't an IMAP URL"],
    [{ BOX: 'imaps://sam:secret#1@mail.example' }, "BOX isn't an IMAP URL"],
    [{ BOX: 'imaps://sam:12?secret@mail.example' }, "BOX isn't an IMAP URL"],
    [
      { BOX: 'imaps://sam@mail.example' },
      'there is no login: set the password in BOX, or for a login by token BOX_REFRESH_TOKEN',
    ],
    [{ BOX: 'imaps://sam:secret@mail.example', BOX_HOST: 'other.example' }, 'both BOX and BOX_HOST are set'],
    [{ BOX: 'imaps://sam:secret@mail.example', BOX_PASSWORD: 'secret' }, 'both BOX and BOX_PASSWORD are set'],
    [
      { BOX: 'imaps://sam:secret@mail.example', BOX_ACCESS_TOKEN: 'secret' },
      'takes a user name (BOX_USER, or in the URL) and no password',
    ],
    [{ BOX: 'imaps://sam:secret@mail.example/A', BOX_MAILBOX: 'B' }, 'name two mailboxes'],
    [{ BOX_HOST: 'mail.example' }, "BOX_HOST is set, but BOX_USER isn't"],
    [{ BOX_HOST: 'mail.example', BOX_USER: 'sam' }, 'there is no login: set BOX_PASSWORD, or for a login by token'],
    [{ BOX_HOST: 'https://secret', BOX_USER: 'sam', BOX_PASSWORD: 'secret' }, "BOX_HOST isn't the name of a server"],
    [{ BOX_HOST: 'mail.example', BOX_PORT: '99999', BOX_USER: 'sam' }, "BOX_PORT isn't a port"],
    [{ BOX_HOST: 'mail.example', BOX_PORT: 'imaps', BOX_USER: 'sam' }, "BOX_PORT isn't a port"],
  ])('says what is wrong with %j, and none of its secrets', (env, problem) => {
    const said = mailboxSettings('BOX', env);
    expect(said).toMatchObject({ problem: expect.stringContaining(problem) });
    expect(JSON.stringify(said)).not.toContain('secret');
  });
});
