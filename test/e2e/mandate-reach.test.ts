import { describe, expect, it, onTestFinished } from 'vitest';
import { aMailSink } from '../support/mail-sink.ts';
import { accept } from '../support/person.ts';
import { type Connection, startServer } from '../support/server.ts';

/** An agent that a person allowed, by the form, to send emails to contacts on trial, and the mail server that gets them. */
async function allowed(message: string) {
  const sink = await aMailSink();
  const onForm = () => accept({ decision: 'approve' });
  const server = await startServer({ env: { COUNTERSIGN_SMTP: sink.url() }, onForm });
  onTestFinished(() => server.close());
  const contacts = ['trial', 'paid'].map((plan) => ({ id: plan, email: `${plan}@example.com`, plan }));
  await server.call('import_contacts', { contacts });
  const sender = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP', gap_seconds: 0 };
  const { identity } = await server.call('save_identity', sender);
  const email = { type: 'email_message', params: { subject: 'Hello', message } };
  const { agent } = await server.call('create_agent', {
    name: 'Ada',
    description: 'We wish you well.',
    capabilities: ['email'],
    identity_id: identity.id,
    playbook: { rules: [{ name: 'all', propose: [email] }] },
    monitoring: { filter: { plan: 'trial' } },
    approval: { require_approval: false },
  });
  expect(agent.approval.unasked.granted).toBe(true);
  return { server, sink, agent_id: agent.id, sender: { ...sender, identity_id: identity.id } };
}

/** The one action of a run for a contact. */
async function acted(server: Connection, agent_id: string, contact_id: string) {
  const { run_id } = await server.call('trigger_agent', { agent_id, contact_ids: [contact_id], wait_seconds: 10 });
  const { run } = await server.call('get_run', { run_id, wait_seconds: 10 });
  return run.contact_results[0].proposed_actions[0];
}

describe('the permission of an agent', () => {
  it('is for the contacts that its filter finds: others that a caller names wait for a person', async () => {
    const { server, sink, agent_id } = await allowed('Hi');
    expect(await acted(server, agent_id, 'paid')).toMatchObject({ status: 'pending_approval' });
    expect(await acted(server, agent_id, 'trial')).toMatchObject({ auto_approved: true });
    await expect.poll(() => sink.mails.flatMap(({ to }) => to)).toEqual(['trial@example.com']);
  });

  it('ends with a copy to another address and with another pace, and not with the pace that is the default', async () => {
    const { server, agent_id, sender } = await allowed('Hi');
    const isGranted = async () => (await server.call('get_agent', { agent_id })).agent.approval.unasked.granted;
    await server.call('save_identity', { ...sender, max_per_day: 200 });
    expect(await isGranted()).toBe(true);
    const { warnings } = await server.call('save_identity', { ...sender, bcc: 'crm@acme.example' });
    expect(warnings.join()).toContain('wait for a person now');
    expect(await isGranted()).toBe(false);
    const [change] = (await server.call('list_pending_actions')).changes;
    expect(change).toMatchObject({ after: { 'identity.bcc': 'crm@acme.example' } });
    expect(await acted(server, agent_id, 'trial')).toMatchObject({ status: 'pending_approval' });
  });

  it('ends with another description where a rule puts the description into what it sends', async () => {
    const { server, sink, agent_id } = await allowed('{{ agent.description }}');
    const changed = await server.call('update_agent', { agent_id, changes: { description: 'Pay here.' } });
    expect(changed.agent.approval.unasked.granted).toBe(false);
    expect(changed.change_id).toMatch(/^ch_/);
    expect(await acted(server, agent_id, 'trial')).toMatchObject({ status: 'pending_approval' });
    expect(sink.mails).toEqual([]);
  });
});
