import { expect, onTestFinished } from 'vitest';
import { type Connection, startServer } from './server.ts';
import type { Sink } from './sink.ts';
import { TRUSTING } from './trusting.ts';

export const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;

/** A server that may post to a sink, closed when the test that asked for it is over. */
export async function start(sink: Sink, env: Record<string, string> = {}, home?: string): Promise<Connection> {
  const all = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host, COUNTERSIGN_HOOK_SECRET: SECRET, ...env };
  const connection = await startServer({ env: all, ...(home === undefined ? {} : { home }) });
  onTestFinished(() => connection.close());
  return connection;
}

type Proposal = { type: string; params: Record<string, unknown> };
export const HOOK: Proposal = {
  type: 'webhook',
  params: { payload: { stage: '{{ contact.lifecycle_stage }}', n: 1 } },
};
export const CRM: Proposal = { type: 'crm_update', params: { fields: { lifecycle_stage: 'customer' } } };

/** One action that waits, of an agent that posts to the sink. */
export async function waiting(
  server: Connection,
  connections: Record<string, string>,
  proposal = HOOK,
  more: object = {},
) {
  await server.call('import_contacts', { contacts: [{ id: 'a', email: 'a@example.com', lifecycle_stage: 'lead' }] });
  const { agent, warnings } = await server.call('create_agent', {
    name: 'Poster',
    capabilities: ['webhook', 'crm_sync'],
    playbook: { rules: [{ name: 'all', propose: [proposal] }] },
    connections,
    ...more,
  });
  const run = await server.call('trigger_agent', { agent_id: agent.id });
  return { agent, warnings, run, at: { run_id: run.run_id, contact_id: 'a', action_index: 0 } };
}

export function hooks(sink: Sink): Record<string, string> {
  return { webhook_url: sink.url('/hook'), secret_env: 'COUNTERSIGN_HOOK_SECRET' };
}

export function ids(sink: Sink): unknown[] {
  return sink.requests.map(({ headers }) => headers['webhook-id']);
}

export async function settled(server: Connection, at: { run_id: string }, status: string) {
  const action = async () => {
    const { run } = await server.call('get_run', { run_id: at.run_id });
    return run.contact_results[0].proposed_actions[0];
  };
  await expect.poll(action).toMatchObject({ status });
  return action();
}
