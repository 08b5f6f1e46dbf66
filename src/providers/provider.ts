import type { LanguageModelV3, SharedV3ProviderOptions } from '@ai-sdk/provider';

/** A model to talk to, by the AI SDK's own interface: `doGenerate` and `doStream`. */
export type LanguageModel = {
  model: LanguageModelV3;
  /** How much of a schema the provider is told; goes with every call. */
  options: SharedV3ProviderOptions;
};

/** What a model is opened with. */
export type ModelSettings = {
  model: string;
  /** Whole, with the version of the API. */
  baseURL: string;
  /** Never empty: the libraries look into the environment where they are given no key. */
  apiKey: string;
  /** Guarded and patient; takes `apiKey` out of the request where it is no true key. */
  fetch: typeof globalThis.fetch;
  /** At the provider's own host, rather than at one that `llm_config.base_url` names. */
  isHome: boolean;
};

/**
 * One provider of models: all that the house knows of it stands here. An entry imports nothing of the house, so that
 * even the domain can list the names; `open` imports the provider's library, which is loaded with the first model.
 */
export type ModelProvider = {
  /** As `llm_config.provider` names it. */
  name: string;
  /** The base URL of its own API; undefined where only `llm_config.base_url` says where it is. */
  home: string | undefined;
  /** The variables that may hold its key, first found, first taken. It goes to `home` alone. Empty: it needs no key. */
  keys: readonly string[];
  /** The header that carries the key, in lower case. */
  keyHeader: string;
  /** The version of its API as the end of a base URL. It is added to one that has no path. */
  version: string;
  /** The version is added to base URLs with another path too: its own tools write them so. */
  isVersionLeftOut?: boolean;
  /** The most tokens of one answer where the agent sets no limit; without it, the API's own limit holds. */
  maxTokens?: number;
  open: (settings: ModelSettings) => Promise<LanguageModel>;
};
