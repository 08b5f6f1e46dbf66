import type { LanguageModelV3, SharedV3ProviderOptions } from '@ai-sdk/provider';
import type { ModelAccess } from '../domain/agents/model-access.ts';
import type { Deps } from '../domain/base/deps.ts';
import { PATIENCE, type Patience, patientFetch } from '../net/patient-fetch.ts';

const KEY_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key'];
/** The libraries look into the environment where they are given no key, so they are always given one. */
const NO_KEY = 'none';

/** A model to talk to, by the AI SDK's own interface: `doGenerate` and `doStream`. */
export type LanguageModel = {
  model: LanguageModelV3;
  /** How much of a schema each provider is told; goes with every call. */
  options: SharedV3ProviderOptions;
};

/** How long one attempt may take to be answered: COUNTERSIGN_MODEL_TIMEOUT, in seconds. */
export function answerWithinMs(env: Deps['env']): number {
  const seconds = Number(env.COUNTERSIGN_MODEL_TIMEOUT ?? Number.NaN);
  return seconds > 0 ? seconds * 1000 : PATIENCE.headersMs;
}

/** Takes away the key that isn't one. */
function withoutKey(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    for (const name of KEY_HEADERS) headers.delete(name);
    return fetch(input, { ...init, headers });
  };
}

/**
 * Opens a model over the guarded fetch, with patience. Each provider's library is loaded when first used.
 *
 * Where base_url leads elsewhere, OpenAI's model is asked by Chat Completions, which is what proxies speak; at home by
 * Responses, without the contacts' data being stored there.
 */
export async function openModel(
  access: ModelAccess,
  deps: Pick<Deps, 'fetch' | 'now' | 'env'>,
  patience: Patience = { ...PATIENCE, headersMs: answerWithinMs(deps.env) },
): Promise<LanguageModel> {
  const { provider, model, base_url: baseURL, key } = access;
  const patient = patientFetch(deps.fetch, patience, deps.now);
  const given = { baseURL, apiKey: key?.value ?? NO_KEY, fetch: key ? patient : withoutKey(patient) };
  switch (provider) {
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return { model: createAnthropic(given).languageModel(model), options: {} };
    }
    case 'google': {
      const { createGoogleGenerativeAI } = await import('@ai-sdk/google');
      // Its schema dialect has no free-form objects, which some actions' params are.
      return {
        model: createGoogleGenerativeAI(given).languageModel(model),
        options: { google: { structuredOutputs: false } },
      };
    }
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      const openai = createOpenAI(given);
      return {
        model: access.isHome ? openai.responses(model) : openai.chat(model),
        options: { openai: { strictJsonSchema: false, store: false } },
      };
    }
    case 'openai_compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const compatible = createOpenAICompatible({
        ...given,
        name: 'compatible',
        supportsStructuredOutputs: true,
        includeUsage: true,
      });
      return { model: compatible.languageModel(model), options: { compatible: { strictJsonSchema: false } } };
    }
  }
}
