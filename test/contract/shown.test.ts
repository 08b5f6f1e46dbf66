import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OutputKey } from '../../src/mcp/define-tool.ts';
import { FIRST_KEYS } from '../../src/mcp/result.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { TOOLS } from '../../tools/index.ts';
import { aModelServer } from '../support/fixtures.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';
import { noting } from '../support/model-server.ts';
import { TRUSTING } from '../support/trusting.ts';

/** The shape of the value at one key of a result; undefined where the key names only a JSON type. */
function shapeOf(key: OutputKey): z.ZodType | undefined {
  if (typeof key === 'string') return undefined;
  if ('maybe' in key) return key.maybe();
  return 'one' in key ? key.one() : z.array(key.many());
}

const SHAPES = new Map(
  TOOLS.flatMap(({ name, output }) =>
    Object.entries(output).flatMap(([key, value]): [string, z.ZodType][] => {
      const shape = shapeOf(value);
      return shape ? [[`${name}: ${key}`, shape]] : [];
    }),
  ),
);

/** Tools whose results are all checked against the shapes that their output names. */
type Held = {
  on: InProcess;
  call: InProcess['call'];
  called: Set<string>;
  /** The tools and keys, as `name: key`, of which a value was shown at least once. */
  shown: Set<string>;
  /** The values that didn't fit their shape, and why. */
  misfits: string[];
  /** The tools whose result began with rows or texts although it has what stands first, and the result's keys. */
  disordered: string[];
};

/** Whether what stands first in a result does so, in its order. */
function isInOrder(keys: readonly string[]): boolean {
  const first = FIRST_KEYS.filter((key) => keys.includes(key));
  return first.every((key, index) => keys[index] === key);
}

function held(on: InProcess): Held {
  const called = new Set<string>();
  const shown = new Set<string>();
  const misfits: string[] = [];
  const disordered: string[] = [];
  const call: Held['call'] = async (name, args) => {
    const result = await on.call(name, args);
    called.add(name);
    if (!isInOrder(Object.keys(result))) disordered.push(`${name}: ${Object.keys(result).join(', ')}`);
    for (const [key, value] of Object.entries(result)) {
      const shape = SHAPES.get(`${name}: ${key}`);
      if (!shape || value === null || (Array.isArray(value) && value.length === 0)) continue;
      shown.add(`${name}: ${key}`);
      const { error } = shape.safeParse(value);
      if (error) misfits.push(`${name}: ${key}: ${z.prettifyError(error)}`);
    }
    return result;
  };
  return { on, call, called, shown, misfits, disordered };
}

const PAGE = { type: 'page', name: 'Pricing', properties: { path: '/pricing' } };
const CONTACTS = {
  contacts: [
    { id: 'ann', email: 'ann@example.com', firstname: 'Ann', plan: 'trial', lifecycle_stage: 'lead' },
    { id: 'bob', phone: '030', do_not_contact: true },
  ],
  events: [{ contact_id: 'ann', timestamp: '2026-01-01T00:00:00Z', ...PAGE }],
};
const PROPOSED = [
  { type: 'note', params: { body: 'Call {{ contact.firstname }}' } },
  { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } },
  { type: 'webhook', params: { payload: {} } },
];

/** Makes and changes an agent with rules and a schedule. Gives its id. */
async function anOldAgent({ call }: Held): Promise<string> {
  const sender = { name: 'Sam', email: 'sam@example.com', signature: 'Sam', smtp_url_env: 'COUNTERSIGN_NO_SMTP' };
  const { identity } = await call('save_identity', sender);
  await call('list_identities');
  const { agent } = await call('create_agent', {
    name: 'Ruled',
    description: 'Writes and notes.',
    capabilities: ['notes', 'email', 'webhook'],
    identity_id: identity.id,
    playbook: { rules: [{ name: 'all', propose: PROPOSED }] },
    monitoring: { schedule_cron: '0 9 * * 1' },
    approval: { expires_after_hours: 24 },
    enabled: true,
  });
  await call('update_agent', { agent_id: agent.id, changes: { tags: ['old'], limits: { cooldown_days: 1 } } });
  await call('get_agent', { agent_id: agent.id, version: 1 });
  // Its permission to act unasked waits for a person, among the changes.
  await call('create_agent', {
    name: 'Unasked',
    capabilities: ['email'],
    playbook: { playbook_md: 'Write.' },
    approval: { auto_approve: ['email_message'], min_proof: 'human' },
  });
  return agent.id;
}

/** Runs the agent, and decides on its proposals in every way: with an edit, by approving, by rejecting. */
async function decide({ call }: Held, agent_id: string): Promise<void> {
  const { run_id } = await call('trigger_agent', { agent_id });
  await call('list_agents');
  const unasked = { approval: { require_approval: false, min_proof: 'elicited' }, capabilities: ['email'] };
  await call('create_agent', { name: 'Unasked', playbook: { playbook_md: 'Write.' }, ...unasked });
  await call('list_pending_actions');
  await call('list_pending_actions', { detail: 'brief' });
  const at = { run_id, contact_id: 'ann' };
  const { actions } = await call('list_pending_actions', { run_id });
  const digestOf = (index: number) => actions[index].digest;
  await call('approve_action', {
    ...at,
    action_index: 0,
    expected_digest: digestOf(0),
    params: { body: 'Ring Ann' },
    note: 'better so',
  });
  const { action } = await call('approve_action', { ...at, action_index: 1, expected_digest: digestOf(1) });
  // The variable that the identity names isn't set, so the email goes back to review.
  expect(action).toMatchObject({ status: 'pending_approval', reason: expect.stringContaining('COUNTERSIGN_NO_SMTP') });
  await call('reject_action', { ...at, action_index: 1, reason: 'too soon' });
  await call('get_run', { run_id });
  await call('get_run', { run_id, mode: 'summary' });
  await call('list_runs');
  await call('list_contacts', { fields: ['plan'] });
  await call('get_contact', { contact_id: 'ann' });
}

/** Makes an action whose outcome is unknown, and settles it. */
async function settle({ call, on }: Held): Promise<void> {
  const rules = [{ name: 'all', propose: [{ type: 'linkedin_message', params: { message: 'Hi' } }] }];
  const linked = { name: 'Linked', capabilities: ['linkedin'], playbook: { rules } };
  await call('import_contacts', { contacts: [{ id: 'cy', linkedin_url: 'https://www.linkedin.com/in/cy' }] });
  const { agent } = await call('create_agent', linked);
  const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids: ['cy'] });
  const ref = { run_id, contact_id: 'cy', action_index: 0 };
  const base = { ...ref, agent_id: String(agent.id), auto_approved: false, at: '2026-03-01T10:00:00.000Z' };
  await on.house.commit('tester', () => ({
    events: [
      {
        type: 'actions_changed',
        changes: [
          { ...base, from: 'pending_approval', to: 'approved', set: { decided_by: 'tester', decided_via: 'client' } },
          { ...base, from: 'approved', to: 'executing', set: { attempted_at: base.at, holder: 'proc_gone' } },
          { ...base, from: 'executing', to: 'unknown', set: { error: { code: 'INTERNAL', message: 'it ended' } } },
        ],
      },
    ],
    value: undefined,
  }));
  await call('list_pending_actions', { status: 'unknown' });
  await call('list_pending_actions', { detail: 'brief', status: 'unknown' });
  await call('settle_action', { ...ref, outcome: 'sent' });
}

/** Evaluates one contact as the assistant, revises what it proposed, then cancels the run. */
async function assist({ call }: Held): Promise<void> {
  const assisted = { name: 'Assisted', playbook: { playbook_md: 'Think.' }, capabilities: ['notes'] };
  const { agent } = await call('create_agent', assisted);
  const { run_id } = await call('trigger_agent', { agent_id: agent.id });
  const { evaluation } = await call('next_evaluation', { run_id });
  const { evaluation_id, contact_id } = evaluation;
  const noted = (body: string) => [
    { type: 'webhook', params: { payload: {} } },
    { type: 'note', params: { body } },
  ];
  await call('submit_evaluation', { run_id, evaluation_id, reasoning: 'r', proposed_actions: noted('Hi') });
  await call('revise_action', { run_id, contact_id, action_index: 0, feedback: 'Longer.' });
  const again = await call('next_evaluation', { run_id });
  const answer = { evaluation_id: again.evaluation.evaluation_id, reasoning: 'r', proposed_actions: noted('Hello') };
  await call('submit_evaluation', { run_id, ...answer });
  await call('get_run', { run_id });
  await call('cancel_run', { run_id });
}

/** Has a model evaluate a contact, and chats with it. */
async function talk({ call }: Held, base_url: string): Promise<void> {
  const llm_config = { provider: 'openai_compatible', model: 'm-1', base_url };
  const thinker = { name: 'Thinker', capabilities: ['notes'], playbook: { playbook_md: 'Think.' }, llm_config };
  const { agent } = await call('create_agent', thinker);
  await call('trigger_agent', { agent_id: agent.id, contact_ids: ['ann'], wait_seconds: 20 });
  const { thread_id } = await call('chat_with_agent', { agent_id: agent.id, message: 'What of ann@example.com?' });
  await call('get_agent', { agent_id: agent.id });
  await call('list_threads');
  await call('get_thread', { thread_id });
  await call('end_thread', { thread_id, outcome: 'completed', task_completed: true });
}

/** Decides on a hundred proposals of two versions, so that all figures have something to rest on. */
async function learn({ call }: Held): Promise<void> {
  const people = Array.from({ length: 100 }, (_, at) => ({ id: `learner_${at}`, wave: at < 40 ? 1 : 2 }));
  await call('import_contacts', { contacts: people });
  const rules = (body: string) => [
    { name: 'all', when: {}, propose: [{ type: 'crm_update', params: { fields: { body } } }] },
  ];
  const asked = { name: 'Learned', capabilities: ['crm_sync'], playbook: { rules: rules('Hi') } };
  const { agent } = await call('create_agent', { ...asked, monitoring: { max_contacts_per_run: 100 } });
  for (const wave of [1, 2]) {
    const contact_ids = people.filter((each) => each.wave === wave).map(({ id }) => id);
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids, wait_seconds: 30 });
    const { review_token } = await call('list_pending_actions', { run_id, detail: 'brief', limit: 100 });
    await call('review_actions', { decision: 'reject', review_token, reason: `Not in wave ${wave}` });
    await call('update_agent', { agent_id: agent.id, changes: { playbook: { rules: rules('Hello') } } });
  }
  await call('get_agent_insights', { agent_id: agent.id });
  const changes = { playbook: { rules: [{ ...rules('Hello')[0], when: { contact: { wave: 1 } } }] } };
  const { run_id } = await call('backtest_agent', { agent_id: agent.id, changes, wait_seconds: 30 });
  await call('get_run', { run_id });
}

/** Moves an agent out, and in again. */
async function move({ call }: Held): Promise<void> {
  const { payload } = await call('export_agent', { agent_id: 'Ruled', format: 'countersign', decisions: true });
  await call('import_agent', { payload });
  await call('import_agent', { payload: { name: 'Bot', content: 'Help.', llmModel: 'gpt-4o', colour: 'red' } });
}

/** Decides what waits in bulk, and takes away what there is. */
async function endAll({ call }: Held): Promise<void> {
  await call('list_templates');
  const { actions, review_token } = await call('list_pending_actions');
  await call('review_actions', { decision: 'reject', review_token });
  await call('delete_agent', { agent_id: actions[0].agent_id });
  await call('delete_contact', { contact_id: 'ann' });
}

describe('what tools show', () => {
  it('has the shape that their output names, to the last key, and warnings, next step and review token first', async () => {
    const model = await aModelServer({ reply: () => ({ text: noting('Hello') }) });
    const env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: model.host };
    const fetch = createGuardedFetch({ allowedHosts: [model.host] });
    const tools = held(inProcess({ env, fetch, deskWay: 'http://localhost:7878' }));
    await tools.call('import_contacts', CONTACTS);
    await decide(tools, await anOldAgent(tools));
    await settle(tools);
    await assist(tools);
    await talk(tools, model.url);
    await learn(tools);
    await move(tools);
    await endAll(tools);
    await tools.call('open_desk');
    await tools.call('set_brake', { on: true, reason: 'Enough' });
    expect(tools.misfits).toEqual([]);
    expect(tools.disordered).toEqual([]);
    expect([...tools.called].sort()).toEqual(TOOLS.map(({ name }) => name).sort());
    expect([...SHAPES.keys()].filter((name) => !tools.shown.has(name))).toEqual([]);
  });

  it.each([...SHAPES])('has a JSON Schema: %s', (_, shape) => {
    const json = z.toJSONSchema(shape, { io: 'output' });
    expect(json).toSatisfy(({ properties, items }) => properties !== undefined || items !== undefined);
  });
});
