import { describe, expect, it, onTestFinished } from 'vitest';
import { aMailSink } from '../support/mail-sink.ts';
import { accept } from '../support/person.ts';
import { startServer } from '../support/server.ts';

const SAM = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP' };
const SLOW = { max_per_day: 2, gap_seconds: 3_600 };

/** Two emails that a person approved, of which the second waits for an hour; then the person leaves every form alone. */
async function aScene() {
  const sink = await aMailSink();
  const forms: string[] = [];
  let isThere = true;
  const onForm = (form: unknown) => {
    forms.push(JSON.stringify(form));
    return isThere ? accept({ decision: 'approve' }) : { action: 'cancel' as const };
  };
  const server = await startServer({ env: { COUNTERSIGN_SMTP: sink.url() }, onForm });
  onTestFinished(() => server.close());
  await server.call('import_contacts', { contacts: ['ada', 'bob'].map((id) => ({ id, email: `${id}@example.com` })) });
  const { identity } = await server.call('save_identity', { ...SAM, ...SLOW });
  const params = { subject: 'Hello', message: 'Hi' };
  const { agent } = await server.call('create_agent', {
    ...{ name: 'Mailer', capabilities: ['email'], identity_id: identity.id },
    playbook: { rules: [{ name: 'all', propose: [{ type: 'email_message', params }] }] },
  });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
  for (const contact_id of ['ada', 'bob'])
    await server.call('approve_action', await server.shown({ run_id, contact_id, action_index: 0 }));
  const waiting = async () => (await server.call('list_pending_actions', { status: 'approved' })).actions;
  expect(await waiting()).toHaveLength(1);
  isThere = false;
  forms.length = 0;
  const faster = (pace: Record<string, unknown>) =>
    server.refusal('save_identity', { ...SAM, ...pace, identity_id: identity.id });
  const slower = (pace: Record<string, unknown>) =>
    server.call('save_identity', { ...SAM, ...pace, identity_id: identity.id });
  return { sink, server, forms, waiting, faster, slower, identity };
}

describe('a pace of approved emails that wait', () => {
  it.each([
    ['gap_seconds', { ...SLOW, gap_seconds: 0 }],
    ['max_per_day', { ...SLOW, max_per_day: 500 }],
    ['max_per_day, gap_seconds', {}],
  ])('is made no faster without a person: %s', async (fields, pace) => {
    const { server, sink, forms, faster, waiting, identity } = await aScene();
    const error = await faster(pace);
    expect(error).toMatchObject({ code: 'FORBIDDEN', details: { change_id: expect.any(String) } });
    expect(forms.join()).toContain(`${fields} changes for emails that still wait`);
    const { changes } = await server.call('list_pending_actions');
    expect(changes).toMatchObject([{ identity_id: identity.id, needs: 'elicited' }]);
    expect((await server.call('list_identities')).identities[0]).toMatchObject(SLOW);
    expect(await waiting()).toHaveLength(1);
    expect(sink.mails).toHaveLength(1);
  });

  it('is made slower at once', async () => {
    const { forms, slower, faster, waiting } = await aScene();
    await slower({ max_per_day: 1, gap_seconds: 7_200, send_hours: 'Mon-Fri 09:00-17:00 Europe/Berlin' });
    expect(forms).toEqual([]);
    expect(await waiting()).toHaveLength(1);
    expect(await faster({})).toMatchObject({ code: 'FORBIDDEN', details: { change_id: expect.any(String) } });
    expect(forms.join()).toContain('send_hours, max_per_day, gap_seconds changes for emails that still wait');
  });
});
