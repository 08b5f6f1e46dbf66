import { describe, expect, it } from 'vitest';
import { mailBeginning, SOURCE_BYTES } from '../../src/domain/mail/beginning.ts';
import { mailKey, namedIds } from '../../src/domain/mail/message-ids.ts';
import { readMailHead, readMessage } from '../../src/domain/mail/read-message.ts';
import { meaningOfSource, RECEIVED, SENT, written } from '../support/mail-messages.ts';

const read = (source: Buffer | string) => readMessage(Buffer.from(source), RECEIVED);
const HEAD = 'From: Jane Doe <jane@acme.example>\r\nSubject: Hi\r\nMessage-ID: <h@acme.example>\r\n';
const lines = (count: number, line: string) => `${line}\r\n`.repeat(count);

describe('a message made to keep a reader busy', () => {
  it.each([
    ['10,000 parts', `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${lines(10_000, '--b\r\n\r\nx')}`],
    ['parts within parts', `${HEAD}${lines(5_000, 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b')}`],
    ['messages within messages', `${HEAD}${lines(5_000, 'Content-Type: message/rfc822\r\n')}`],
    ['a million lines', `${HEAD}\r\n${lines(1_000_000, '')}`],
    ['a line of 10 MB', `${HEAD}\r\n${'x'.repeat(10_000_000)}`],
    ['a header of 1 MB', `${HEAD}X-Long: ${'a'.repeat(1_000_000)}\r\n\r\nHi`],
    ['a header of 100,000 lines', `${HEAD}${lines(100_000, 'X-A: b')}\r\nHi`],
    ['100,000 recipients', `${HEAD}To: ${'a <a@b.example>, '.repeat(100_000)}\r\n\r\nHi`],
    ['100,000 groups', `${HEAD}To: ${'a:'.repeat(100_000)}\r\n\r\nHi`],
  ])('of %s is read at its beginning only', async (_, source) => {
    const beginning = mailBeginning(Buffer.from(source));
    expect(beginning.length).toBeLessThanOrEqual(SOURCE_BYTES);
    expect(beginning.toString().split('\n').length).toBeLessThanOrEqual(5_001);
    expect(beginning.toString().match(/^--/gm)?.length ?? 0).toBeLessThanOrEqual(200);
    const message = await read(source);
    expect(message).toMatchObject({ from: 'jane@acme.example', subject: 'Hi', isCut: true });
    expect(message.parts.length).toBeLessThanOrEqual(20);
    expect(message.to.length).toBeLessThanOrEqual(100);
    expect(await meaningOfSource(Buffer.from(source))).toMatchObject({ kind: 'replied' });
  });

  it('says that a message was cut where the server gave its beginning only', async () => {
    expect(await readMessage(written('Hi'), RECEIVED, 100_000_000)).toMatchObject({ text: 'Hi\n', isCut: true });
    expect(await read(written('Hi'))).toMatchObject({ text: 'Hi\n', isCut: false });
  });

  it.each([
    ['<', 'a@b.example <'.repeat(20_000)],
    ['On', 'On 1 Jan 2026, 10:00 '.repeat(10_000)],
    ['>', '> '.repeat(100_000)],
    ['=?', '=?utf-8?q?a?= '.repeat(15_000)],
    ['From:', 'From: a\r\n'.repeat(5_000)],
    ['tags', '<div>'.repeat(50_000)],
    ['open tags', '<'.repeat(250_000)],
    ['comments', '<!--'.repeat(60_000)],
    ['styles', '<style>'.repeat(30_000)],
    ['entities', '&amp'.repeat(60_000)],
    ['dashes', '--\r\n'.repeat(60_000)],
    ['codes', '5.1.1.'.repeat(40_000)],
    ['spaces', `${' '.repeat(250_000)}x`],
  ])('of %s means what a short one means', async (_, text) => {
    for (const type of ['text/plain', 'text/html'])
      for (const headers of [{}, { Subject: text.slice(0, 50_000) }, { From: 'MAILER-DAEMON@x.example' }]) {
        const source = written(text, { 'Content-Type': `${type}; charset=utf-8`, ...headers });
        expect([undefined, 'replied', 'bounced']).toContain((await meaningOfSource(source))?.kind);
      }
  });
});

describe('a message with broken letters', () => {
  it.each([
    ['no such charset', 'text/plain; charset=klingon', '', 'Hi'],
    ['a charset that it isn’t in', 'text/plain; charset=utf-8', '', Buffer.from([0x48, 0x69, 0xff, 0xfe])],
    ['broken base64', 'text/plain; charset=utf-8', 'base64', 'S=G=k!!!'],
    ['broken quoted-printable', 'text/plain; charset=utf-8', 'quoted-printable', 'Hi=ZZ=\r\n='],
    ['no such encoding', 'text/plain', 'x-uuencode-ish', 'Hi'],
    ['NUL bytes', 'text/plain', '', 'H\0i\0'],
    ['no media type', 'plain', '', 'Hi'],
    ['a part without a boundary', 'multipart/mixed', '', 'Hi'],
    ['half a character in UTF-16', 'text/plain; charset=utf-16le', 'base64', 'AdhIAA=='],
  ])('in %s is a reply', async (_, type, encoding, body) => {
    const head = written('', { 'Content-Type': type, 'Content-Transfer-Encoding': encoding });
    const source = Buffer.concat([head, Buffer.from(body)]);
    expect(await meaningOfSource(source)).toMatchObject({ kind: 'replied' });
  });

  it('has a subject on one line, without what can’t be seen', async () => {
    const subject = `=?utf-8?B?${Buffer.from('Hi\r\nBcc: eve@evil.example\u202e\u0000').toString('base64')}?=`;
    expect(await read(written('Hi', { Subject: subject }))).toMatchObject({ subject: 'Hi Bcc: eve@evil.example' });
  });
});

describe('an author who looks like somebody else', () => {
  it.each([
    ['"jane@acme.example" <eve@evil.example>', 'eve@evil.example'],
    ['jane@acme.example <eve@evil.example>', 'eve@evil.example'],
    ['=?utf-8?q?=3Cjane=40acme.example=3E?= <eve@evil.example>', 'eve@evil.example'],
    ['"a\\"<jane@acme.example>" <eve@evil.example>', 'eve@evil.example'],
    ['(jane@acme.example) eve@evil.example', 'eve@evil.example'],
    ['j\u0430ne@acme.example', 'j\u0430ne@acme.example'],
    ['jane@\u0430cme.example', 'jane@xn--cme-5cd.example'],
    ['jane@acme.example.evil.example', 'jane@acme.example.evil.example'],
    ['<jane@acme.example> <eve@evil.example>', undefined],
    ['jane@acme.example, eve@evil.example', undefined],
    ['=?utf-8?b?amFuZUBhY21lLmV4YW1wbGU=?=', undefined],
    ['jane@acme.example@evil.example', undefined],
    ['"jane@acme.example"@evil.example', undefined],
    ['', undefined],
    ['JANE@Acme.Example', 'jane@acme.example'],
  ])('%s is not taken for her', async (from, address) => {
    expect((await read(written('Hi', { From: from }))).from).toBe(address);
  });

  it('is nobody where two headers say two names', async () => {
    const two = Buffer.from(`From: jane@acme.example\r\nFrom: eve@evil.example\r\n\r\nHi`);
    expect((await read(two)).from).toBeUndefined();
  });
});

describe('a message with odd headers', () => {
  it('that answers ids which were never sent names none of ours', async () => {
    const forged = written('Hi', { References: '<a@x.example> <b@x.example>', 'In-Reply-To': '<c@x.example>' });
    expect(await meaningOfSource(forged)).toMatchObject({ kind: 'replied', answers: [] });
  });

  it('keeps the first id and the last 19 of many', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => `<${i}@x.example>`);
    const { references } = await read(written('Hi', { References: ids.join('\r\n ') }));
    expect(references).toEqual([ids[0], ...ids.slice(-19)]);
    expect(namedIds(await read(written('Hi', { References: ids.join(' ') }))).length).toBeLessThanOrEqual(60);
  });

  it('counts by its first Message-ID, and by what else it says where it has none', async () => {
    const double = Buffer.from('Message-ID: <one@x.example>\r\nMessage-ID: <two@x.example>\r\n\r\nHi');
    expect(await read(double)).toMatchObject({ messageId: '<one@x.example>' });
    expect(mailKey(await read(double), 'replied')).toBe('mail:<one@x.example>:replied');
    const none = await read(written('Hi', { 'Message-ID': '' }));
    const other = await read(written('Hi', { 'Message-ID': '', Date: 'Tue, 13 Jan 2026 12:00:01 +0000' }));
    expect(none.messageId).toBeUndefined();
    expect(mailKey(none, 'replied')).toBe(mailKey({ ...none, receivedAt: '2026-02-01T00:00:00.000Z' }, 'replied'));
    expect(mailKey(none, 'replied')).not.toBe(mailKey(other, 'replied'));
  });

  it.each([
    ['Tue, 13 Jan 2026 12:00:00 +0100', '2026-01-13T11:00:00.000Z'],
    ['13 Jan 26 12:00 GMT', '2026-01-13T12:00:00.000Z'],
    ['Fri, 31 Dec 2999 23:59:59 +0000', '2999-12-31T23:59:59.000Z'],
    ['1', undefined],
    ['Tue, 99 Foo 2026 12:00:00 +0000', undefined],
    ['yesterday', undefined],
  ])('was received when the mailbox got it, though it is dated %s', async (date, sentAt) => {
    const message = await read(written('Hi', { Date: date }));
    expect(message.receivedAt).toBe(RECEIVED);
    expect(message.sentAt).toBe(sentAt);
  });

  it('has a head that reads the same alone', async () => {
    const source = written('Hi', { 'In-Reply-To': SENT });
    const { text, html, parts, isCut, ...head } = await read(source);
    expect(await readMailHead(source, RECEIVED)).toMatchObject(head);
  });
});
