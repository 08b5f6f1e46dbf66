import { describe, expect, it } from 'vitest';
import { mayBeReport, meaningOf } from '../../src/domain/mail/meaning.ts';
import {
  KNOWN,
  MESSAGE_FILES,
  meaningOfSource,
  messageOf,
  messageSource,
  SENT,
  written,
} from '../support/mail-messages.ts';

const meaningOfFile = async (name: string) => meaningOf(await messageOf(name), KNOWN);
const named = (start: string) => MESSAGE_FILES.filter((name) => name.startsWith(start));
const refused = (code: number | undefined, enhanced: string | undefined, isFinal: boolean) => ({
  address: 'jane@acme.example',
  ...(code === undefined ? {} : { code }),
  ...(enhanced === undefined ? {} : { enhanced }),
  isFinal,
});

describe('a bounce', () => {
  it.each([
    ['bounce-gmail', refused(550, '5.1.1', true)],
    ['bounce-gmail-plain', refused(550, '5.2.1', true)],
    ['bounce-gmail-policy', refused(550, '5.7.1', false)],
    ['bounce-microsoft365', refused(550, '5.1.10', true)],
    ['bounce-exchange-german', refused(554, '5.2.2', true)],
    ['bounce-exchange-french', refused(550, '5.1.1', true)],
    ['bounce-exchange2003', refused(undefined, undefined, true)],
    ['bounce-outlook-com', refused(552, '5.2.2', true)],
    ['bounce-postfix', refused(550, '5.1.1', true)],
    ['bounce-postfix-gave-up', refused(undefined, '4.4.1', false)],
    ['bounce-exim', refused(550, '5.1.1', true)],
    ['bounce-qmail', refused(550, '5.7.17', false)],
    ['bounce-qmail-local', refused(undefined, '5.1.1', true)],
    ['bounce-yahoo', refused(554, undefined, true)],
    ['bounce-icloud', refused(550, '5.1.1', true)],
    ['bounce-fastmail', refused(undefined, '5.4.4', true)],
    ['bounce-gmx', refused(undefined, '5.1.1', true)],
    ['bounce-sendmail', refused(550, '5.1.1', true)],
  ])('%s names the address, its code, and whether that is final', async (name, refusal) => {
    expect(await meaningOfFile(name)).toMatchObject({ kind: 'bounced', refusals: [refusal] });
  });

  it('names an address outside ASCII as it goes on the wire', async () => {
    expect(await meaningOfFile('bounce-utf8')).toMatchObject({
      kind: 'bounced',
      refusals: [{ address: 'jürgen@xn--bcher-kva.example', enhanced: '5.1.1', isFinal: true }],
    });
  });

  it('names the message that came back, where it returns its head or says whose answer it is', async () => {
    const silent = ['bounce-exchange2003', 'bounce-utf8'];
    for (const name of named('bounce-').filter((each) => !silent.includes(each)))
      expect(await meaningOfFile(name), name).toMatchObject({ answers: [SENT] });
  });

  it('is none while the server goes on trying, or when all went well', async () => {
    for (const name of [...named('delay-'), ...named('success-')])
      expect(await meaningOfFile(name), name).toBeUndefined();
  });

  it('is none while a notice says that it will be tried again, whatever its subject says', async () => {
    const server = { From: 'Mail Delivery System <mailer-daemon@mx.example>', Subject: 'Mail delivery failed' };
    const text = 'Your message to jane@acme.example could not be delivered: 550 5.1.1.';
    expect(await meaningOfSource(written(text, server))).toMatchObject({ kind: 'bounced' });
    expect(await meaningOfSource(written(`${text} It will be retried.`, server))).toBeUndefined();
  });

  it('that a person forwards is that person’s message', async () => {
    expect(await meaningOfFile('reply-forwarded-bounce')).toMatchObject({ kind: 'replied' });
  });

  it('is told where somebody took the address of the mail server for one of ours', async () => {
    const ownAddresses = new Set(['mailer-daemon@googlemail.com', 'mailer-daemon@mail.northwind.example']);
    for (const name of named('bounce-'))
      expect((await meaningOfSource(messageSource(name), { ...KNOWN, ownAddresses }))?.kind, name).toBe('bounced');
  });

  it('names each address of a report, and not those that got the message', async () => {
    const report = [
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      'From: MAILER-DAEMON@mx.example',
      'Subject: Undelivered Mail Returned to Sender',
      '',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example',
      '',
      'Final-Recipient: rfc822; jane@acme.example',
      'Action: failed',
      'Status: 5.1.1',
      '',
      'Final-Recipient: rfc822; bob@acme.example',
      'Action: relayed',
      'Status: 2.0.0',
      '',
      'Final-Recipient: rfc822; eve@acme.example',
      'Action: failed',
      'Status: 5.0.0',
      'Diagnostic-Code: smtp; 550 5.7.26 no DMARC',
      '--b--',
      '',
    ];
    expect(await meaningOfSource(Buffer.from(report.join('\r\n')))).toMatchObject({
      kind: 'bounced',
      refusals: [
        { address: 'jane@acme.example', enhanced: '5.1.1', isFinal: true },
        { address: 'eve@acme.example', enhanced: '5.7.26', isFinal: false },
      ],
    });
  });

  it('is not a person’s complaint about a parcel, though they write as postmaster', async () => {
    const parcel = written('Your parcel could not be delivered, the code was 550.', {
      From: 'postmaster@acme.example',
    });
    expect(await meaningOfSource(parcel)).toMatchObject({ kind: 'replied' });
  });
});

describe('an automatic answer', () => {
  it.each([...named('away-'), ...named('ticket-')])('%s counts as no reply', async (name) => {
    expect(await meaningOfFile(name)).toMatchObject({ kind: 'auto_replied' });
  });

  it.each([
    'Automatic reply: Hello',
    'Out of Office: Hello',
    'Out of Office AutoReply: Hello',
    'Abwesend: Re: Hallo',
    'Out of office until 26 January',
    'Automatische Antwort: Hallo',
    'Abwesenheitsnotiz: Hallo',
    'Réponse automatique : Bonjour',
    'Absence du bureau : Bonjour',
    'Respuesta automática: Hola',
    'Risposta automatica: Ciao',
    'Fuori ufficio: Ciao',
    'Resposta automática: Olá',
    'Automatisch antwoord: Hallo',
    'Afwezig: Hallo',
    'Autosvar: Hej',
    'Frånvarande: Hej',
    'Automaattinen vastaus: Hei',
    'Odpowiedź automatyczna: Cześć',
    'Automatická odpověď: Ahoj',
    'Автоматический ответ: Привет',
    'Otomatik yanıt: Merhaba',
    '自動応答: こんにちは',
    '自动回复: 你好',
  ])('is known by its subject alone: %s', async (subject) => {
    const answer = written('Until Monday.', { Subject: `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=` });
    expect(await meaningOfSource(answer)).toMatchObject({ kind: 'auto_replied', sign: 'subject' });
  });

  it.each([
    'Out of office furniture',
    'Vacation rental for your team',
    'Absence of a contract',
    'RE: Automatic reply: Hello',
    'Urlaub',
    'Away',
  ])('is not known by a subject that people write: %s', async (subject) => {
    expect(await meaningOfSource(written('Let us talk.', { Subject: subject }))).toMatchObject({ kind: 'replied' });
  });

  it('takes two signs where neither is certain', async () => {
    const subject = { Subject: 'Vacation' };
    const header = { 'X-Auto-Response-Suppress': 'All' };
    const text = 'This is an automated response. I am back on Monday.';
    expect(await meaningOfSource(written('Back on Monday.', subject))).toMatchObject({ kind: 'replied' });
    expect(await meaningOfSource(written('Back on Monday.', header))).toMatchObject({ kind: 'replied' });
    expect(await meaningOfSource(written(text))).toMatchObject({ kind: 'replied' });
    for (const made of [written('Back.', { ...subject, ...header }), written(text, subject), written(text, header)])
      expect(await meaningOfSource(made)).toMatchObject({ kind: 'auto_replied' });
  });

  it('says no by "Auto-Submitted: no"', async () => {
    expect(await meaningOfSource(written('Hi.', { 'Auto-Submitted': 'no' }))).toMatchObject({ kind: 'replied' });
  });
});

describe('a reply', () => {
  it.each([...named('reply-'), ...named('calendar-')])('%s is a person’s', async (name) => {
    expect(await meaningOfFile(name)).toMatchObject({ kind: 'replied' });
  });

  it('names the sent message that it answers first', async () => {
    const known = { sentIds: new Set(['<first@x.example>', '<last@x.example>']) };
    const answer = written('Hi.', {
      References: '<first@x.example> <theirs@y.example> <last@x.example>',
      'In-Reply-To': '<last@x.example>',
    });
    expect(await meaningOfSource(answer, known)).toMatchObject({ answers: ['<last@x.example>', '<first@x.example>'] });
  });

  it('is none of our own messages, however they come back', async () => {
    expect(await meaningOfSource(written('Hi.', { 'Message-ID': SENT }))).toBeUndefined();
    const known = { ...KNOWN, ownAddresses: new Set(['sam@northwind.example']) };
    const own = written('As I said.', { From: 'Sam <Sam@Northwind.example>', 'In-Reply-To': SENT });
    expect(await meaningOfSource(own, known)).toBeUndefined();
  });
});

describe('the head of a message', () => {
  it('tells whether all of it has to be read to know whom it is about', async () => {
    for (const name of ['bounce-', 'delay-', 'success-', 'complaint-'].flatMap(named))
      expect(mayBeReport(await messageOf(name)), name).toBe(true);
    for (const name of named('reply-')) expect(mayBeReport(await messageOf(name)), name).toBe(false);
  });
});

describe('receipts and mass mail', () => {
  it.each([...named('receipt-'), 'mailing', 'report-not-spam'])('%s means nothing', async (name) => {
    expect(await meaningOfFile(name)).toBeUndefined();
  });
});

describe('a complaint', () => {
  it.each([
    ['complaint-yahoo', ['jane@acme.example']],
    ['complaint-comcast', []],
    ['complaint-outlook', ['jane@acme.example']],
  ])('%s names the message and, where it says so, the address', async (name, addresses) => {
    expect(await meaningOfFile(name)).toMatchObject({ kind: 'complained', addresses, answers: [SENT] });
  });
});

describe('an objection', () => {
  it.each(named('unsubscribe-'))('%s is one', async (name) => {
    expect(await meaningOfFile(name)).toMatchObject({ kind: 'unsubscribed' });
  });

  it('is whatever is sent to the address of List-Unsubscribe, by a program too', async () => {
    const leaveIn = ({ to }: { to: readonly string[] }) =>
      to.includes('out@northwind.example') ? ('untold' as const) : undefined;
    for (const headers of [{}, { 'Auto-Submitted': 'auto-generated' }]) {
      const sent = written('Whatever.', { To: 'out@northwind.example', ...headers });
      expect(await meaningOfSource(sent, { ...KNOWN, leaveIn })).toMatchObject({ kind: 'unsubscribed' });
    }
  });

  it('is no bounce that comes to that address', async () => {
    const known = { ...KNOWN, leaveIn: () => 'untold' as const };
    expect(await meaningOfSource(messageSource('bounce-postfix'), known)).toMatchObject({ kind: 'bounced' });
  });

  it('counts from an address that somebody took for ours, where it says so by itself or by its token', async () => {
    const ownAddresses = new Set(['jane@acme.example']);
    const meaning = async (text: string, leave?: 'untold' | { message: string; address: string }) =>
      (await meaningOfSource(written(text), { ...KNOWN, ownAddresses, leaveIn: () => leave }))?.kind;
    expect(await meaning('Unsubscribe')).toBe('unsubscribed');
    expect(await meaning('Hi', { message: 'a.1', address: 'jane@acme.example' })).toBe('unsubscribed');
    expect(await meaning('Hi', 'untold')).toBeUndefined();
    expect(await meaning('Hi')).toBeUndefined();
  });
});
