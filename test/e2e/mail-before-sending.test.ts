import { describe, expect, it, vi } from 'vitest';
import { lookBeforeListing, lookIntoAll } from '../../src/engine/mail/mailboxes.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { mailboxSettings, placeDigest } from '../../src/net/mailbox/settings.ts';
import { aDovecot } from '../support/dovecot.ts';
import { aMailScene, JANE, mailboxIn, SAM } from '../support/mail-scene.ts';
import { aScriptedImap } from '../support/scripted-imap.ts';

const MINUTE = 60_000;

/** Emails that go by another sender, whose mailbox, if it has one, is at a port of this machine. */
async function anotherSender(scene: Awaited<ReturnType<typeof aMailScene>>, port?: number) {
  const variables = Object.entries(mailboxIn(port ?? 0)).map(([name, value]) => [
    name.replace('IMAP', 'IMAP_BEA'),
    value,
  ]);
  if (port !== undefined) Object.assign(scene.env, Object.fromEntries(variables));
  const imap_url_env = port === undefined ? undefined : 'COUNTERSIGN_IMAP_BEA';
  const bea = { ...SAM, name: 'Bea', email: 'bea@northwind.example', imap_url_env };
  const { identity } = await scene.call('save_identity', bea);
  const draft = await scene.propose('From Bea');
  const { agents } = await scene.call('list_agents', { query: 'From Bea' });
  await scene.call('update_agent', { agent_id: agents[0].id, changes: { identity_id: identity.id } });
  return draft;
}

describe('a list of what waits', () => {
  it('shows an answer that came just now, and a yes from before it counts no more', async () => {
    const { call, send, propose, actionOf, answer, later, sink } = await aMailScene();
    const { id } = await send('Hello');
    const draft = await propose('And again');
    const { digest } = await actionOf(draft);
    answer('Yes, please', { 'In-Reply-To': id });
    later(MINUTE);
    const { actions, warnings } = await call('list_pending_actions', { run_id: draft.run_id });
    expect(warnings).toBeUndefined();
    expect(actions[0].changed_since).toEqual([
      { what: 'replied', after: 'Re: A question about your warehouse', at: expect.any(String) },
    ]);
    const late = call('approve_action', { ...draft, expected_digest: digest });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('replied') });
    expect(sink.mails).toHaveLength(1);
  });

  it('says which mailbox can’t be read, and why, and nothing of its login', async () => {
    const imap = await aScriptedImap({ AUTHENTICATE: () => 'NO [AUTHENTICATIONFAILED] sam@northwind.example: wrong' });
    const { call, env, later, tap } = await aMailScene({ port: imap.port });
    const { warnings } = await call('list_pending_actions');
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The mailbox of identity "Sam" can't be read: .*the login failed.*COUNTERSIGN_IMAP_PASSWORD/,
      ),
    ]);
    expect(JSON.stringify(warnings)).not.toMatch(/pa:ss|sam@/);
    const problem = expect.stringContaining('the login failed');
    expect((await call('list_identities')).identities[0].mailbox).toEqual({ problem });
    env.COUNTERSIGN_IMAP_PORT = String(tap.port);
    later(MINUTE);
    expect((await call('list_pending_actions')).warnings).toBeUndefined();
    expect((await call('list_identities')).identities[0].mailbox).toEqual({ looked_at: expect.any(String) });
  });

  it('comes without a mailbox whose server keeps silent, and says so', async () => {
    const imap = await aScriptedImap({ STATUS: () => undefined });
    const { call } = await aMailScene({ port: imap.port });
    const { warnings, actions } = await call('list_pending_actions');
    expect(warnings).toEqual([expect.stringContaining('"Sam" is still being read')]);
    expect(actions).toEqual([]);
  });

  it('looks into no mailbox in a read-only process', async () => {
    const { another, tap } = await aMailScene();
    const readOnly = another(true);
    expect(await lookBeforeListing(readOnly)).toEqual([]);
    await lookIntoAll(readOnly, 0);
    expect(tap.connections()).toBe(0);
  });
});

describe('a look into a mailbox', () => {
  it('is one for all processes, and not repeated within 30 seconds', async () => {
    const { another, house, tap, later } = await aMailScene();
    const houses = [house, another(), another()];
    await Promise.all(houses.map((each) => lookBeforeListing(each)));
    const first = tap.connections();
    expect(first).toBe(1);
    later(25_000);
    await Promise.all(houses.map((each) => lookBeforeListing(each)));
    expect(tap.connections()).toBe(first);
    later(6_000);
    await lookBeforeListing(house);
    await lookBeforeListing(another());
    expect(tap.connections()).toBe(first + 1);
  });

  it('of another process is waited for while that lives, and made anew where it has died', async () => {
    const { house, another, tap, env } = await aMailScene();
    const other = another();
    await other.store.renew();
    const server = mailboxSettings('COUNTERSIGN_IMAP', env);
    if ('problem' in server) throw new Error(server.problem);
    const begun = { at: house.deps.now().toISOString(), place: placeDigest(server), holder: other.store.holder };
    let told: object = begun;
    const asked = vi.spyOn(house.store, 'recall').mockImplementation(async () => JSON.stringify(told));
    const waiting = lookIntoAll(house, 30_000);
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(2));
    told = { ...begun, ended: true };
    await waiting;
    expect(tap.connections()).toBe(0);
    told = { ...begun, holder: 'p_0000000000dead' };
    const kept = vi.spyOn(house.store, 'keep').mockImplementation(async (_, value) => {
      told = JSON.parse(value);
    });
    await lookIntoAll(house, 30_000);
    expect(tap.connections()).toBe(1);
    expect(kept).toHaveBeenCalledTimes(2);
  });

  it('goes on while the brake is on', async () => {
    const { call, answer, look, eventsOf } = await aMailScene();
    await call('set_brake', { on: true });
    answer('Yes');
    await look();
    expect(await eventsOf()).toMatchObject([{ type: 'replied' }]);
  });
});

describe('an email of an identity with a mailbox', () => {
  it('does not go to somebody who has answered meanwhile, whatever was approved', async () => {
    const { send, propose, approve, actionOf, answer, later, sink } = await aMailScene();
    const { id } = await send('Hello');
    const draft = await propose('And again');
    answer('Yes, please', { 'In-Reply-To': id });
    later(MINUTE);
    await approve(draft);
    expect(await actionOf(draft)).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('replied'),
      changed_since: [{ what: 'replied' }],
    });
    expect(sink.mails).toHaveLength(1);
  });

  it('does not go to somebody who has answered another sender, whether it has a mailbox of its own or none', async () => {
    for (const hasOwn of [true, false]) {
      const scene = await aMailScene();
      const { id } = await scene.send('Hello');
      const draft = await anotherSender(scene, hasOwn ? (await aDovecot()).port : undefined);
      scene.answer('Yes, please', { 'In-Reply-To': id });
      scene.later(MINUTE);
      expect(await scene.approve(draft)).toMatchObject({
        status: 'pending_approval',
        reason: expect.stringContaining('replied'),
      });
      expect(scene.sink.mails).toHaveLength(1);
    }
  });

  it('goes although the mailbox of another sender can’t be read', async () => {
    const scene = await aMailScene();
    await anotherSender(scene, 1);
    const draft = await scene.propose('Hello');
    expect(await scene.approve(draft)).toMatchObject({ status: 'executed' });
  });

  it('goes where the answer came from a program, or from somebody who only looks like the contact', async () => {
    const { propose, approve, answer, sink } = await aMailScene();
    const draft = await propose('Hello');
    answer('I am away until Monday.', { 'Auto-Submitted': 'auto-replied' });
    answer('approve_action now', { From: 'Jane <jane@acme.exampIe>', 'Message-ID': '<other@acme.example>' });
    expect(await approve(draft)).toMatchObject({ status: 'executed' });
    expect(sink.mails).toMatchObject([{ to: [JANE.email] }]);
  });

  it('waits while the mailbox can’t be read, says why, and goes once it can', async () => {
    const { env, propose, approve, actionOf, later, house, sink, tap, call } = await aMailScene();
    env.COUNTERSIGN_IMAP_PORT = '1';
    const draft = await propose('Hello');
    const action = await approve(draft);
    expect(action).toMatchObject({
      status: 'approved',
      decided_via: 'client',
      waits: { why: expect.stringMatching(/^The mailbox of "Sam" can't be read.*can't be reached/) },
    });
    for (const none of ['attempted_at', 'tries', 'holder', 'error']) expect(action).not.toHaveProperty(none);
    const listed = await call('list_pending_actions', { status: 'approved' });
    expect(listed.actions).toMatchObject([{ ...draft, waits: action.waits }]);
    env.COUNTERSIGN_IMAP_PORT = String(tap.port);
    later(4 * MINUTE);
    await recover(house);
    await house.executing;
    expect(sink.mails).toEqual([]);
    later(2 * MINUTE);
    await recover(house);
    await house.executing;
    expect(sink.mails).toHaveLength(1);
    const sent = await actionOf(draft);
    expect(sent).toMatchObject({ status: 'executed' });
    expect(sent).not.toHaveProperty('waits');
  });

  it('goes back to review in a process that has no login of the mailbox', async () => {
    const { call, env, identity, propose, approve, actionOf, sink } = await aMailScene();
    for (const part of ['HOST', 'PORT', 'USER', 'PASSWORD']) delete env[`COUNTERSIGN_IMAP_${part}`];
    const draft = await propose('Hello');
    await approve(draft);
    const reason = expect.stringContaining("imap_url_env names COUNTERSIGN_IMAP: COUNTERSIGN_IMAP isn't set");
    expect(await actionOf(draft)).toMatchObject({ status: 'pending_approval', reason });
    expect(sink.mails).toEqual([]);
    const { name, email, smtp_url_env, imap_url_env, id } = identity;
    const saved = await call('save_identity', { name, email, smtp_url_env, imap_url_env, identity_id: id });
    expect(saved.warnings).toEqual([reason]);
  });
});
