import { z } from 'zod';
import type { Contact } from '../domain/contacts/contact.ts';
import { outboxFileName } from '../files/outbox.ts';
import { type ActionScene, type ActionType, EffectFailed } from './action.ts';

const MAX_URL = 2000;
const MAX_NAME = 200;
const params = z.strictObject({ message: z.string().min(1).max(10_000) });

/** The profile's URL as a browser would open it; undefined unless it is https on linkedin.com. */
function profileUrl(text: string): string | undefined {
  // The URL parser drops line breaks and tabs without an error.
  if (text.length > MAX_URL || /[\s\p{C}]/u.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isLinkedin = url.hostname === 'linkedin.com' || url.hostname.endsWith('.linkedin.com');
  const isPlain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return isLinkedin && isPlain ? url.href : undefined;
}

function obstacle({ contact }: ActionScene): string | undefined {
  if (!contact.linkedin_url) return 'contact has no linkedin_url';
  if (profileUrl(contact.linkedin_url) !== undefined) return undefined;
  return "the contact's linkedin_url isn't an https URL on linkedin.com: correct it with import_contacts";
}

/** The contact's name on one line, with all that markdown could take for a link or mark-up escaped. */
function nameLine({ firstname, lastname, id }: Contact): string {
  const name =
    `${firstname ?? ''} ${lastname ?? ''}`.replace(/[\s\p{C}]+/gu, ' ').trim() || id.replace(/[\s\p{C}]+/gu, ' ');
  return name.slice(0, MAX_NAME).replace(/[\\`*_{}[\]()<>#+.!|&~-]/g, '\\$&');
}

/** The hand-off as markdown. Its fence is longer than any run of backticks in the message, which so can't close it. */
function handOff(contact: Contact, url: string, message: string): string {
  const longest = Math.max(2, ...Array.from(message.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [
    `# LinkedIn message to ${nameLine(contact)}`,
    '',
    `Not sent: LinkedIn has no public API for it. Open <${url}>, and paste this:`,
    '',
    fence,
    message.replace(/\r\n?/g, '\n'),
    fence,
    '',
  ].join('\n');
}

/** `linkedin_message`, params `{message}` of 1 to 10,000 characters: a hand-off for a person in HOME/outbox. */
export const linkedinMessage: ActionType = {
  type: 'linkedin_message',
  noun: 'LinkedIn message',
  capability: 'linkedin',
  outbound: true,
  harmless: false,
  leavesMachine: () => false,
  consent: ['do_not_contact'],
  params,
  target: ({ contact }) => contact.linkedin_url || undefined,
  obstacle,
  async perform(attempt) {
    const given = params.safeParse(attempt.params);
    const url = profileUrl(attempt.contact.linkedin_url ?? '');
    if (!given.success || url === undefined) {
      const problem = given.success ? obstacle(attempt) : z.prettifyError(given.error);
      throw new EffectFailed('VALIDATION_ERROR', `No hand-off was written: ${problem}.`);
    }
    const text = handOff(attempt.contact, url, given.data.message);
    const path = await attempt.deps.outbox.write(outboxFileName(attempt.ref, 'md'), text);
    return {
      channel: 'outbox',
      path,
      note: 'written, not sent: LinkedIn has no public API; open the profile and paste the message',
    };
  },
};
