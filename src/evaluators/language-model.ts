import type { ModelAccess } from '../domain/agents/model-access.ts';
import type { Deps } from '../domain/base/deps.ts';
import { PATIENCE, type Patience, patientFetch } from '../net/patient-fetch.ts';
import type { LanguageModel } from '../providers/provider.ts';

/** The libraries look into the environment where they are given no key, so they are always given one. */
const NO_KEY = 'none';

/** How long one attempt may take to be answered: COUNTERSIGN_MODEL_TIMEOUT, in seconds. */
export function answerWithinMs(env: Deps['env']): number {
  const seconds = Number(env.COUNTERSIGN_MODEL_TIMEOUT ?? Number.NaN);
  return seconds > 0 ? seconds * 1000 : PATIENCE.headersMs;
}

/** Takes away the key that isn't one. */
function withoutKey(fetch: typeof globalThis.fetch, keyHeader: string): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.delete(keyHeader);
    return fetch(input, { ...init, headers });
  };
}

/** Opens a model over the guarded fetch, with patience. Each provider's library is loaded when first used. */
export async function openModel(
  access: ModelAccess,
  deps: Pick<Deps, 'fetch' | 'now' | 'env'>,
  patience: Patience = { ...PATIENCE, headersMs: answerWithinMs(deps.env) },
): Promise<LanguageModel> {
  const { provider, model, base_url: baseURL, key, isHome } = access;
  const patient = patientFetch(deps.fetch, patience, deps.now);
  const fetch = key ? patient : withoutKey(patient, provider.keyHeader);
  return provider.open({ model, baseURL, apiKey: key?.value ?? NO_KEY, fetch, isHome });
}
