import type { ModelProvider } from '../../providers/provider.ts';
import type { Agent } from './agent.ts';

/** What decides whether a key may be sent. */
export type KeyTerms = {
  env: Readonly<Record<string, string | undefined>>;
  /** Hosts other than the provider's own that may get a key (COUNTERSIGN_ALLOW_HOSTS, `allowHosts` of config.json). */
  keyHosts: readonly string[];
  /** Variables that an identity names for its mail server or mailbox, or an agent as its signing secret. */
  secretNames: readonly string[];
};

export type Secrets = Omit<KeyTerms, 'keyHosts'>;

/** A variable that an agent names for a key; the provider's `own` go with its own host only; the agent's signing secret. */
export type NamedKey = {
  name: string | undefined;
  own: readonly string[];
  hasBase: boolean;
  secret_env: string | undefined;
};

const KEY_NAME = /^COUNTERSIGN_[A-Z0-9_]{1,76}_KEY$/;

/**
 * Why a variable can't be a model's key by its name: variables that start with COUNTERSIGN_ hold other secrets too, so a
 * key's name says that it is one. A provider's own variables go to the provider's own host only, so they can't be named
 * with a base_url. Undefined where the name will do.
 */
function nameProblem(name: string, { own, hasBase }: Omit<NamedKey, 'name'>): string | undefined {
  if (KEY_NAME.test(name) || (own.includes(name) && !hasBase)) return undefined;
  return `"${name}" can't be a model's key: give the name of an environment variable that starts with COUNTERSIGN_ and ends in _KEY${own.length > 0 ? `, or without base_url ${own.join(', ')}` : ''}`;
}

/** Why a variable is no model's key by what it holds, or by what else it is named for; undefined where it may be one. */
function useProblem(name: string, secret: string | undefined, terms: Secrets): string | undefined {
  const value = terms.env[name]?.trim() ?? '';
  const isUsed = secret === name || terms.secretNames.includes(name);
  const [, mail] = /^(smtp|imap)s?:/i.exec(value) ?? [];
  if (!isUsed && mail === undefined && !value.startsWith('whsec_')) return undefined;
  const what = isUsed
    ? 'is in use as smtp_url_env, imap_url_env or secret_env'
    : `holds ${mail === undefined ? 'a signing secret' : `an ${mail.toUpperCase()} URL`}`;
  return `${name} ${what}, so it is never sent as a model's key: put the key into a variable of its own`;
}

/** Why a variable that is named for a key can't be one; undefined where it can, or none is named. */
export function keyProblem({ name, ...of }: NamedKey, terms: Secrets): string | undefined {
  if (name === undefined) return undefined;
  return nameProblem(name, of) ?? useProblem(name, of.secret_env, terms);
}

/** Why the variable that an agent's `llm_config.api_key_env` names can't be its model's key; undefined where it can. */
export function namedKeyProblem(agent: Agent, provider: ModelProvider | undefined, terms: Secrets): string | undefined {
  const { api_key_env: name, base_url } = agent.llm_config;
  const { secret_env } = agent.connections;
  return keyProblem({ name, own: provider?.keys ?? [], hasBase: base_url !== undefined, secret_env }, terms);
}
