import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { aModelServer } from './fixtures.ts';
import { inProcess } from './in-process.ts';
import { TRUSTING } from './trusting.ts';

/** Contacts: the first eight are on the plan `pro`, all others on `free`. */
export const people = Array.from({ length: 12 }, (_, at) => ({
  id: `p${at}`,
  email: `p${at}@example.com`,
  firstname: `Name${at}`,
  plan: at < 8 ? 'pro' : 'free',
}));
const events = people.map(({ id }) => ({ contact_id: id, type: 'page', timestamp: '2026-02-27T10:00:00Z' }));
/** A rule that writes an email to whoever visited a page within a week. */
export const rule = (when: object, subject = 'Hello {{ contact.firstname }}') => ({
  name: 'write',
  when: { events: [{ match: { type: 'page' }, within: '7d' }], ...when },
  propose: [{ type: 'email_message', params: { subject, message: '{{ identity.name }} greets {{ contact.id }}' } }],
});

/** An agent whose first run a person decided on: approved for who is on the plan `pro`, rejected for all others. */
export async function decided(deps: Parameters<typeof inProcess>[0] = {}, terms: object = {}) {
  let at = Date.parse('2026-03-01T10:00:00.000Z');
  const on = inProcess({ env: TRUSTING, now: () => new Date(at), ...deps });
  const { call } = on;
  const pass = (ms: number) => {
    at += ms;
  };
  await call('import_contacts', { contacts: people, events });
  const { identity } = await call('save_identity', { name: 'Max', email: 'max@example.com' });
  const { agent } = await call('create_agent', {
    name: 'Watch',
    capabilities: ['email'],
    identity_id: identity.id,
    playbook: { rules: [rule({})] },
    ...terms,
  });
  const { run_id } = await call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  pass(60_000);
  const { actions } = await call('list_pending_actions', { run_id, limit: 100 });
  for (const { contact_id, action_index, digest } of actions) {
    const ref = { run_id, contact_id, action_index, expected_digest: digest };
    const isPro = people.find(({ id }) => id === contact_id)?.plan === 'pro';
    if (isPro) await call('approve_action', ref);
    else await call('reject_action', { ...ref, reason: 'Free plans get no mail' });
  }
  pass(60_000);
  const test = (args: object = {}) => call('backtest_agent', { agent_id: agent.id, wait_seconds: 30, ...args });
  return { on, call, agent, identity, run_id, pass, test };
}

/** A draft that writes to the plan `pro` alone. */
export const PRO_ONLY = { playbook: { rules: [rule({ contact: { plan: 'pro' } })] } };

/** What the scripted model answers: it writes to whom the prompt shows on the plan `pro`. */
function replying(said: string): { text: string } {
  const proposed_actions = /plan[^a-z]{1,8}pro/.test(said)
    ? [{ type: 'email_message', params: { subject: 'Hello there', message: 'Max greets you' } }]
    : [];
  return { text: JSON.stringify({ reasoning: 'r', proposed_actions }) };
}

/** What each question to the scripted model costs in USD. */
export const A_CALL = 0.002;

/**
 * The same decisions, and a draft that has a model reason, with its prices. `byModel`: a model reasoned then too, so that
 * step 0 asks it once more.
 */
export async function modelled(limits: object = {}, { byModel = false } = {}) {
  const model = await aModelServer({ reply: ({ said }) => replying(said) });
  const env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: model.host };
  const fetch = createGuardedFetch({ allowedHosts: [model.host] });
  const price = { input: 1, output: 10 };
  const prices = () => new Map(['m-1', 'm-2'].map((name) => [name, price]));
  const llm_config = { provider: 'openai_compatible', model: 'm-1', base_url: model.url, concurrency: 1 };
  const reasoning = { playbook: { playbook_md: 'Write to who pays.' }, llm_config };
  const scene = await decided({ env, fetch, prices }, byModel ? reasoning : {});
  const before = model.asked.length;
  const spent = async () => (await scene.call('get_agent_insights', { agent_id: scene.agent.id })).metrics.spent;
  return { ...scene, model, changes: { ...reasoning, limits }, asked: () => model.asked.length - before, spent };
}
