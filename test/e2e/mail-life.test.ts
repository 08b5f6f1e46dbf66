import { spawnSync } from 'node:child_process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { aDovecot, LOGIN } from '../support/dovecot.ts';
import { written } from '../support/mail-messages.ts';
import { JANE, mailboxIn, SAM } from '../support/mail-scene.ts';
import { aMailSink } from '../support/mail-sink.ts';
import { BUNDLE, baseEnv, startServer } from '../support/server.ts';
import { TRUSTING } from '../support/trusting.ts';

describe('a server with a mailbox to read', () => {
  it('looks by itself, and tells no secret', async () => {
    const [dovecot, sink] = [await aDovecot(), await aMailSink()];
    const env = { ...TRUSTING, COUNTERSIGN_SMTP: sink.url(), ...mailboxIn(dovecot.port) };
    const first = await startServer({ env });
    await first.call('import_contacts', { contacts: [JANE] });
    await first.call('save_identity', SAM);
    await first.close();
    dovecot.deliver(written('Yes'));
    const { call, close, home } = await startServer({ env, home: first.home });
    onTestFinished(close);
    await vi.waitFor(
      async () =>
        expect((await call('get_contact', { contact_id: JANE.id })).events).toMatchObject([{ type: 'replied' }]),
      { timeout: 10_000 },
    );
    const { identities } = await call('list_identities');
    expect(identities[0].mailbox).toEqual({ looked_at: expect.any(String) });
    const { stdout, stderr } = spawnSync(process.execPath, [BUNDLE, 'doctor'], {
      env: baseEnv(home, env),
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/^mailbox of "Sam": read at 20/m);
    expect(`${stdout}${stderr}${JSON.stringify(identities)}`).not.toContain(LOGIN.pass);
  });

  it('is told by the doctor where the mailbox can’t be read, or its login isn’t there', async () => {
    const env = { ...TRUSTING, ...mailboxIn(1) };
    const { call, close, home } = await startServer({ env });
    await call('save_identity', SAM);
    await call('list_pending_actions');
    await close();
    const { stdout, status } = spawnSync(process.execPath, [BUNDLE, 'doctor'], {
      env: baseEnv(home),
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/^mailbox of "Sam": not read yet$/m);
    expect(stdout).toMatch(
      /^warning: the mailbox of "Sam" can't be read: 127\.0\.0\.1:1: the server can't be reached/m,
    );
    expect(stdout).toMatch(
      /^warning: identity "Sam": the identity's imap_url_env names COUNTERSIGN_IMAP: COUNTERSIGN_IMAP isn't/m,
    );
    expect(status).toBe(0);
  });
});
