import type { Chance } from './chance.ts';
import type { Connection } from './server.ts';

/** Where an eager assistant may try to send something. */
export type Targets = { hookUrl: string; toolServer: string; smtpEnv: string; files: string };

type Known = { agents: string[]; identities: string[]; runs: string[]; threads: string[]; changes: string[] };
type Facts = Awaited<ReturnType<Connection['call']>>;
type Move = (assistant: EagerAssistant) => Promise<unknown>;

const CAPABILITIES = ['email', 'webhook', 'crm_sync', 'notes', 'mcp:desk'];
const PROPOSALS = [
  { type: 'email_message', params: { subject: 'Hello {{ contact.id }}', message: 'Hi' } },
  { type: 'webhook', params: { payload: { who: '{{ contact.id }}' } } },
  { type: 'crm_update', params: { fields: { stage: 'won' } } },
  { type: 'mcp_tool', params: { tool: 'send', arguments: { to: 'x@example.com', text: 'x' } } },
  { type: 'note', params: { body: 'A note' } },
];
const OUTBOUND = ['email_message', 'webhook', 'crm_update', 'mcp_tool'];
const PEOPLE = ['a', 'b', 'c', 'd'];

/** Calls tools as a model does that wants its actions to happen, and has no scruples: nothing stops it but refusals. */
export class EagerAssistant {
  readonly known: Known = { agents: [], identities: [], runs: [], threads: [], changes: [] };
  /** The tools that it has called, and those of its calls that were taken. */
  readonly called = new Set<string>();
  readonly taken = new Set<string>();
  private readonly server: Connection;
  readonly chance: Chance;
  readonly targets: Targets;

  constructor(server: Connection, chance: Chance, targets: Targets) {
    this.server = server;
    this.chance = chance;
    this.targets = targets;
  }

  /** Calls a tool; gives its facts, or nothing where it was refused. A refusal may name a change that waits. */
  async call(name: string, args: Record<string, unknown> = {}): Promise<Facts> {
    this.called.add(name);
    const result = await this.server.raw(name, args);
    if (!result.isError) {
      this.taken.add(name);
      return result.structuredContent;
    }
    const { details } = JSON.parse(result.content[0].text).error;
    if (typeof details?.change_id === 'string') this.known.changes.push(details.change_id);
    return undefined;
  }

  one(kind: keyof Known): string {
    return this.chance.oneOf(this.known[kind]) ?? 'none';
  }

  /** One step: a move by chance. */
  async step(): Promise<void> {
    await this.chance.oneOf(MOVES)?.(this);
  }

  /** Each move once, in order. */
  async everything(): Promise<void> {
    for (const move of MOVES) await move(this);
  }
}

function agentFields({ chance, targets, known }: EagerAssistant): Record<string, unknown> {
  const propose = chance.some(PROPOSALS, 3);
  const identity_id = chance.oneOf(known.identities);
  return {
    capabilities: chance.next() < 0.8 ? CAPABILITIES : chance.some(CAPABILITIES, 2),
    playbook: chance.next() < 0.7 ? { rules: [{ name: 'all', propose }] } : { playbook_md: 'Do everything.' },
    approval: chance.oneOf([
      { require_approval: false },
      { auto_approve: OUTBOUND },
      { require_approval: false, min_proof: 'elicited' },
      { require_approval: true },
    ]),
    connections: { webhook_url: targets.hookUrl, crm_sync_url: targets.hookUrl },
    monitoring: { schedule_cron: '* * * * *' },
    ...(identity_id === undefined ? {} : { identity_id }),
  };
}

async function rows(assistant: EagerAssistant): Promise<{ actions: Facts[]; review_token?: string }> {
  const status = assistant.chance.oneOf([undefined, undefined, 'unknown', 'failed']);
  const listed = await assistant.call('list_pending_actions', status ? { status, limit: 10 } : { limit: 10 });
  for (const { change_id } of listed?.changes ?? []) assistant.known.changes.push(change_id);
  return listed ?? { actions: [] };
}

const addressed = ({ run_id, contact_id, action_index, digest }: Facts) => ({
  run_id,
  contact_id,
  action_index,
  expected_digest: digest,
});

/** Evaluates all that a run hands out. */
async function evaluate(assistant: EagerAssistant, run_id: string): Promise<void> {
  let { evaluation } = (await assistant.call('next_evaluation', { run_id })) ?? {};
  while (evaluation) {
    const answer = { run_id, evaluation_id: evaluation.evaluation_id, reasoning: 'r' };
    const proposed_actions = assistant.chance
      .some(PROPOSALS, 2)
      .map(({ type, params }) => ({ type, params: JSON.parse(JSON.stringify(params).replace(/\{\{.*?\}\}/g, 'you')) }));
    evaluation = (await assistant.call('submit_evaluation', { ...answer, proposed_actions }))?.evaluation;
  }
}

const MOVES: readonly Move[] = [
  async (own) => {
    const contacts = PEOPLE.map((id) => ({
      id,
      email: `${id}${own.chance.below(3)}@example.com`,
      linkedin_url: `https://www.linkedin.com/in/${id}`,
    }));
    const events = [{ userId: 'a', type: 'track', event: 'seen', timestamp: '2026-01-02T03:04:05Z' }];
    await own.call('import_contacts', { contacts, events });
  },
  async (own) => {
    const fields = {
      name: 'Sam',
      email: `sam${own.chance.below(2)}@acme.example`,
      smtp_url_env: own.targets.smtpEnv,
      gap_seconds: 0,
      max_per_day: 100_000,
    };
    const identity_id = own.chance.oneOf(own.known.identities);
    const made = await own.call('save_identity', { ...fields, ...(identity_id ? { identity_id } : {}) });
    if (made) own.known.identities.push(made.identity.id);
  },
  async (own) => {
    const made = await own.call('create_agent', { name: `Agent ${own.chance.next()}`, ...agentFields(own) });
    if (made) own.known.agents.push(made.agent.id);
  },
  async (own) => {
    const { monitoring: _, ...changes } = agentFields(own);
    await own.call('update_agent', { agent_id: own.one('agents'), changes });
  },
  async (own) => {
    // An agent that goes out and comes back brings no permission along, whatever the payload says by then.
    const { payload } = (await own.call('export_agent', { agent_id: own.one('agents') })) ?? {};
    const agent = { ...payload?.agent, ...agentFields(own), name: `Agent ${own.chance.next()}`, status: 'active' };
    const made = await own.call('import_agent', { payload: { ...payload, agent } });
    if (made) own.known.agents.push(made.agent.id);
  },
  (own) => own.call('update_agent', { agent_id: own.one('agents'), changes: { status: 'active' } }),
  (own) => own.call('update_agent', { agent_id: own.one('agents'), restore_version: 1 }),
  (own) => own.call('update_agent', { agent_id: own.one('agents'), clear: ['approval.min_proof'] }),
  async (own) => {
    const made = await own.call('trigger_agent', { agent_id: own.one('agents'), wait_seconds: 2 });
    if (made) own.known.runs.push(made.run_id);
  },
  async (own) => {
    const playbook = { playbook_md: 'Do everything.' };
    const made = await own.call('create_agent', { name: `Agent ${own.chance.next()}`, ...agentFields(own), playbook });
    const run = made && (await own.call('trigger_agent', { agent_id: made.agent.id }));
    if (run) own.known.runs.push(run.run_id);
    await evaluate(own, run?.run_id ?? own.one('runs'));
  },
  async (own) => {
    for (const row of (await rows(own)).actions) {
      const named = { ...addressed(row), recipient: row.to ?? undefined, wait_seconds: 1 };
      const edit = own.chance.next() < 0.3 ? { params: row.params } : {};
      await own.call('approve_action', { ...named, ...edit });
    }
  },
  async (own) => {
    const { review_token } = await rows(own);
    await own.call('review_actions', { decision: 'approve', review_token: review_token ?? 'rt_none' });
  },
  async (own) => {
    const [row] = (await rows(own)).actions;
    const at = row ? addressed(row) : { run_id: own.one('runs'), contact_id: 'a', action_index: 0 };
    for (const outcome of ['retry', 'not_sent', 'sent']) await own.call('settle_action', { ...at, outcome });
  },
  async (own) => {
    const row = own.chance.oneOf((await rows(own)).actions);
    const at = row ? addressed(row) : { run_id: own.one('runs'), contact_id: 'a', action_index: 0 };
    await own.call('reject_action', { ...at, reason: 'not that one' });
  },
  async (own) => {
    const thread = await own.call('chat_with_agent', { agent_id: own.one('agents'), message: 'Send it all now.' });
    if (thread) own.known.threads.push(thread.thread_id);
    await own.call('list_threads');
    await own.call('get_thread', { thread_id: own.one('threads') });
    await own.call('end_thread', { thread_id: own.one('threads'), outcome: 'completed' });
  },
  async (own) => {
    for (const [name, args] of Object.entries({
      list_agents: {},
      list_templates: {},
      list_runs: {},
      list_identities: {},
      open_desk: {},
      list_contacts: { limit: 2 },
      get_agent: { agent_id: own.one('agents') },
      backtest_agent: { agent_id: own.one('agents'), wait_seconds: 5 },
      get_agent_insights: { agent_id: own.one('agents') },
      get_run: { run_id: own.one('runs') },
      get_contact: { contact_id: 'a' },
    }))
      await own.call(name, args);
  },
  async (own) => {
    const row = own.chance.oneOf((await rows(own)).actions);
    const { run_id, contact_id, action_index } = row ?? { run_id: own.one('runs'), contact_id: 'a', action_index: 0 };
    await own.call('revise_action', { run_id, contact_id, action_index, feedback: 'Send it without asking.' });
  },
  async (own) => {
    // Off again is for the person, who says no: the tool is tried by rarely, or nothing would be tried after it.
    await own.call('set_brake', { on: own.chance.next() < 0.02 });
  },
  (own) => own.call('cancel_run', { run_id: own.one('runs') }),
  (own) => own.call('delete_contact', { contact_id: own.chance.oneOf(PEOPLE) }),
  (own) => own.call('delete_agent', { agent_id: own.one('agents') }),
];
