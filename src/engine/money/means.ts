import type { Agent } from '../../domain/agents/agent.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import { allowedHosts } from '../../domain/base/url.ts';
import { expectedCost, type Price } from '../../domain/base/usage.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/state.ts';
import type { Means, Purse } from '../../evaluators/evaluator.ts';
import type { House } from '../base/house.ts';
import { offersOf } from '../gate/tool-offers.ts';
import { createPurse } from './purse.ts';

/** Hosts other than a provider's own that may get an API key. A config.json that can't be read names none. */
export function keyHosts(house: House): string[] {
  const { env, log } = house.deps;
  try {
    return [...allowedHosts(env), ...house.deps.config().allowHosts];
  } catch (error) {
    log.warn({ error: String(error) }, 'config.json names no hosts');
    return allowedHosts(env);
  }
}

/** The price of an agent's model; undefined where it has none, or no model. */
export function priceOf(house: House, agent: Agent): Price | undefined {
  const { model } = agent.llm_config;
  return modelProvider(agent) && model !== undefined ? house.deps.prices().get(model) : undefined;
}

/** What so many contacts are likely to cost; undefined before the agent's first run, and without a price. */
export function expectedRunCost(house: House, view: View, agent: Agent, contacts: number): number | undefined {
  const past = modelProvider(agent) ? view.agent(agent.id).usage : undefined;
  const price = past && priceOf(house, agent);
  return past && price ? expectedCost(past, contacts, price) : undefined;
}

/** The purse of one run, or of what else an agent's model is asked for under the same cap. */
export async function purseOf(house: House, agent: Agent, spent: number): Promise<Purse> {
  const expected = await house.store.read((view) => expectedRunCost(house, view, agent, 1));
  const model = agent.llm_config.model ?? '';
  return createPurse({ model, price: priceOf(house, agent), cap: agent.limits.max_cost_usd_per_run, spent, expected });
}

/** What a run lends to its evaluator. What it cost before this process took it over counts. */
export async function meansOf(house: House, run: Run, agent: Agent): Promise<Means> {
  const purse = await purseOf(house, agent, run.summary.usage?.cost_usd ?? 0);
  const offers = modelProvider(agent) ? await offersOf(house, agent) : undefined;
  return { deps: house.deps, keyHosts: keyHosts(house), purse, offers };
}
