import { describe, expect, it } from 'vitest';
import type { ContactEvent } from '../../../src/domain/contacts/contact.ts';
import { replyText } from '../../../src/domain/mail/reply-text.ts';
import { quotationOf, quotedHtml, quotedText } from '../../../src/domain/mail/threads/quotation.ts';
import { answerSubject, referencesTo } from '../../../src/domain/mail/threads/thread.ts';
import { answerProblem, idProblem, messageIdOf } from '../../../src/domain/mail/threads/written-event.ts';

const TERMS = { name: 'Jane Doe', language: 'en', zone: 'UTC' };

function written(properties: Record<string, unknown>, more: Partial<ContactEvent> = {}): ContactEvent {
  const timestamp = '2026-01-13T12:05:00.000Z';
  return {
    contact_id: 'jane',
    type: 'replied',
    timestamp,
    properties: { message_id: '<m@x.example>', ...properties },
    ...more,
  };
}

function quoted(properties: Record<string, unknown>, terms = TERMS): string {
  const quotation = quotationOf(written(properties), terms);
  return quotation ? quotedText(quotation) : '';
}

describe('the References of an answer', () => {
  it('are those of the message, and the message', () => {
    expect(referencesTo(written({ references: ['<a@x.example>', '<b@x.example>'] }))).toEqual([
      '<a@x.example>',
      '<b@x.example>',
      '<m@x.example>',
    ]);
  });

  it('are what the message answers and itself, where it has none', () => {
    expect(referencesTo(written({ in_reply_to: '<a@x.example>' }))).toEqual(['<a@x.example>', '<m@x.example>']);
    expect(referencesTo(written({}))).toEqual(['<m@x.example>']);
  });

  it('hold each id once, and none that could begin another header', () => {
    const references = ['<a@x.example>', '<a@x.example>', '<b\r\nBcc: c@x.example>', '<\u0000@x>', 'no id', 7];
    expect(referencesTo(written({ references }))).toEqual(['<a@x.example>', '<m@x.example>']);
  });

  it.each([
    ['many', 200, 10],
    ['long', 20, 800],
  ])('keep the first and the newest of %s', (_what, count, length) => {
    const references = Array.from({ length: count }, (_, index) => `<${'a'.repeat(length)}${index}@x.example>`);
    const found = referencesTo(written({ references }));
    expect(found[0]).toBe(references[0]);
    expect(found.at(-1)).toBe('<m@x.example>');
    expect(found.at(-2)).toBe(references.at(-1));
    expect(found.length).toBeLessThanOrEqual(20);
    expect(found.join(' ').length).toBeLessThan(3_000);
  });
});

describe('the subject of an answer', () => {
  it.each([
    ['Re: Hello =?x-unknown?q?J=F6rg?=', 'Re: Hello = ?x-unknown?q?J=F6rg?='],
    ['Export fails', 'Re: Export fails'],
    ['Re: Export fails', 'Re: Export fails'],
    ['RE: Aw: re[2]: Antw: Export fails', 'Re: Export fails'],
    ['Fwd: Export fails', 'Re: Fwd: Export fails'],
    ['Regarding: exports', 'Re: Regarding: exports'],
    ['two\r\nBcc: lines', 'Re: two Bcc: lines'],
    ['', 'Re:'],
  ])('of %j is %j', (subject, wanted) => {
    expect(answerSubject(written({ subject }))).toBe(wanted);
  });

  it('is short, and cuts no letter in two', () => {
    expect(answerSubject(written({ subject: '😀'.repeat(500) }))).toBe(`Re: ${'😀'.repeat(200)}`);
  });
});

describe('what an answer quotes', () => {
  it('stands behind marks, below a line that says who wrote it and when', () => {
    expect(quoted({ body: 'Hello\r\n\r\nCan you help?', quoted: 'You wrote:\n> old' })).toBe(
      'On 13 January 2026 at 12:05 UTC, Jane Doe wrote:\n> Hello\n>\n> Can you help?\n>\n> You wrote:\n>> old',
    );
  });

  it('is the text of a ticket, too, and nothing where no text was kept', () => {
    expect(quoted({ message: 'It fails' })).toContain('> It fails');
    expect(quotationOf(written({ body: ' ', quoted: 'old' }), TERMS)).toBeUndefined();
  });

  it.each([
    ['de-CH', 'Europe/Berlin', 'Am 13. Januar 2026 um 13:05 schrieb Jane Doe:'],
    ['fr', 'Europe/Paris', 'Le 13 janvier 2026 à 13:05, Jane Doe a écrit :'],
    ['es', 'UTC', 'El 13 de enero de 2026 a las 12:05 UTC, Jane Doe escribió:'],
    ['it', 'UTC', 'Il giorno 13 gennaio 2026 alle 12:05 UTC, Jane Doe ha scritto:'],
    ['pt', 'UTC', 'Em 13 de janeiro de 2026 às 12:05 UTC, Jane Doe escreveu:'],
    ['nl', 'UTC', 'Op 13 januari 2026 om 12:05 UTC schreef Jane Doe:'],
    ['xx', 'UTC', 'On 13 January 2026 at 12:05 UTC, Jane Doe wrote:'],
  ])('is introduced in the language %s, by the clock of %s, and read back as a quotation', (language, zone, intro) => {
    const text = quoted({ body: 'Hello' }, { ...TERMS, language, zone });
    expect(text.split('\n')[0]).toBe(intro);
    expect(replyText({ text: `Mine\n\n${text}`, html: '' })).toEqual({ text: 'Mine', quoted: text });
  });

  it('is cut at a line, and says so', () => {
    const body = Array.from({ length: 1_000 }, (_, index) => `line ${index}`).join('\n');
    const quotation = quotationOf(written({ body }), TERMS);
    expect(quotation).toMatchObject({ of: body.length });
    expect(quotation?.characters).toBeLessThanOrEqual(3_000);
    expect(quotation?.lines.at(-1)).toBe('[...]');
    expect(body.split('\n')).toContain(quotation?.lines.at(-2));
    expect(quotationOf(written({ body: 'x'.repeat(9_000) }), TERMS)?.characters).toBe(3_000);
  });

  it('holds no control character, and no mark-up as HTML', () => {
    const quotation = quotationOf(written({ body: 'a\u0000\u001b[31mb\u2028<img src=x> & </blockquote>' }), TERMS);
    expect(quotation?.lines).toEqual(['a[31mb', '<img src=x> & </blockquote>']);
    expect(quotation && quotedHtml(quotation)).toBe(
      '<p>On 13 January 2026 at 12:05 UTC, Jane Doe wrote:</p>\n<blockquote type="cite">a[31mb<br>\n&lt;img src=x&gt; &amp; &lt;/blockquote&gt;</blockquote>\n',
    );
  });
});

describe('the message of an event', () => {
  it('is named among its properties, else by the event itself, and by nothing that is no Message-ID', () => {
    expect(messageIdOf(written({}))).toBe('<m@x.example>');
    expect(messageIdOf(written({ message_id: 'm@x.example' }))).toBe('<m@x.example>');
    const bare = { message_id: 'n@x.example' };
    expect(messageIdOf(written({ message_id: 'T-118' }, bare))).toBe('<n@x.example>');
    expect(
      messageIdOf(written({ message_id: undefined }, { message_id: 'mail:<m@x.example>:replied' })),
    ).toBeUndefined();
  });

  it.each(['<a@b>\r\nX: y', '<a@b>\n', '<a@b> <c@d>', '<a\u0000@b>', 'a b@c', '', '<é@b>', `<${'a'.repeat(900)}@b>`])(
    'has no id %j',
    (id) => {
      expect(idProblem(id)).toEqual(expect.any(String));
    },
  );

  it.each([
    ['replied', undefined, true],
    ['reply_received', undefined, true],
    ['track', 'Support Ticket Opened', true],
    ['track', 'Contact Form Submitted', true],
    ['track', 'Incoming Email', true],
    ['auto_replied', undefined, false],
    ['unsubscribed', undefined, false],
    ['bounced', undefined, false],
    ['complained', undefined, false],
    ['track', 'Email Opened', false],
    ['track', 'Message Sent', false],
    ['track', 'Ticket Created By Agent', false],
    ['track', 'Support Ticket Solved', false],
    ['page', 'Support ticket opened', false],
  ])('can be answered where the contact wrote it: %s %s', (type, name, isAnswerable) => {
    const event = written({}, { type, ...(name === undefined ? {} : { name }) });
    const problem = answerProblem([event], '<m@x.example>', new Date(event.timestamp));
    expect(problem === undefined).toBe(isAnswerable);
  });
});
