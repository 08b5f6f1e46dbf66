import type { Planted } from './private-agent.ts';
import type { Teammate } from './team.ts';

/** What a caller has of their own beside the private agent that they don't see. */
export type Own = { agent_id: string; run_id: string; assistant_id: string };
export type Args = Record<string, unknown>;

/**
 * Calls of a tool that name nothing of the private agent. What they tell is searched for it; where `tells` is set, its owner
 * is told of it by the same call, so that a search that finds nothing means something.
 */
export type Open = { args: (own: Own) => Args; tells?: true };
/** A call that names something of the private agent: it answers as it does for what isn't there. */
export type Probe = (of: Planted) => Args;
export type Case = { open: Open[]; probes: Probe[] };

export const NOTHING: Case = { open: [], probes: [] };
const byAgent: Probe = ({ agent_id }) => ({ agent_id });
const byRun: Probe = ({ run_ids: [run_id] }) => ({ run_id });
const byThread: Probe = ({ thread_id }) => ({ thread_id });
const byAction: Probe = ({ action }) => action;
const unbound: Probe = ({ action: { expected_digest: _, ...ref } }) => ref;
const byName = (): Args => ({ agent_id: 'Secret zqnamez' });
const everything = (tells?: true): Open => ({ args: () => ({}), ...(tells ? { tells } : {}) });

/** Each tool, with the calls by which somebody could learn of an agent that they don't see. A new tool needs its own. */
export const CASES: Record<string, Case> = {
  list_agents: {
    open: [everything(true), { args: () => ({ query: 'zq' }) }, { args: () => ({ tags: ['zqtagz'] }) }],
    probes: [],
  },
  get_agent: {
    open: [{ args: () => ({ agent_id: 'Secret' }) }, { args: () => ({ agent_id: 'Secret zqname' }) }],
    probes: [byAgent, byName, ({ agent_id }) => ({ agent_id, version: 1 })],
  },
  get_agent_insights: {
    open: [{ args: ({ agent_id }) => ({ agent_id, days: 'all' }) }],
    probes: [byAgent, byName, ({ agent_id }) => ({ agent_id, days: 'all' })],
  },
  backtest_agent: {
    open: [{ args: ({ agent_id }) => ({ agent_id, wait_seconds: 10 }) }],
    probes: [
      byAgent,
      byName,
      ({ agent_id }) => ({ agent_id, dry_run: true }),
      ({ agent_id, run_ids: [run_id] }) => ({ agent_id, run_id }),
    ],
  },
  export_agent: {
    open: [{ args: () => ({ agent_id: 'Secret', format: 'countersign' }) }],
    probes: [
      ({ agent_id }) => ({ agent_id, format: 'countersign', decisions: true }),
      () => ({ ...byName(), format: 'make' }),
    ],
  },
  import_agent: {
    open: [{ args: () => ({ payload: { name: 'Brought along', content: 'x', llmModel: 'gpt-4o' } }) }],
    probes: [],
  },
  create_agent: {
    open: [
      {
        args: () => ({ name: 'Mine too', playbook: { playbook_md: 'x' }, idempotency_key: 'zqkeyz' }),
      },
    ],
    probes: [],
  },
  update_agent: { open: [], probes: [({ agent_id }) => ({ agent_id, changes: { description: 'mine' } })] },
  delete_agent: { open: [], probes: [byAgent, byName] },
  list_templates: { open: [everything()], probes: [] },
  trigger_agent: {
    open: [
      { args: ({ agent_id }) => ({ agent_id, contact_ids: ['ann'], idempotency_key: 'zqkeyz', wait_seconds: 30 }) },
    ],
    probes: [byAgent, byName],
  },
  list_runs: { open: [everything(true)], probes: [byAgent] },
  get_run: {
    open: [{ args: ({ run_id }) => ({ run_id }) }],
    probes: [
      byRun,
      ({ run_ids: [run_id] }) => ({ run_id, mode: 'summary' }),
      ({ run_ids: [run_id] }) => ({ run_id, contact_id: 'ann' }),
    ],
  },
  cancel_run: { open: [], probes: [byRun] },
  next_evaluation: { open: [], probes: [byRun] },
  submit_evaluation: {
    open: [],
    probes: [({ run_ids: [run_id] }) => ({ run_id, evaluation_id: 'ev_1', reasoning: 'r', proposed_actions: [] })],
  },
  list_pending_actions: {
    open: [
      everything(true),
      { args: () => ({ contact_id: 'ann' }), tells: true },
      { args: () => ({ detail: 'brief' }), tells: true },
    ],
    probes: [byAgent, byRun],
  },
  approve_action: { open: [], probes: [byAction] },
  reject_action: { open: [], probes: [byAction] },
  review_actions: {
    open: [],
    probes: [({ review_token }) => ({ decision: 'reject', review_token })],
  },
  settle_action: { open: [], probes: [({ action }) => ({ ...action, outcome: 'sent' })] },
  revise_action: {
    open: [],
    probes: [(of) => ({ ...unbound(of), feedback: 'shorter' })],
  },
  set_brake: { open: [{ args: () => ({ on: false }) }], probes: [] },
  open_desk: { open: [everything()], probes: [] },
  import_contacts: { open: [{ args: () => ({ contacts: [{ id: 'ann', email: 'ann@example.com' }] }) }], probes: [] },
  list_contacts: {
    open: [everything(), { args: () => ({ fields: ['consent_sources', 'notes', 'recent_actions'] }) }],
    probes: [],
  },
  get_contact: { open: [{ args: () => ({ contact_id: 'ann' }), tells: true }], probes: [] },
  save_identity: { open: [{ args: () => ({ name: 'Max', email: 'max@example.com' }) }], probes: [] },
  list_identities: { open: [everything()], probes: [] },
  chat_with_agent: {
    open: [],
    probes: [
      ({ agent_id }) => ({ agent_id, message: 'hello' }),
      ({ agent_id, thread_id }) => ({ agent_id, thread_id, message: 'hello' }),
    ],
  },
  list_threads: { open: [everything(true)], probes: [byAgent] },
  get_thread: { open: [], probes: [byThread] },
  end_thread: { open: [], probes: [({ thread_id }) => ({ thread_id, outcome: 'completed' })] },
  // Last: it erases the contact.
  delete_contact: { open: [{ args: () => ({ contact_id: 'ann' }) }], probes: [] },
};

/** Each prompt, with arguments that name what is the caller's own. */
export const PROMPT_CASES: Record<string, (own: Own) => Record<string, string>> = {
  author_agent: () => ({ goal: 'write to people' }),
  improve_playbook: ({ agent_id }) => ({ agent_id }),
  review_pending: () => ({}),
  debrief_run: ({ run_id }) => ({ run_id }),
};

/** Each resource, and whether its owner reads something of the private agent there by its ids. */
export const RESOURCE_CASES: Record<string, (of: Planted) => Record<string, string>> = {
  'countersign://agents/{agent_id}': ({ agent_id }) => ({ agent_id }),
  'countersign://agents/{agent_id}/insights': ({ agent_id }) => ({ agent_id }),
  'countersign://runs/{run_id}': ({ run_ids: [run_id = ''] }) => ({ run_id }),
  'countersign://runs/{run_id}/contacts/{contact_id}': ({ run_ids: [run_id = ''] }) => ({ run_id, contact_id: 'ann' }),
  'countersign://pending': () => ({}),
  'countersign://contacts/{contact_id}': () => ({ contact_id: 'ann' }),
  'countersign://threads/{thread_id}': ({ thread_id }) => ({ thread_id }),
  'countersign://playbooks/{template}': () => ({ template: 'cold_outreach' }),
};

export const OUTSIDERS = ['a member of the team', 'an admin of another team'] as const;

/** An agent of the caller's own with a run on the same contact, and one that the assistant evaluates. */
export async function ownAgents(who: Teammate): Promise<Own> {
  const rules = [
    { name: 'all', propose: [{ type: 'note', params: { body: 'My own: {{ recent_actions }} {{ agent.name }}' } }] },
  ];
  const base = { capabilities: ['notes', 'email'] };
  const { agent } = await who.call('create_agent', { name: 'Mine', ...base, playbook: { rules } });
  const { agent: other } = await who.call('create_agent', {
    name: 'Assistant',
    ...base,
    playbook: { playbook_md: 'x' },
  });
  const { run_id } = await who.call('trigger_agent', { agent_id: agent.id, contact_ids: ['ann'], wait_seconds: 30 });
  return { agent_id: agent.id, run_id, assistant_id: other.id };
}

/** The secrets that a text holds, but for those that the caller gave. */
export function leaksOf(of: Planted, text: string, given: unknown = ''): string[] {
  const said = JSON.stringify(given);
  return of.secrets.filter((secret) => !said.includes(secret) && text.includes(secret));
}
