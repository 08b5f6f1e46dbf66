import { aTeam, type Teammate } from './team.ts';

export const NOTE = { type: 'note', params: { body: 'Call Ann' } };
export const EMAIL = { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } };
export const ANN = { id: 'ann', email: 'ann@example.com', firstname: 'Ann' };

export const agentOf = (propose: object[] = [NOTE], more: object = {}) => ({
  name: 'Agent',
  capabilities: ['notes', 'email'],
  playbook: { rules: [{ name: 'all', propose }] },
  ...more,
});

export async function made(who: Teammate, propose?: object[], more?: object): Promise<string> {
  const { agent, error } = await who.call('create_agent', agentOf(propose, more));
  if (!agent) throw new Error(JSON.stringify(error));
  return agent.id;
}

export async function ran(who: Teammate, agent_id: string): Promise<string> {
  return (await who.call('trigger_agent', { agent_id, contact_ids: ['ann'], wait_seconds: 30 })).run_id;
}

export async function resultOf(who: Teammate, run_id: string) {
  return (await who.call('get_run', { run_id })).run.contact_results[0];
}

export async function decided(who: Teammate, run_id: string, tool: string, more: object = {}) {
  const [row] = (await who.call('list_pending_actions', { run_id })).actions;
  const ref = { run_id, contact_id: 'ann', action_index: row.action_index, expected_digest: row.digest };
  return who.call(tool, { ...ref, ...more });
}

/** A home with one contact and four callers of three roles. */
export async function theTeam() {
  const team = aTeam();
  const [olga, adam] = [await team.member('olga', { role: 'owner' }), await team.member('adam', { role: 'admin' })];
  const [mia, max] = [await team.member('mia'), await team.member('max')];
  await adam.call('import_contacts', { contacts: [ANN] });
  return { team, olga, adam, mia, max };
}
