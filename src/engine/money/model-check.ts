import type { Agent } from '../../domain/agents/agent.ts';
import { modelAccess, modelProvider } from '../../domain/agents/model-access.ts';
import { AppError } from '../../domain/base/errors.ts';
import { keyHosts, type Own, priceOf } from './means.ts';

/** Refuses to trigger an agent whose model can't be asked: no key, no name, no address, a price list with a fault. */
export function demandProvider(own: Own, agent: Agent): void {
  const provider = modelProvider(agent);
  if (!provider) return;
  const access = modelAccess(agent, provider, own.env, keyHosts(own));
  if ('problem' in access)
    throw new AppError(
      'PROVIDER_ERROR',
      `No run was made: ${access.problem}. Set that and start the server again where it is a variable, or change llm_config with update_agent; with the provider "assistant" the connected assistant evaluates without a key.`,
      { [access.field]: access.problem },
    );
  priceOf(own, agent);
}

function priceWarnings(own: Own, agent: Agent, model: string): string[] {
  const add = `add {"${model}": {"input": ..., "output": ...}} to prices.json in the home, in USD per million tokens`;
  try {
    if (priceOf(own, agent)) return [];
  } catch (error) {
    if (error instanceof AppError) return [error.message];
    throw error;
  }
  return agent.limits.max_cost_usd_per_run === undefined
    ? [`prices.json has no price for the model "${model}", so costs are unknown (cost_usd null): ${add}.`]
    : [
        `limits.max_cost_usd_per_run is set, but prices.json has no price for the model "${model}", so runs fail before the first call: ${add}.`,
      ];
}

/** What keeps an agent's model from being asked, and what isn't known of its cost. */
export function modelWarnings(own: Own, agent: Agent): string[] {
  const provider = modelProvider(agent);
  if (!provider) return [];
  const warnings: string[] = [];
  const access = modelAccess(agent, provider, own.env, keyHosts(own));
  if ('problem' in access) warnings.push(`trigger_agent will refuse: ${access.problem}.`);
  else if (!access.key && provider !== 'openai_compatible')
    warnings.push(
      `No key is sent to ${new URL(access.base_url).host}: list it in COUNTERSIGN_ALLOW_HOSTS, or in allowHosts of config.json, if it may get one.`,
    );
  if (agent.playbook.rules.length > 0) warnings.push(`playbook.rules aren't run: the provider is ${provider}.`);
  if (agent.playbook.playbook_md.trim() === '')
    warnings.push('playbook.playbook_md is empty, so the model has nothing to go by.');
  const { model } = agent.llm_config;
  return model === undefined ? warnings : [...warnings, ...priceWarnings(own, agent, model)];
}
