import fs from 'node:fs';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../src/actions/action.ts';
import { emailMessage } from '../../src/actions/email-message.ts';
import { aContact, aHome, anAgent, anAttempt, anIdentity } from '../support/fixtures.ts';

const LONG_ID = `<${'x'.repeat(880)}@mail.example>`;
const IDENTITY = anIdentity({ signature: 'Maya Chen', unsubscribe_mailto: 'leave@sender.example' });

function events(properties: Record<string, unknown> = {}) {
  const said = { message_id: '<ask@mail.example>', subject: 'Export fails', ...properties };
  return [{ contact_id: aContact().id, type: 'replied', timestamp: '2026-01-13T12:05:00.000Z', properties: said }];
}

async function written(overrides: Partial<Attempt> = {}) {
  if (!('perform' in emailMessage)) throw new Error('email_message must act on the world');
  const params = { message: 'We mend it.', in_reply_to: '<ask@mail.example>' };
  const attempt = anAttempt(aHome(), { params, identity: IDENTITY, events: events(), ...overrides });
  const result = await emailMessage.perform(attempt);
  const raw = fs.readFileSync(result.path ?? '').toString('utf8');
  return { raw, email: await PostalMime.parse(raw) };
}

function preview(params: Record<string, unknown>, found = events()) {
  const scene = { agent: anAgent(), contact: aContact(), identity: IDENTITY, events: found };
  return Object.fromEntries(emailMessage.preview?.(scene, params) ?? []);
}

describe('an answer by email', () => {
  it('stands in its thread, and offers no way out', async () => {
    const { email, raw } = await written();
    expect(email).toMatchObject({
      ...{ subject: 'Re: Export fails', inReplyTo: '<ask@mail.example>', references: '<ask@mail.example>' },
      text: 'We mend it.\n\n-- \nMaya Chen\n',
    });
    expect(raw).not.toMatch(/^List-/im);
    const outreach = await written({ params: { subject: 'Hi', message: 'Hi' } });
    expect(outreach.raw).toMatch(/^List-Unsubscribe:/im);
    expect(outreach.raw).not.toMatch(/^(References|In-Reply-To):/im);
  });

  it('quotes in text and HTML below the signature, which then has no separator above it', async () => {
    const body = 'It fails <b>always</b>\n\nwith 1,000 rows';
    const params = {
      message: 'We mend it.',
      html: '<body><p>We mend it.</p></body>',
      in_reply_to: '<ask@mail.example>',
    };
    const { email } = await written({ params, events: events({ body }) });
    const quoted =
      'On 13 January 2026 at 12:05 UTC, Sanne de Vries wrote:\n> It fails <b>always</b>\n>\n> with 1,000 rows';
    expect(email.text).toBe(`We mend it.\n\nMaya Chen\n\n${quoted}\n`);
    expect(email.html?.replace(/\s*\n\s*/g, '')).toBe(
      '<body><p>We mend it.</p><p>Maya Chen</p>' +
        '<p>On 13 January 2026 at 12:05 UTC, Sanne de Vries wrote:</p>' +
        '<blockquote type="cite">It fails &lt;b&gt;always&lt;/b&gt;<br><br>with 1,000 rows</blockquote></body>',
    );
    const shown = preview(params, events({ body }));
    expect(shown).toMatchObject({ Message: 'We mend it.\n\nMaya Chen', 'HTML version': 'reads the same' });
    expect(shown[`Quoted below it, all ${body.length} characters of their message`]).toBe(quoted);
    expect(shown).not.toHaveProperty('To unsubscribe');
  });

  it('says before a yes how much of a long message goes out, and that nothing does where none is kept', () => {
    const params = { message: 'Yes.', in_reply_to: '<ask@mail.example>' };
    const labels = Object.keys(preview(params, events({ body: 'x'.repeat(5_000) })));
    expect(labels).toContain('Quoted below it, the first 3000 of 5000 characters of their message');
    expect(preview(params)['Quoted below it']).toBe('nothing: what they wrote is not kept');
  });

  it('holds no line that a mail server would refuse, however long the ids of its thread', async () => {
    const references = Array.from({ length: 20 }, (_, index) => LONG_ID.replace('x', String(index)));
    const found = events({ message_id: LONG_ID, references });
    const { raw, email } = await written({ params: { message: 'Yes.', in_reply_to: LONG_ID }, events: found });
    expect(Math.max(...raw.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(998);
    expect(email.inReplyTo).toBe(LONG_ID);
    expect(email.references?.split(' ')).toEqual([references[0], LONG_ID]);
  });

  it('is no email at all where its message is gone', async () => {
    await expect(written({ events: [] })).rejects.toThrow('the message that it answers is gone');
    await expect(written({ events: events({ message_id: '<other@mail.example>' }) })).rejects.toThrow('is gone');
  });

  it('may leave out its subject, which outreach may not', () => {
    const problems = (params: Record<string, unknown>) => emailMessage.params.safeParse(params).error?.issues ?? [];
    expect(problems({ message: 'Yes.', in_reply_to: '<ask@mail.example>' })).toEqual([]);
    expect(problems({ message: 'Yes.' })).toMatchObject([{ path: ['subject'], message: expect.any(String) }]);
  });
});
