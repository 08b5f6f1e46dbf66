import { MODEL_PROVIDERS } from '../../providers/index.ts';
import type { ModelProvider } from '../../providers/provider.ts';
import { isAllowedHost } from '../base/url.ts';
import { type Agent, effectiveProvider } from './agent.ts';
import { type KeyTerms, namedKeyProblem } from './model-key.ts';

/** What a request to a model needs: the provider, the model's name, the base URL, and the key if one may be sent. */
export type ModelAccess = {
  provider: ModelProvider;
  model: string;
  base_url: string;
  /** Whether the base URL is on the provider's own host. */
  isHome: boolean;
  key?: { name: string; value: string };
};

/** Why a model can't be asked: the field of the agent at fault, and a text that says what to do. */
export type NoAccess = { field: string; problem: string };

/** The provider of the model that evaluates and chats for an agent; undefined where rules or the assistant do. */
export function modelProvider(agent: Agent): ModelProvider | undefined {
  const name = effectiveProvider(agent);
  return MODEL_PROVIDERS.find((provider) => provider.name === name);
}

/** A given base URL with the API's version at its end: people write base URLs with and without it. */
function baseUrl({ version, isVersionLeftOut }: ModelProvider, given: string): string {
  const url = new URL(given);
  const path = url.pathname.replace(/\/+$/, '');
  const hasVersion = isVersionLeftOut ? path.endsWith(version) : path !== '';
  return `${url.origin}${path}${hasVersion ? '' : version}${url.search}`;
}

function isSameHost({ home }: ModelProvider, base: string): boolean {
  return home !== undefined && new URL(base).origin === new URL(home).origin;
}

function keyNames(agent: Agent, provider: ModelProvider): readonly string[] {
  return agent.llm_config.api_key_env === undefined ? provider.keys : [agent.llm_config.api_key_env];
}

/**
 * How an agent's model is reached, or why it can't be. A key is sent to the provider's own host, and elsewhere only to
 * hosts in `keyHosts`. What holds another secret is never sent as a key.
 */
export function modelAccess(agent: Agent, provider: ModelProvider, terms: KeyTerms): ModelAccess | NoAccess {
  const { model, base_url, api_key_env } = agent.llm_config;
  const { name: who, keys, home } = provider;
  const { env, keyHosts } = terms;
  if (model === undefined)
    return { field: 'llm_config.model', problem: `the provider "${who}" needs llm_config.model, a model's name` };
  const given = base_url ?? home;
  if (given === undefined)
    return {
      field: 'llm_config.base_url',
      problem: `the provider "${who}" needs llm_config.base_url, such as http://localhost:11434/v1 for Ollama (and localhost:11434 in COUNTERSIGN_ALLOW_HOSTS)`,
    };
  const base = baseUrl(provider, given);
  const isHome = isSameHost(provider, base);
  const access: ModelAccess = { provider, model, base_url: base, isHome };
  const wrongKey = namedKeyProblem(agent, provider, terms);
  if (wrongKey !== undefined) return { field: 'llm_config.api_key_env', problem: wrongKey };
  const names = keyNames(agent, provider);
  const name = names.find((item) => env[item] !== undefined);
  const mayGetKey = isHome || isAllowedHost(new URL(base), keyHosts);
  if (name !== undefined && mayGetKey) return { ...access, key: { name, value: env[name] ?? '' } };
  if (name !== undefined && api_key_env !== undefined)
    return {
      field: 'llm_config.api_key_env',
      problem: `the key in ${name} may not be sent to ${new URL(base).host}: list that host in COUNTERSIGN_ALLOW_HOSTS, or in allowHosts of config.json`,
    };
  if (api_key_env === undefined && (keys.length === 0 || !mayGetKey)) return access;
  return {
    field: 'llm_config.api_key_env',
    problem: `the environment variable ${names.join(' or ')} isn't set, so the provider "${who}" has no key`,
  };
}
