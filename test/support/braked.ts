import { onTestFinished } from 'vitest';
import { aMailSink } from './mail-sink.ts';
import { accept } from './person.ts';
import { type Connection, type OnForm, startServer, temporaryHome } from './server.ts';
import { aSink, type Sink } from './sink.ts';

/** A server whose client shows forms, and a person who approves each, unless the test says otherwise. */
export async function aPerson(home: string, env: Record<string, string> = {}, onForm?: OnForm): Promise<Connection> {
  const server = await startServer({ home, env, onForm: onForm ?? (() => accept({ decision: 'approve' })) });
  onTestFinished(() => server.close());
  return server;
}

const EVERYTHING = [
  { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } },
  { type: 'webhook', params: { payload: { stage: 'lead' } } },
  { type: 'note', params: { body: 'Seen' } },
  { type: 'crm_update', params: { fields: { tier: 'gold' } } },
];

/**
 * Two processes on one home: `worker`, whose plain calls count as approvals, and `person`, who is asked in forms. Actions
 * of every kind wait for two contacts, with a mail server and a receiver of webhooks that keep what they get.
 */
export async function twoProcesses(propose: object[] = EVERYTHING, receiver?: Sink) {
  const [mail, hook, home] = [await aMailSink(), receiver ?? (await aSink()), temporaryHome()];
  const env = {
    COUNTERSIGN_ALLOW_HOSTS: hook.host,
    COUNTERSIGN_TEST_SMTP: mail.url(),
    COUNTERSIGN_MIN_PROOF: 'client',
  };
  const worker = await startServer({ home, env });
  onTestFinished(() => worker.close());
  const person = await aPerson(home, env);
  await worker.call('import_contacts', { contacts: ['p', 'q'].map((id) => ({ id, email: `${id}@example.com` })) });
  const sam = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_TEST_SMTP', gap_seconds: 0 };
  const { identity } = await worker.call('save_identity', sam);
  const { agent } = await worker.call('create_agent', {
    name: 'Follow-up',
    capabilities: ['email', 'webhook', 'notes', 'crm_sync'],
    identity_id: identity.id,
    connections: { webhook_url: hook.url('/hook') },
    playbook: { rules: [{ name: 'all', propose }] },
  });
  const { run_id } = await worker.call('trigger_agent', { agent_id: agent.id });
  const actions = async () => {
    const { run } = await worker.call('get_run', { run_id });
    return run.contact_results.flatMap((result: { proposed_actions: object[] }) => result.proposed_actions);
  };
  const statuses = async () => [...new Set((await actions()).map(({ status }: { status: string }) => status))];
  return { home, env, worker, person, mail, hook, agent, run_id, actions, statuses };
}
