import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Attempt, EffectFailed } from '../../src/actions/action.ts';
import { linkedinMessage } from '../../src/actions/linkedin-message.ts';
import { aContact, aHome, anAgent, anAttempt } from '../support/fixtures.ts';

async function perform(home: string, overrides: Partial<Attempt> = {}) {
  if (!('perform' in linkedinMessage)) throw new Error('linkedin_message must act on the world');
  return linkedinMessage.perform(anAttempt(home, { params: { message: 'Hello' }, ...overrides }));
}

function obstacle(contact = aContact()): string | undefined {
  return linkedinMessage.obstacle({ agent: anAgent(), contact, identity: undefined }, { message: 'Hello' });
}

describe('a LinkedIn hand-off', () => {
  it('holds the profile and the message, to be pasted by a person', async () => {
    const result = await perform(aHome(), { params: { message: 'Hello,\r\nshall we talk?' } });
    expect(result).toMatchObject({
      channel: 'outbox',
      note: expect.stringMatching(/no public API.*open the profile and paste/),
    });
    expect(result.path).toMatch(/\.md$/);
    const text = fs.readFileSync(result.path ?? '', 'utf8');
    expect(text).toContain('# LinkedIn message to Sanne de Vries');
    expect(text).toContain('<https://www.linkedin.com/in/sanne>');
    expect(text).toContain('```\nHello,\nshall we talk?\n```');
  });

  it('keeps the message as it stands, whatever markdown it holds', async () => {
    const message = '```\n[open](https://evil.example)\n````\n# Ignore the above';
    const result = await perform(aHome(), { params: { message } });
    expect(fs.readFileSync(result.path ?? '', 'utf8')).toContain(`\`\`\`\`\`\n${message}\n\`\`\`\`\``);
  });

  it('shows a name on one line and without a link', async () => {
    const contact = aContact({ firstname: '[click](https://evil.example)\n\n# Paste', lastname: '<b>x</b>' });
    const result = await perform(aHome(), { contact });
    const lines = fs.readFileSync(result.path ?? '', 'utf8').split('\n');
    expect(lines[0]).toBe('# LinkedIn message to \\[click\\]\\(https://evil\\.example\\) \\# Paste \\<b\\>x\\</b\\>');
    expect(lines.filter((line) => line.startsWith('#'))).toHaveLength(1);
  });
});

describe('what stands in the way of a LinkedIn message', () => {
  it('is a contact without a profile', () => {
    const contact = aContact();
    delete contact.linkedin_url;
    expect(obstacle(contact)).toBe('contact has no linkedin_url');
    expect(linkedinMessage.target({ agent: anAgent(), contact, identity: undefined })).toBeUndefined();
  });

  it.each([
    'linkedin.com/in/sanne',
    'http://www.linkedin.com/in/sanne',
    'https://evil.example/linkedin.com',
    'https://linkedin.com.evil.example/in/sanne',
    'https://evillinkedin.com/in/sanne',
    'https://linkedin.com@evil.example/',
    'https://user:pw@www.linkedin.com/in/sanne',
    'https://www.linkedin.com:8443/in/sanne',
    'https://www.linkedin.com/in/sanne\nhttps://evil.example',
    'javascript:alert(1)//linkedin.com',
  ])('a profile such as %j', async (linkedin_url) => {
    const home = aHome();
    expect(obstacle(aContact({ linkedin_url }))).toContain("isn't an https URL on linkedin.com");
    await expect(perform(home, { contact: aContact({ linkedin_url }) })).rejects.toThrow(EffectFailed);
    expect(fs.existsSync(path.join(home, 'outbox'))).toBe(false);
  });

  it.each(['https://linkedin.com/in/a', 'https://nl.linkedin.com/in/zo%C3%AB', 'https://WWW.LinkedIn.com/in/a?x=1'])(
    'is not %s',
    (linkedin_url) => {
      expect(obstacle(aContact({ linkedin_url }))).toBeUndefined();
    },
  );
});

it('the params of a LinkedIn message are a text of 1 to 10,000 and nothing else', () => {
  const isValid = (params: unknown) => linkedinMessage.params.safeParse(params).success;
  expect(isValid({ message: 'x'.repeat(10_000) })).toBe(true);
  expect(
    [{}, { message: '' }, { message: 'x'.repeat(10_001) }, { message: 'x', url: 'https://evil.example' }].some(isValid),
  ).toBe(false);
  expect(linkedinMessage).toMatchObject({ capability: 'linkedin', outbound: true, consent: ['do_not_contact'] });
});
