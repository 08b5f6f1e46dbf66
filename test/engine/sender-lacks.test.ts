import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.ts';

const SAM = {
  name: 'Sam',
  email: 'sam@acme.example',
  smtp_url_env: 'COUNTERSIGN_SMTP',
  imap_url_env: 'COUNTERSIGN_IMAP',
  unsubscribe_mailto: 'leave@acme.example',
};
const SMTP = { COUNTERSIGN_SMTP: 'smtp://sam:secret@mail.acme.example' };
const AGAIN = 'Until then, emails of this identity go back to review.';

/** What is said when an identity is saved, and when an agent is made and changed that sends as it. */
async function warned(env: Record<string, string>, capabilities = ['email']) {
  const { call } = inProcess({ env });
  const { identity, warnings: ofIdentity = [] } = await call('save_identity', SAM);
  const made = await call('create_agent', {
    ...{ name: 'Mailer', capabilities, identity_id: identity.id },
    playbook: { playbook_md: 'Write.' },
  });
  const changes = { description: 'Mails' };
  const changed = await call('update_agent', { agent_id: made.agent.id, changes });
  const about = (warnings: string[] = []) => warnings.filter((warning) => warning.includes('_url_env'));
  return [ofIdentity, about(made.warnings), about(changed.warnings)];
}

describe('a sender whose variables are missing', () => {
  it.each([
    [SMTP, "imap_url_env names COUNTERSIGN_IMAP: COUNTERSIGN_IMAP isn't set in this environment"],
    [{ ...SMTP, COUNTERSIGN_IMAP: 'https://sam:secret@mail.acme.example' }, "COUNTERSIGN_IMAP isn't an IMAP URL"],
    [
      {
        ...SMTP,
        COUNTERSIGN_IMAP_HOST: 'imap.gmail.com',
        COUNTERSIGN_IMAP_USER: 'sam',
        COUNTERSIGN_IMAP_REFRESH_TOKEN: 'secret',
      },
      "COUNTERSIGN_IMAP_REFRESH_TOKEN is set, but COUNTERSIGN_IMAP_CLIENT_ID isn't",
    ],
    [
      { COUNTERSIGN_IMAP: 'imaps://sam:secret@mail.acme.example' },
      "smtp_url_env names COUNTERSIGN_SMTP: COUNTERSIGN_SMTP isn't set",
    ],
  ])('is told at the identity and at its agents, and nothing that they hold: %j', async (env, words) => {
    for (const warnings of await warned(env)) {
      expect(warnings).toEqual([expect.stringContaining(words)]);
      expect(warnings[0]).toContain(AGAIN);
      expect(warnings[0]).not.toContain('secret');
    }
  });

  it('is no matter where all are set, or the agent sends no emails', async () => {
    const all = { ...SMTP, COUNTERSIGN_IMAP: 'imaps://sam:secret@mail.acme.example' };
    expect(await warned(all)).toEqual([[], [], []]);
    const [, made, changed] = await warned(SMTP, ['note']);
    expect([made, changed]).toEqual([[], []]);
  });
});
