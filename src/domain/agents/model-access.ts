import { isAllowedHost } from '../base/url.ts';
import { type Agent, effectiveProvider, PROVIDER_KEYS } from './agent.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The providers that are asked over HTTP, and where each is at home. */
const HOMES = {
  anthropic: 'https://api.anthropic.com/v1',
  openai: 'https://api.openai.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
  openai_compatible: undefined,
} as const;
export type ModelProvider = keyof typeof HOMES;

/** All that is needed to ask a model: where, for which, and with which key. */
export type ModelAccess = {
  provider: ModelProvider;
  model: string;
  base_url: string;
  /** At the provider's own host, rather than at one that base_url names. */
  isHome: boolean;
  key?: { name: string; value: string };
};

/** Why a model can't be asked, in words that say what to do. */
export type NoAccess = { field: string; problem: string };

export function modelProvider(agent: Agent): ModelProvider | undefined {
  const provider = effectiveProvider(agent);
  return provider === 'rules' || provider === 'assistant' ? undefined : provider;
}

/** Base URLs are written with and without the version; Anthropic's own tools write them without. */
function baseUrl(provider: ModelProvider, given: string): string {
  const url = new URL(given);
  const path = url.pathname.replace(/\/+$/, '');
  const version = provider === 'google' ? '/v1beta' : '/v1';
  const isWhole = provider === 'anthropic' ? path.endsWith(version) : path !== '';
  return `${url.origin}${path}${isWhole ? '' : version}${url.search}`;
}

function isSameHost(provider: ModelProvider, base: string): boolean {
  const home = HOMES[provider];
  return home !== undefined && new URL(base).origin === new URL(home).origin;
}

function keyNames(agent: Agent, provider: ModelProvider): readonly string[] {
  return agent.llm_config.api_key_env === undefined ? (PROVIDER_KEYS[provider] ?? []) : [agent.llm_config.api_key_env];
}

/**
 * How an agent's model is reached, or why it isn't. A key goes to the provider's own host, and elsewhere only to hosts
 * that `keyHosts` names (COUNTERSIGN_ALLOW_HOSTS, config.json allowHosts).
 */
export function modelAccess(
  agent: Agent,
  provider: ModelProvider,
  env: Env,
  keyHosts: readonly string[],
): ModelAccess | NoAccess {
  const { model, base_url, api_key_env } = agent.llm_config;
  if (model === undefined)
    return { field: 'llm_config.model', problem: `the provider "${provider}" needs llm_config.model, a model's name` };
  const given = base_url ?? HOMES[provider];
  if (given === undefined)
    return {
      field: 'llm_config.base_url',
      problem: `the provider "${provider}" needs llm_config.base_url, such as http://localhost:11434/v1 for Ollama (and localhost:11434 in COUNTERSIGN_ALLOW_HOSTS)`,
    };
  const base = baseUrl(provider, given);
  const isHome = isSameHost(provider, base);
  const access: ModelAccess = { provider, model, base_url: base, isHome };
  const names = keyNames(agent, provider);
  const name = names.find((item) => env[item] !== undefined);
  const mayGo = isHome || isAllowedHost(new URL(base), keyHosts);
  if (name !== undefined && mayGo) return { ...access, key: { name, value: env[name] ?? '' } };
  if (name !== undefined && api_key_env !== undefined)
    return {
      field: 'llm_config.api_key_env',
      problem: `${name} isn't sent to ${new URL(base).host}, which may not get a key: list that host in COUNTERSIGN_ALLOW_HOSTS, or in allowHosts of config.json`,
    };
  if (api_key_env === undefined && (provider === 'openai_compatible' || !mayGo)) return access;
  return {
    field: 'llm_config.api_key_env',
    problem: `the environment variable ${names.join(' or ')} isn't set, so the provider "${provider}" has no key`,
  };
}
