import type { LanguageModelV3, SharedV3ProviderOptions } from '@ai-sdk/provider';

/** A model to talk to, by the AI SDK's own interface: `doGenerate` and `doStream`. */
export type LanguageModel = {
  model: LanguageModelV3;
  /** The provider's own options, which go with every call: for instance, how strictly it holds to a schema. */
  options: SharedV3ProviderOptions;
};

/** What a provider's `open` needs to make a model. */
export type ModelSettings = {
  model: string;
  /** The whole base URL, with the version of the API. */
  baseURL: string;
  /**
   * Never empty: given no key, the libraries would take one from the environment. Where there is none, a placeholder.
   */
  apiKey: string;
  /** Refuses private addresses, repeats failed requests, and removes a placeholder `apiKey` from requests. */
  fetch: typeof globalThis.fetch;
  /** Whether `baseURL` is on the provider's own host. */
  isHome: boolean;
};

/**
 * A provider of models. Its entry is all that Countersign knows of the provider. An entry imports nothing else of
 * Countersign, so that even the domain may import it; `open` imports the provider's library with the first model.
 */
export type ModelProvider = {
  /** The provider's value of `llm_config.provider`. */
  name: string;
  /** The base URL of the provider's own API; undefined where `llm_config.base_url` has to name one. */
  home: string | undefined;
  /** Environment variables for the key: the first that is set is taken. Empty: the provider needs no key. */
  keys: readonly string[];
  /** The header that carries the key, in lower case. */
  keyHeader: string;
  /** The API's version as it ends a base URL. It is added to a base URL without a path. */
  version: string;
  /** The version is added to base URLs with another path too, because the provider's own tools leave it out. */
  isVersionLeftOut?: boolean;
  /** How the names of its models begin, in lower case, so that a name alone tells the provider. */
  models?: RegExp;
  /** The most tokens of one answer where the agent sets no limit. Undefined: the API's own limit holds. */
  maxTokens?: number;
  /** Makes the model; loads the provider's library. */
  open: (settings: ModelSettings) => Promise<LanguageModel>;
};
