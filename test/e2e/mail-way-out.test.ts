import fs from 'node:fs';
import PostalMime from 'postal-mime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tokenIn } from '../../src/domain/mail/way-out.ts';
import { keyOf } from '../support/home-key.ts';
import { aMailSink, type MailScript } from '../support/mail-sink.ts';
import { accept } from '../support/person.ts';
import { startServer } from '../support/server.ts';

const SAM = { name: 'Sam Rivera', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP' };
const ADDRESSES = {
  reply_to: 'Answers@Acme.example',
  bcc: 'mailto:crm@acme.example',
  unsubscribe_mailto: 'leave@acme.example',
  unsubscribe_url: 'https://acme.example/leave?who={email}',
};

/** A server with one contact, a mail server that it may send by, and a person who is shown forms and says yes. */
async function aScene(script: MailScript = {}) {
  const sink = await aMailSink(script);
  const forms: string[] = [];
  const onForm = (form: unknown) => {
    forms.push(JSON.stringify(form));
    return accept({ decision: 'approve' });
  };
  const server = await startServer({ env: { COUNTERSIGN_SMTP: sink.url() }, onForm });
  onTestFinished(() => server.close());
  await server.call('import_contacts', { contacts: [{ id: 'ada', email: 'ada@example.com' }] });
  return { sink, server, forms };
}

/** One email that waits, of a new agent of the sender. */
async function waiting({ server }: Awaited<ReturnType<typeof aScene>>, sender: Record<string, unknown>) {
  const { identity } = await server.call('save_identity', sender);
  const params = { subject: 'Hello', message: 'Hi Ada' };
  const { agent, warnings } = await server.call('create_agent', {
    name: 'Mailer',
    capabilities: ['email'],
    identity_id: identity.id,
    playbook: { rules: [{ name: 'all', propose: [{ type: 'email_message', params }] }] },
  });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
  return { identity, warnings, at: { run_id, contact_id: 'ada', action_index: 0 } };
}

/** The text of a header, its folded lines joined. */
function header(text: string, name: string): string | undefined {
  const head = text.slice(0, text.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
}

describe('an email of a sender with other addresses', () => {
  it('offers the way out, names where answers go, and copies in the envelope alone', async () => {
    const scene = await aScene();
    const { sink, server, forms } = scene;
    const { at, identity } = await waiting(scene, { ...SAM, ...ADDRESSES });
    expect(identity).toMatchObject({ reply_to: 'answers@acme.example', bcc: 'crm@acme.example' });
    const [row] = (await server.call('list_pending_actions')).actions;
    expect(row).toMatchObject({ reply_to: 'answers@acme.example', bcc: 'crm@acme.example' });
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({
      status: 'executed',
      result: { note: expect.stringContaining('a copy went to crm@') },
    });
    for (const told of [
      'Reply-To: answers@acme.example',
      'Bcc: crm@acme.example',
      'To unsubscribe: https://acme.example/leave?who=ada%40example.com (one click), or an email to leave@acme.example',
    ])
      expect(forms.at(-1)).toContain(told);
    expect(sink.mails.map(({ to }) => to)).toEqual([['ada@example.com'], ['crm@acme.example']]);
    const [text = '', copy] = sink.mails.map((mail) => mail.text);
    expect(copy).toBe(text);
    expect(text).not.toMatch(/crm@acme\.example/i);
    const email = await PostalMime.parse(text);
    expect(email.replyTo).toMatchObject([{ address: 'answers@acme.example' }]);
    expect(header(text, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
    const [, token = ''] =
      /^<https:\/\/acme\.example\/leave\?who=ada%40example\.com>, <mailto:leave@acme\.example\?subject=unsubscribe%20([\w-]+)>$/.exec(
        header(text, 'List-Unsubscribe') ?? '',
      ) ?? [];
    const message = email.messageId?.slice(1).split('@')[0];
    expect(tokenIn(await keyOf(server.home), token)).toEqual({ message, address: 'ada@example.com' });
  });

  it('is sent although its copy is refused, and says so', async () => {
    const scene = await aScene({
      recipient: (count) => (count === 1 ? { code: 550, words: 'no such box' } : undefined),
    });
    const { at } = await waiting(scene, { ...SAM, ...ADDRESSES });
    const { action } = await scene.server.call('approve_action', await scene.server.shown(at));
    expect(action).toMatchObject({
      status: 'executed',
      result: { note: expect.stringMatching(/^accepted by .*; no copy went to crm@acme\.example: .*550 no such box/) },
    });
    expect(scene.sink.mails).toHaveLength(1);
    const { contact } = await scene.server.call('get_contact', { contact_id: 'ada' });
    expect(contact.bounced).not.toBe(true);
  });

  it('copies nothing where the recipient is refused', async () => {
    const scene = await aScene({
      recipient: (count) => (count === 0 ? { code: 550, words: 'no such box' } : undefined),
    });
    const { at } = await waiting(scene, { ...SAM, ...ADDRESSES });
    const { action } = await scene.server.call('approve_action', await scene.server.shown(at));
    expect(action.status).toBe('failed');
    expect(scene.sink.mails).toEqual([]);
  });

  it('carries all of it in the outbox too, where the draft names its copy for the program that sends it', async () => {
    const scene = await aScene();
    const { smtp_url_env: _, ...sender } = { ...SAM, ...ADDRESSES };
    const { at } = await waiting(scene, sender);
    const { action } = await scene.server.call('approve_action', await scene.server.shown(at));
    const text = fs.readFileSync(action.result.path, 'utf8');
    expect(header(text, 'List-Unsubscribe')).toContain('mailto:leave@acme.example');
    expect(header(text, 'Bcc')).toBe('crm@acme.example');
  });

  it('has no such header where the sender names no way out; the agent is warned of that', async () => {
    const scene = await aScene();
    const { at, warnings } = await waiting(scene, SAM);
    expect(warnings.join('\n')).toContain('no way to unsubscribe');
    await scene.server.call('approve_action', await scene.server.shown(at));
    expect(scene.sink.mails[0]?.text).not.toMatch(/^(List-|Reply-To|Bcc)/im);
    const other = await waiting(scene, { ...SAM, unsubscribe_mailto: 'leave@acme.example' });
    expect(other.warnings.join('\n')).not.toContain('unsubscribe');
  });
});

describe('another address of a sender', () => {
  it.each([
    ['reply_to', 'a@x.example\r\nBcc: b@y.example'],
    ['bcc', 'a@x.example, b@y.example'],
    ['unsubscribe_mailto', 'leave'],
    ['unsubscribe_url', 'http://acme.example/leave'],
    ['unsubscribe_url', 'https://127.0.0.1/leave'],
    ['unsubscribe_url', 'https://acme.example/leave\r\nX: y'],
    ['send_hours', 'always'],
  ])('is refused as %s: %j', async (field, value) => {
    const { server } = await aScene();
    const error = await server.refusal('save_identity', { ...SAM, [field]: value });
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { [field]: expect.any(String) } });
    expect((await server.call('list_identities')).total).toBe(0);
  });

  it.each(Object.entries(ADDRESSES))('waits for a person where %s moves for emails that wait', async (field, value) => {
    const scene = await aScene();
    const { identity } = await waiting(scene, SAM);
    const [before] = (await scene.server.call('list_pending_actions')).actions;
    await scene.server.raw('save_identity', { ...SAM, [field]: value, identity_id: identity.id });
    expect(scene.forms.join('\n')).toContain(`${field} changes for emails that still wait`);
    const [after] = (await scene.server.call('list_pending_actions')).actions;
    expect(after.digest).not.toBe(before.digest);
  });
});
