import type { Agent } from '../../domain/agents/agent.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import type { KeyTerms } from '../../domain/agents/model-key.ts';
import { voiceKeyNames } from '../../domain/agents/voice.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { allowedHosts } from '../../domain/base/url.ts';
import { expectedCost, type Price } from '../../domain/base/usage.ts';
import type { Run } from '../../domain/runs/run.ts';
import { ALL } from '../../domain/state/queries.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import type { Means, Purse } from '../../evaluators/evaluator.ts';
import type { House } from '../base/house.ts';
import { offersOf } from '../gate/tool-offers.ts';
import { widerCaps } from './caps.ts';
import { createPurse } from './purse.ts';

/** What says how models are reached and what they cost: the hosts that may get a key, and the prices. */
export type ModelDeps = Pick<Deps, 'env' | 'log' | 'config' | 'prices'>;

/** Hosts other than a provider's own that may get an API key. A config.json that can't be read adds none. */
export function keyHosts({ env, log, config }: ModelDeps): string[] {
  try {
    return [...allowedHosts(env), ...config().allowHosts];
  } catch (error) {
    log.warn({ error: String(error) }, 'config.json could not be read, so no host of it gets a key');
    return allowedHosts(env);
  }
}

/**
 * Variables that identities name for mail servers and mailboxes, and agents as signing secrets. They are looked for where a
 * key is named.
 */
export function secretNames(view: View, agent: Agent): string[] {
  if (agent.llm_config.api_key_env === undefined && voiceKeyNames(agent).length === 0) return [];
  const { find } = wholeOf(view);
  const identities = find.identities(ALL).rows.flatMap((one) => [one.smtp_url_env, one.imap_url_env]);
  const agents = find.agents({ status: 'any' }, ALL).rows.map(({ connections }) => connections.secret_env);
  return [...identities, ...agents].filter((name) => name !== undefined);
}

/** What decides whether the model of an agent gets a key. */
export function keyTerms(view: View, deps: ModelDeps, agent: Agent): KeyTerms {
  return { env: deps.env, keyHosts: keyHosts(deps), secretNames: secretNames(view, agent) };
}

/** The price of an agent's model; undefined where prices.json has none for it, or the agent uses no model. */
export function priceOf({ prices }: ModelDeps, agent: Agent): Price | undefined {
  const { model } = agent.llm_config;
  return modelProvider(agent) && model !== undefined ? prices().get(model) : undefined;
}

/** USD that contacts are likely to cost, by what the agent's earlier ones cost; undefined without any, or a price. */
export function expectedRunCost(deps: ModelDeps, view: View, agent: Agent, contacts: number): number | undefined {
  const past = modelProvider(agent) ? view.agentFile(agent.id).usage : undefined;
  const price = past && priceOf(deps, agent);
  return past && price ? expectedCost(past, contacts, price) : undefined;
}

/**
 * The purse of one run, or of one chat call, which has the same cap. `spent` is in USD; `ownNow` tells how much of it the state
 * has by now.
 */
export async function purseOf(
  house: House,
  agent: Agent,
  spent: number,
  ownNow: (view: View) => number = () => 0,
): Promise<Purse> {
  const expected = await house.read((view, moment) => expectedRunCost(moment, view, agent, 1));
  const model = agent.llm_config.model ?? '';
  return createPurse({
    model,
    price: priceOf(house.deps, agent),
    cap: agent.limits.max_cost_usd_per_run,
    wider: modelProvider(agent) ? await widerCaps(house, agent, ownNow) : [],
    spent,
    expected,
  });
}

/** What an evaluator works with in one run. What the run cost before this process took it over counts as spent. */
export async function meansOf(house: House, run: Run, agent: Agent): Promise<Means> {
  const costOfRun = (view: View) => view.run(run.id)?.summary.usage?.cost_usd ?? 0;
  const purse = await purseOf(house, agent, run.summary.usage?.cost_usd ?? 0, costOfRun);
  const offers = modelProvider(agent) ? await offersOf(house, agent) : undefined;
  const keys = await house.read((view) => keyTerms(view, house.deps, agent));
  return { deps: house.deps, keys, purse, offers };
}
