import { MODEL_PROVIDERS, type ProviderName } from '../../../providers/index.ts';
import { type Agent, effectiveProvider, type PROVIDERS } from '../../agents/agent.ts';

type Provider = (typeof PROVIDERS)[number];

/**
 * Names that stand for no model where a dialect has a field for a model and none for who evaluates: these are values of
 * `llm_config.provider`.
 */
const NO_MODELS = ['assistant', 'rules'] as const;

/** What a model's name says: the model, and who evaluates. */
export type NamedModel = { provider: Provider; model?: string; isKnown: boolean };

/** A provider of models that has no home: with it, a run is a PROVIDER_ERROR until `llm_config.base_url` names one. */
export function unreachedProvider(): ProviderName {
  const found = MODEL_PROVIDERS.find(({ home }) => home === undefined);
  if (!found) throw new Error('every provider of models has a home');
  return found.name;
}

/** The provider that a model's name chooses (contract-http, section 3). Nobody can say where an unknown name is reached. */
export function namedModel(name: string): NamedModel {
  const evaluator = NO_MODELS.find((item) => item === name);
  if (evaluator !== undefined) return { provider: evaluator, isKnown: true };
  const found = MODEL_PROVIDERS.find(({ models }) => models?.test(name.trim().toLowerCase()));
  return { provider: found?.name ?? unreachedProvider(), model: name, isKnown: found !== undefined };
}

/** An agent's model as a dialect without providers says it: the name, else who evaluates instead of a model. */
export function modelNameOf(agent: Agent): string {
  return agent.llm_config.model ?? effectiveProvider(agent);
}

/** What is said of a model whose name chooses no provider. */
export function unknownModel(field: string, name: string): string {
  return `${field}: "${name}" names no model of a provider that is known here, so a run would be a PROVIDER_ERROR. Say with update_agent where it is reached: llm_config.provider, and llm_config.base_url.`;
}
