import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { type Attempt, EffectFailed } from '../../src/actions/action.ts';
import { emailMessage } from '../../src/actions/email-message.ts';
import type { ActionResult } from '../../src/domain/runs/run.ts';
import { aContact, aHome, anAgent, anAttempt, anIdentity, NOW } from '../support/fixtures.ts';

const HELLO = { subject: 'Your trial', message: 'Hello Sanne,\n\nshall we talk?' };

async function perform(overrides: Partial<Attempt> = {}, home = aHome()): Promise<ActionResult> {
  if (!('perform' in emailMessage)) throw new Error('email_message must act on the world');
  return emailMessage.perform(anAttempt(home, { params: HELLO, ...overrides }));
}

async function written(overrides: Partial<Attempt> = {}) {
  const result = await perform(overrides);
  const raw = fs.readFileSync(result.path ?? '');
  const email = await PostalMime.parse(raw);
  return { result, email, raw: raw.toString('utf8'), headers: email.headers.map((header) => header.key) };
}

function obstacle(overrides: Partial<Attempt>): string | undefined {
  return emailMessage.obstacle({ agent: anAgent(), contact: aContact(), identity: anIdentity(), ...overrides }, HELLO);
}

describe('a written email', () => {
  it('goes from the identity to the contact, at the time of the attempt', async () => {
    const { email, result, headers } = await written();
    expect(email.from).toMatchObject({ name: 'Maya Chen', address: 'maya@sender.example' });
    expect(email.to).toEqual([{ name: 'Sanne de Vries', address: 'sanne@example.com' }]);
    expect(email.subject).toBe('Your trial');
    expect(email.date).toBe(NOW);
    expect(email.text).toBe('Hello Sanne,\n\nshall we talk?\n');
    expect(email.html).toBeUndefined();
    expect(headers.filter((key) => key === 'x-unsent')).toHaveLength(1);
    expect(result).toMatchObject({ channel: 'outbox', note: 'written, not sent', message_id: email.messageId });
    expect(path.isAbsolute(result.path ?? '')).toBe(true);
  });

  it('carries text and html, each with the signature', async () => {
    const identity = anIdentity({ signature: 'Maya Chen\nR&D <Example>' });
    const { email, raw } = await written({ identity, params: { ...HELLO, html: '<body><p>Hallo é</p></body>' } });
    expect(email.text).toBe('Hello Sanne,\n\nshall we talk?\n\n-- \nMaya Chen\nR&D <Example>\n');
    expect(email.html).toContain('<p>Hallo é</p>');
    expect(email.html).toContain('Maya Chen<br>\nR&amp;D &lt;Example&gt;</p>\n</body>');
    expect(raw).toContain('multipart/alternative');
  });

  it('ends every line with CRLF and holds no line over 998 octets', async () => {
    const { raw } = await written({ params: { subject: 'é'.repeat(998), message: `${'x'.repeat(5000)}\nb\r\nc` } });
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...raw.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(998);
  });

  it('carries the signature behind one separator, also where both bring one', async () => {
    const identity = anIdentity({ signature: '--\nMaya Chen\nExample' });
    const params = { subject: 'Hi', message: 'Hi\n\n--\nMaya', html: '<p>Hi</p><p>—<br>Maya</p>' };
    const { email } = await written({ identity, params });
    expect(email.text).toBe('Hi\n\n-- \nMaya Chen\nExample\n');
    expect(email.html?.match(/—|-- /g)).toHaveLength(1);
    const preview = emailMessage.preview?.({ agent: anAgent(), contact: aContact(), identity }, params) ?? [];
    expect(Object.fromEntries(preview).Message).toBe('Hi\n\n-- \nMaya Chen\nExample');
  });

  it('without an identity is a draft without a sender', async () => {
    const { email, headers } = await written({ identity: undefined });
    expect(email.from).toBeUndefined();
    expect(headers).not.toContain('from');
    expect(email.headers).toContainEqual(expect.objectContaining({ key: 'x-unsent', value: '1' }));
    expect(email.text).not.toContain('-- ');
  });

  it.each([
    ['maya@bücher.example', 'xn--bcher-kva.example'],
    ['maya@localhost', 'countersign.invalid'],
    ['maya@macbook.local', 'countersign.invalid'],
    ['maya@intranet', 'countersign.invalid'],
  ])('from %s has a Message-ID below %s, and nothing of this machine', async (email, domain) => {
    const { raw, result } = await written({ identity: anIdentity({ email }) });
    expect(result.message_id?.endsWith(`@${domain}>`)).toBe(true);
    expect(raw).not.toContain(os.hostname());
  });

  it('keeps subjects and names in any script', async () => {
    const subject = `Grüße ☕ ${'日本語の件名'.repeat(20)}`;
    const contact = aContact({ firstname: 'Łukasz "Ł"', lastname: 'O’Neil, Jr. <x@evil.example>' });
    const { email, raw } = await written({
      contact,
      identity: anIdentity({ name: 'Zoë Müller' }),
      params: { subject, message: 'Tschüß' },
    });
    expect(email.subject).toBe(subject);
    expect(email.from?.name).toBe('Zoë Müller');
    expect(email.to).toEqual([{ name: 'Łukasz "Ł" O’Neil, Jr. <x@evil.example>', address: 'sanne@example.com' }]);
    expect(email.text).toBe('Tschüß\n');
    expect(raw.split('\r\n\r\n')[0]).toMatch(/^[\x20-\x7e\r\n]*$/);
  });

  it('has one recipient whatever the name looks like', async () => {
    const contact = aContact({
      firstname: 'a@evil.example, "b" <c@evil.example>;',
      lastname: 'Group: d@evil.example;',
    });
    const { email, headers } = await written({ contact });
    expect(email.to?.map((to) => to.address)).toEqual(['sanne@example.com']);
    expect(headers.filter((key) => ['to', 'cc', 'bcc'].includes(key))).toEqual(['to']);
  });

  it('takes header lines in a message for text', async () => {
    const { email, headers } = await written({
      params: { subject: 'Bcc: x@evil.example', message: 'Bcc: x@evil.example\r\n\r\n--Part_1\r\nhi' },
    });
    expect(headers).not.toContain('bcc');
    expect(email.subject).toBe('Bcc: x@evil.example');
    expect(email.text).toContain('Bcc: x@evil.example');
  });

  it('keeps its Message-ID and its file at a second attempt, and no other action shares them', async () => {
    const home = aHome();
    const first = await perform({}, home);
    const second = await perform({ params: { ...HELLO, message: 'Second attempt' } }, home);
    const other = await perform(
      { idempotency_key: 'run_test/1/ct_sanne', ref: { run_id: 'run_test', contact_id: 'ct_sanne', action_index: 1 } },
      home,
    );
    expect(second).toEqual(first);
    expect(first.message_id).toMatch(/^<[0-9a-f]{16}\.\w+@sender\.example>$/);
    expect(other.message_id).not.toBe(first.message_id);
    expect(fs.readdirSync(path.join(home, 'outbox'))).toHaveLength(2);
    expect(fs.readFileSync(first.path ?? '', 'utf8')).toContain('Second attempt');
  });
});

describe('what stands in the way of an email', () => {
  const without = aContact();
  delete without.email;

  it.each([
    ['no address', { contact: without }, 'contact has no email address'],
    ['an empty address', { contact: aContact({ email: '' }) }, 'contact has no email address'],
    ['no domain', { contact: aContact({ email: 'sanne' }) }, "isn't one plain email address"],
    ['two addresses', { contact: aContact({ email: 'a@x.example,b@y.example' }) }, "isn't one plain email address"],
    ['a second @', { contact: aContact({ email: 'a@x.example@y.example' }) }, "isn't one plain email address"],
    [
      'a quoted local part',
      { contact: aContact({ email: '"a,b@evil.example"@x.example' }) },
      "isn't one plain email address",
    ],
    ['angle brackets', { contact: aContact({ email: 'x <a@x.example>' }) }, "isn't one plain email address"],
    ['a group', { contact: aContact({ email: 'g:a@x.example;' }) }, "isn't one plain email address"],
    [
      'a new line in the address',
      { contact: aContact({ email: 'a@x.example\r\nBcc: b@evil.example' }) },
      "isn't one plain email address",
    ],
    ['NUL in the address', { contact: aContact({ email: 'a\0@x.example' }) }, "isn't one plain email address"],
    [
      'an encoded word',
      { contact: aContact({ email: '=?utf-8?q?a=3E?=@x.example' }) },
      "isn't one plain email address",
    ],
    ['a hidden direction mark', { contact: aContact({ email: 'a\u202e@x.example' }) }, "isn't one plain email address"],
    ['a number for a host', { contact: aContact({ email: 'a@2130706433' }) }, "isn't one plain email address"],
    [
      'a far too long address',
      { contact: aContact({ email: `${'a'.repeat(250)}@x.example` }) },
      "isn't one plain email address",
    ],
    [
      'a line break in the first name',
      { contact: aContact({ firstname: 'S\nBcc: b@evil.example' }) },
      'firstname holds a line break',
    ],
    [
      'NUL in the last name',
      { contact: aContact({ lastname: 'V\0' }) },
      'lastname holds a line break or control character',
    ],
    ['a line separator in the name', { contact: aContact({ lastname: 'V\u2028Bcc: b@evil.example' }) }, 'line break'],
    ['a vertical tab in the name', { contact: aContact({ lastname: 'V\u000bBcc: b@evil.example' }) }, 'line break'],
    ['an encoded line break', { contact: aContact({ lastname: '=?utf-8?Q?a=0D=0ABcc:_b?=' }) }, 'encoded word'],
    ['half a character in the name', { contact: aContact({ lastname: 'V\ud83d' }) }, 'half a character'],
    ['an endless name', { contact: aContact({ firstname: 'x'.repeat(100_000) }) }, 'longer than 998'],
    [
      'a line break in the sender',
      { identity: anIdentity({ name: 'M\rC' }) },
      "the identity's name holds a line break",
    ],
    ['a sender without an address', { identity: anIdentity({ email: 'maya' }) }, "the identity's email"],
  ])('%s', async (_case, overrides, reason) => {
    expect(obstacle(overrides)).toContain(reason);
    const home = aHome();
    await expect(perform(overrides, home)).rejects.toThrow(EffectFailed);
    await expect(perform(overrides, home)).rejects.toThrow(reason);
    expect(fs.existsSync(path.join(home, 'outbox'))).toBe(false);
  });

  it.each(['o’neil@x.example', 'a+b.c_d@sub.x.example', "o'neil@x.example", 'jörg@exämple.de', 'a@localhost'])(
    'is nothing for %s',
    async (email) => {
      expect(obstacle({ contact: aContact({ email }) })).toBeUndefined();
      const { email: parsed } = await written({ contact: aContact({ email }) });
      expect(parsed.to).toHaveLength(1);
    },
  );
});

describe('the params of an email', () => {
  it.each([
    ['an extra key', { ...HELLO, to: 'x@evil.example' }],
    ['cc', { ...HELLO, cc: 'x@evil.example' }],
    ['no subject', { message: 'x' }],
    ['an empty subject', { ...HELLO, subject: '' }],
    ['a subject of 999', { ...HELLO, subject: 'x'.repeat(999) }],
    ['CR in the subject', { ...HELLO, subject: 'a\rb' }],
    ['LF in the subject', { ...HELLO, subject: 'a\nBcc: x@evil.example' }],
    ['NUL in the subject', { ...HELLO, subject: 'a\0' }],
    ['another line end in the subject', { ...HELLO, subject: 'a\u0085Bcc: x@evil.example' }],
    ['an encoded word in the subject', { ...HELLO, subject: '=?UTF-8?q?a=0AB?=' }],
    ['an empty message', { ...HELLO, message: '' }],
    ['a message of 100,001', { ...HELLO, message: 'x'.repeat(100_001) }],
    ['html that is no text', { ...HELLO, html: { path: '/etc/passwd' } }],
  ])('refuse %s', (_case, params) => {
    expect(emailMessage.params.safeParse(params).success).toBe(false);
  });

  it('are checked again by an attempt', async () => {
    await expect(perform({ params: { ...HELLO, subject: 'a\r\nBcc: x@evil.example' } })).rejects.toThrow('line break');
  });

  it('allow the longest subject and message', () => {
    expect(
      emailMessage.params.safeParse({ subject: '2+2=? '.repeat(166), message: 'x'.repeat(100_000), html: '' }).success,
    ).toBe(true);
  });
});

it('an email is bound to the contact’s address, and needs both consents', () => {
  const scene = { agent: anAgent(), contact: aContact(), identity: undefined };
  expect(emailMessage.target(scene)).toBe('sanne@example.com');
  expect(emailMessage).toMatchObject({
    capability: 'email',
    outbound: true,
    consent: ['do_not_email', 'do_not_contact', 'bounced'],
  });
});
