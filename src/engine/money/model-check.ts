import { type Agent, effectiveProvider, PROVIDERS } from '../../domain/agents/agent.ts';
import { type ModelAccess, modelAccess, modelProvider, type NoAccess } from '../../domain/agents/model-access.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { View } from '../../domain/state/view.ts';
import { keyTerms, type ModelDeps, priceOf } from './means.ts';

/** How an agent's model is reached, or why it can't be; undefined for an agent without a model. */
function accessOf(view: View, deps: ModelDeps, agent: Agent): ModelAccess | NoAccess | undefined {
  const name = effectiveProvider(agent);
  const provider = modelProvider(agent);
  if (provider) return modelAccess(agent, provider, keyTerms(view, deps, agent));
  // An agent may have been saved by another build, with other providers.
  return PROVIDERS.includes(name)
    ? undefined
    : { field: 'llm_config.provider', problem: `the provider "${name}" isn't in this build` };
}

/**
 * Refuses an agent whose model can't be asked, for lack of a key, name or address: PROVIDER_ERROR. `so` says what did
 * not happen for that.
 */
export function demandProvider(view: View, deps: ModelDeps, agent: Agent, so = 'No run was made'): void {
  const access = accessOf(view, deps, agent);
  if (!access) return;
  if ('problem' in access)
    throw new AppError(
      'PROVIDER_ERROR',
      `${so}: ${access.problem}. Set a missing variable and start the server again, or change llm_config with update_agent; with the provider "assistant" the connected assistant evaluates without a key.`,
      { [access.field]: access.problem },
    );
  // A prices.json with a fault is refused too: reading the price throws.
  priceOf(deps, agent);
}

function priceWarnings(deps: ModelDeps, agent: Agent, model: string): string[] {
  const add = `add {"${model}": {"input": ..., "output": ...}} to prices.json in the home, in USD per million tokens`;
  try {
    if (priceOf(deps, agent)) return [];
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

/** Warnings about what keeps an agent's model from being asked, and about costs that can't be known. */
export function modelWarnings(view: View, deps: ModelDeps, agent: Agent): string[] {
  const access = accessOf(view, deps, agent);
  if (!access) return [];
  const warnings: string[] = [];
  if ('problem' in access) warnings.push(`trigger_agent will refuse: ${access.problem}.`);
  else if (!access.key && access.provider.keys.length > 0)
    warnings.push(
      `No key is sent to ${new URL(access.base_url).host}: list it in COUNTERSIGN_ALLOW_HOSTS, or in allowHosts of config.json, if it may get one.`,
    );
  if (agent.playbook.rules.length > 0)
    warnings.push(`playbook.rules aren't run: the provider is ${effectiveProvider(agent)}.`);
  if (agent.playbook.playbook_md.trim() === '')
    warnings.push('playbook.playbook_md is empty, so the model has no instructions.');
  const { model } = agent.llm_config;
  return model === undefined ? warnings : [...warnings, ...priceWarnings(deps, agent, model)];
}
