import type { Agent } from '../../src/domain/agents/agent.ts';
import { createPurse } from '../../src/engine/money/purse.ts';
import { type EvaluationContext, EvaluationFailed, type Means } from '../../src/evaluators/evaluator.ts';
import { findEvaluator } from '../../src/evaluators/index.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { aContact, aModelServer, anAgent, NOW, testDeps } from './fixtures.ts';
import type { ModelServer, Script } from './model-server.ts';

const PLAYBOOK = `Write a note about everyone.\n${'Never mind the length of this playbook. '.repeat(500)}THE END`;
const PRICE = { input: 3, output: 15 };

/** What an evaluator may know of a contact. */
export function aContext(overrides: Partial<EvaluationContext> = {}): EvaluationContext {
  const contact = aContact();
  return {
    agent: anAgent(),
    contact,
    events: [
      { contact_id: contact.id, type: 'page', name: 'Pricing', properties: { path: '/pricing' }, timestamp: NOW },
    ],
    recent_actions: [],
    rejections: [{ type: 'note', params: { body: 'no' }, reason: 'too pushy', at: NOW }],
    unified_profile: { ...contact, event_count: 1, events_7d: 1, events_30d: 1, top_pages: [] },
    identity: undefined,
    now: new Date(NOW),
    ...overrides,
  };
}

/** Opens the evaluator of an agent whose model is on loopback. */
export async function mindOf(
  server: ModelServer,
  llm: Partial<Agent['llm_config']> = {},
  env: Record<string, string> = {},
) {
  const provider = llm.provider ?? 'openai_compatible';
  const agent = anAgent({
    capabilities: ['notes', 'email', 'crm_sync'],
    playbook: { playbook_md: PLAYBOOK, rules: [], config: {} },
    llm_config: {
      concurrency: 4,
      provider,
      model: 'm-1',
      base_url: server.url,
      api_key_env: 'COUNTERSIGN_TEST_KEY',
      ...llm,
    },
  });
  const deps = {
    ...testDeps(),
    env: { COUNTERSIGN_TEST_KEY: 'sk-key', ...env },
    fetch: createGuardedFetch({ allowedHosts: [server.host] }),
  };
  const purse = createPurse({ model: 'm-1', price: PRICE, cap: undefined, spent: 0, expected: undefined });
  const keys = { env: deps.env, keyHosts: [server.host], secretNames: [] };
  const means: Means = { deps, purse, keys };
  const evaluate = await findEvaluator(provider)?.prepare(agent, means);
  if (!evaluate) throw new Error('no such evaluator');
  return (context: EvaluationContext = aContext(), signal = new AbortController().signal) => evaluate(context, signal);
}

/** A model that replies so, and the evaluator that asks it. */
export async function replying(reply: NonNullable<Script['reply']>, llm: Partial<Agent['llm_config']> = {}) {
  const server = await aModelServer({ reply });
  return { server, evaluate: await mindOf(server, llm) };
}

/** The error of an evaluation that fails. */
export async function failureOf(promise: unknown): Promise<EvaluationFailed> {
  const error: unknown = await Promise.resolve(promise).then(
    () => new Error('it should have failed'),
    (reason: unknown) => reason,
  );
  if (error instanceof EvaluationFailed) return error;
  throw error;
}
