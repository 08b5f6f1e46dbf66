import { ALL } from '../../src/domain/state/queries.ts';
import type { House } from '../../src/engine/base/house.ts';
import { aTeam, type Teammate } from './team.ts';

/** Words that stand in everything of the private agent, and nowhere else. */
export const MARKERS = [
  ...['zqnamez', 'zqdescz', 'zqtagz', 'zqbookz', 'zqbodyz', 'zqeditz', 'zqsubjectz', 'zqmailz', 'zqwhyz'],
  ...['zqreasonz', 'zqsaidz', 'zqansweredz', 'zqkeyz', 'zqhookz'],
] as const;

export type Planted = {
  team: ReturnType<typeof aTeam>;
  mia: Teammate;
  agent_id: string;
  identity_id: string;
  run_ids: string[];
  thread_id: string;
  change_ids: string[];
  review_token: string;
  action: { run_id: string; contact_id: string; action_index: number; expected_digest: string };
  /** All that nobody may be told who doesn't see the agent. */
  secrets: string[];
};

const RULES = [
  {
    name: 'all',
    propose: [
      { type: 'note', params: { body: 'zqbodyz 1' } },
      { type: 'note', params: { body: 'zqbodyz 2' } },
      { type: 'note', params: { body: 'zqbodyz 3' } },
      { type: 'email_message', params: { subject: 'zqsubjectz', message: 'zqmailz' } },
    ],
    reasoning: 'zqwhyz',
  },
];

async function decideSome(mia: Teammate, run_id: string): Promise<Planted['action']> {
  const { actions } = await mia.call('list_pending_actions', { run_id });
  const at = (index: number) => {
    const { digest } = actions[index];
    return { run_id, contact_id: 'ann', action_index: index, expected_digest: digest };
  };
  await mia.call('approve_action', { ...at(0), params: { body: 'zqeditz' }, note: 'zqreasonz', wait_seconds: 5 });
  await mia.call('reject_action', { ...at(1), reason: 'zqreasonz' });
  return at(2);
}

/** A conversation, as the engine keeps it: no model is needed to have had it. */
function talk(house: House, agent_id: string): Promise<string> {
  return house.commit('Mia', (_view, { at, newId }) => {
    const thread_id = newId('th');
    const base = { thread_id, agent_id, contact_id: 'ann', status: 'open' as const, messages: 0 };
    const thread = { ...base, created_by: 'Mia', created_at: at, updated_at: at };
    const said = (role: 'user' | 'assistant', content: string) => ({
      ...{ role, content, id: newId('msg'), agent_iteration_id: newId('it'), at },
    });
    const messages = [said('user', 'zqsaidz'), said('assistant', 'zqansweredz')];
    return { events: [{ type: 'thread_talked', thread, messages }], value: thread_id };
  });
}

/**
 * A team's home with a contact, "ann", and a private agent of the member Mia: with runs, actions of every kind, a
 * conversation, a permission that waits, a schedule, a review token and an idempotency key.
 */
export async function aPrivateAgent(team = aTeam()): Promise<Planted> {
  const mia = await team.member('mia');
  await mia.call('import_contacts', { contacts: [{ id: 'ann', email: 'ann@example.com', firstname: 'Ann' }] });
  const { identity } = await mia.call('save_identity', { name: 'Maya', email: 'maya@example.com' });
  const { agent } = await mia.call('create_agent', {
    identity_id: identity.id,
    name: 'Secret zqnamez',
    description: 'zqdescz',
    tags: ['zqtagz'],
    enabled: true,
    capabilities: ['email', 'notes'],
    playbook: { playbook_md: 'zqbookz', rules: RULES },
    monitoring: { schedule_cron: '0 9 * * 1' },
    connections: { webhook_url: 'https://zqhookz.example/hook' },
    idempotency_key: 'zqkeyz',
  });
  const agent_id: string = agent.id;
  const first = await mia.call('trigger_agent', { agent_id, contact_ids: ['ann'], wait_seconds: 30 });
  const action = await decideSome(mia, first.run_id);
  const dry = await mia.call('trigger_agent', { agent_id, contact_ids: ['ann'], dry_run: true, wait_seconds: 30 });
  // One that waits for an assistant's evaluation, which isn't over.
  const thinker = { name: 'Thinker zqnamez', playbook: { playbook_md: 'zqbookz' } };
  const other = await mia.call('create_agent', thinker);
  const open = await mia.call('trigger_agent', { agent_id: other.agent.id, contact_ids: ['ann'], wait_seconds: 30 });
  await mia.call('next_evaluation', { run_id: open.run_id });
  const thread_id = await talk(team.house, agent_id);
  // Asks for a permission: it waits, because this client draws no form.
  await mia.call('update_agent', { agent_id, changes: { approval: { auto_approve: ['email_message'] } } });
  const { review_token } = await mia.call('list_pending_actions', {});
  const change_ids = await team.house.read((view) => view.changes().map(({ id }) => id));
  const run_ids: string[] = [first.run_id, dry.run_id, open.run_id];
  const jobs = await team.house.read((view) => view.find.runs({ agent_id }, ALL).rows.map(({ job_id }) => job_id));
  const secrets = [...MARKERS, agent_id, other.agent.id, ...run_ids, ...jobs, thread_id, ...change_ids, review_token];
  return {
    team,
    mia,
    agent_id,
    identity_id: identity.id,
    run_ids,
    thread_id,
    change_ids,
    review_token,
    action,
    secrets,
  };
}
