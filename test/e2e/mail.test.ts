import PostalMime from 'postal-mime';
import { afterEach, describe, expect, it } from 'vitest';
import { keptIn, outboxNamesIn } from '../support/kept-in.ts';
import { lapse } from '../support/lapse.ts';
import { aMailSink, type MailSink } from '../support/mail-sink.ts';
import { type Connection, startServer } from '../support/server.ts';
import { TRUSTING } from '../support/trusting.ts';

const open: Connection[] = [];
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});

async function start(env: Record<string, string>, home?: string): Promise<Connection> {
  const connection = await startServer({ env: { ...TRUSTING, ...env }, ...(home === undefined ? {} : { home }) });
  open.push(connection);
  return connection;
}

function mailEnv(sink: MailSink, login?: string): Record<string, string> {
  return { COUNTERSIGN_SMTP: sink.url('smtp', login) };
}

/** One email that waits, of an agent that signs as Sam. */
async function waiting(server: Connection, smtp: object = { smtp_url_env: 'COUNTERSIGN_SMTP', gap_seconds: 0 }) {
  await server.call('import_contacts', {
    contacts: [{ id: 'a', email: 'ada@example.com', firstname: 'Ada "<x@evil.example>,' }],
  });
  const sam = { name: 'Sam Rivera', email: 'sam@acme.example' };
  const { identity, warnings } = await server.call('save_identity', { ...sam, ...smtp });
  const params = { subject: 'Hello', message: 'Hi Ada,\n.\nBcc: x@evil.example' };
  const { agent } = await server.call('create_agent', {
    name: 'Mailer',
    capabilities: ['email'],
    identity_id: identity.id,
    playbook: { rules: [{ name: 'all', propose: [{ type: 'email_message', params }] }] },
  });
  const run = await server.call('trigger_agent', { agent_id: agent.id });
  return {
    identity: { ...sam, identity_id: identity.id },
    warnings,
    at: { run_id: run.run_id, contact_id: 'a', action_index: 0 },
  };
}

describe('an approved email of an identity with a mail server', () => {
  it('is sent once, to the contact’s own address alone, with its receipt', async () => {
    const sink = await aMailSink({ login: { user: 'sam', pass: 'pass-word-1' } });
    const server = await start(mailEnv(sink, 'sam:pass-word-1'));
    const { at, warnings } = await waiting(server);
    expect(warnings).toEqual([]);
    expect(sink.connections()).toBe(0);
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(sink.mails).toHaveLength(1);
    const [mail] = sink.mails;
    expect(mail).toMatchObject({ from: 'sam@acme.example', to: ['ada@example.com'] });
    const email = await PostalMime.parse(mail?.text ?? '');
    expect(email).toMatchObject({ subject: 'Hello', text: expect.stringContaining('\n.\nBcc: x@evil.example') });
    expect(email.to?.map(({ address }) => address)).toEqual(['ada@example.com']);
    expect(email.bcc).toBeUndefined();
    expect(action).toMatchObject({
      status: 'executed',
      result: { channel: 'smtp', message_id: email.messageId, note: expect.stringContaining('250') },
    });
    expect(await outboxNamesIn(server.home)).toEqual([]);
    await server.close();
    expect(await keptIn(server.home)).not.toContain('pass-word-1');
  });

  it('is sent after greylisting, fails when refused, and is retried by a person as the same message', async () => {
    const sink = await aMailSink({
      recipient: (count) =>
        [
          { code: 451, words: 'greylisted' },
          { code: 550, words: '5.7.1 not from this network' },
        ][count],
    });
    const server = await start(mailEnv(sink));
    const { at } = await waiting(server);
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('550 5.7.1 not from') },
    });
    expect(sink.mails).toEqual([]);
    expect((await server.call('settle_action', await server.shown({ ...at, outcome: 'retry' }))).action.status).toBe(
      'executed',
    );
    expect(sink.mails).toHaveLength(1);
  });

  it('is unknown when the server takes the message and drops the line, and is not sent again', async () => {
    const sink = await aMailSink({ message: (count) => (count === 0 ? 'drop' : undefined) });
    const server = await start(mailEnv(sink));
    const { at } = await waiting(server);
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({ status: 'unknown', error: { message: expect.stringContaining('settle_action') } });
    // What the attempt would have sent again it would have sent before it said that its outcome is unknown.
    expect(sink.mails).toHaveLength(1);
    await server.call('settle_action', await server.shown({ ...at, outcome: 'retry' }));
    const ids = await Promise.all(sink.mails.map(async ({ text }) => (await PostalMime.parse(text)).messageId));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('is unknown after a kill between the server’s receipt and the recorded outcome', async () => {
    const sink = await aMailSink({ message: () => 'silence' });
    const first = await start(mailEnv(sink));
    const { at } = await waiting(first);
    first.call('approve_action', await first.shown(at)).catch(() => undefined);
    await expect.poll(() => sink.mails.length).toBe(1);
    if (first.pid !== undefined) process.kill(first.pid, 'SIGKILL');
    await lapse(first.home);
    const next = await start(mailEnv(sink), first.home);
    await expect
      .poll(async () => (await next.call('list_pending_actions')).actions)
      .toMatchObject([{ status: 'unknown' }]);
    expect(sink.mails).toHaveLength(1);
  });

  it('goes back to review where the variable is missing or no SMTP URL, and is sent by a process that has it', async () => {
    const sink = await aMailSink();
    const without = await start({});
    const { at, warnings } = await waiting(without);
    expect(warnings.join()).toContain('COUNTERSIGN_SMTP');
    expect((await without.call('approve_action', await without.shown(at))).action).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('COUNTERSIGN_SMTP'),
    });
    const wrong = await start({ COUNTERSIGN_SMTP: 'https://user:pass-word-2@mail.example' }, without.home);
    const { action } = await wrong.call('approve_action', await wrong.shown(at));
    expect(action).toMatchObject({ status: 'pending_approval', reason: expect.stringContaining("isn't an SMTP URL") });
    expect(JSON.stringify(action)).not.toContain('pass-word-2');
    const having = await start(mailEnv(sink), without.home);
    expect((await having.call('approve_action', await having.shown(at))).action.status).toBe('executed');
    expect(sink.mails).toHaveLength(1);
  });

  it('is another action than one that was to be written to the outbox', async () => {
    const sink = await aMailSink();
    const server = await start(mailEnv(sink));
    const { at, identity } = await waiting(server, {});
    const [shown] = (await server.call('list_pending_actions')).actions;
    await server.raw('save_identity', { ...identity, smtp_url_env: 'COUNTERSIGN_SMTP' });
    const error = await server.refusal('approve_action', { ...at, expected_digest: shown.digest });
    expect(error.code).toBe('CONFLICT');
    expect(sink.connections()).toBe(0);
  });
});
