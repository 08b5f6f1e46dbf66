import type { ModelAccess } from '../domain/agents/model-access.ts';
import type { Deps } from '../domain/base/deps.ts';
import { readModelBody } from '../net/model-body.ts';
import { PATIENCE, type Patience, patientFetch } from '../net/patient-fetch.ts';
import type { LanguageModel } from '../providers/provider.ts';

/** Stands in for a missing key: without any key, a provider's library would look for one in the environment. */
const NO_KEY = 'none';

/** How long one attempt may wait for its answer, in ms, by COUNTERSIGN_MODEL_TIMEOUT, which is in seconds. */
export function answerWithinMs(env: Deps['env']): number {
  const seconds = Number(env.COUNTERSIGN_MODEL_TIMEOUT ?? Number.NaN);
  return seconds > 0 ? seconds * 1000 : PATIENCE.headersMs;
}

/** A fetch that takes the stand-in for a key off each request. */
function withoutKey(fetch: typeof globalThis.fetch, keyHeader: string): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.delete(keyHeader);
    return fetch(input, { ...init, headers });
  };
}

/** Opens a model, over the guarded fetch and with retries by `patience`. The provider's library is loaded only now. */
export async function openModel(
  access: ModelAccess,
  deps: Pick<Deps, 'fetch' | 'now' | 'env'>,
  patience: Patience = { ...PATIENCE, headersMs: answerWithinMs(deps.env) },
): Promise<LanguageModel> {
  const { provider, model, base_url: baseURL, key, isHome } = access;
  const patient = patientFetch(deps.fetch, patience, deps.now, readModelBody);
  const fetch = key ? patient : withoutKey(patient, provider.keyHeader);
  return provider.open({ model, baseURL, apiKey: key?.value ?? NO_KEY, fetch, isHome });
}
