import { isObject } from '../domain/base/json.ts';
import { transcriptIn } from './heard-words.ts';
import type { Recording } from './recording.ts';
import { postToService } from './request.ts';
import type { StepMeans } from './step.ts';
import { MOST_TRANSCRIPT_BYTES } from './voice-limits.ts';

function firstItem(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/** The transcript in `results.channels[0].alternatives[0]`. */
function bestAlternative({ results }: Record<string, unknown>): unknown {
  const channel = isObject(results) ? firstItem(results.channels) : undefined;
  const alternative = isObject(channel) ? firstItem(channel.alternatives) : undefined;
  return isObject(alternative) ? alternative.transcript : undefined;
}

/** Has a recording written down by Deepgram (`POST /v1/listen`). */
export async function transcribeByDeepgram(means: StepMeans, { bytes, mime }: Recording): Promise<string> {
  const { access } = means;
  const asked = new URLSearchParams({ model: access.model, language: access.language, smart_format: 'true' });
  const headers = {
    ...(access.key ? { authorization: `Token ${access.key.value}` } : {}),
    'content-type': mime,
    accept: 'application/json',
  };
  const request = {
    path: `/v1/listen?${asked}`,
    headers,
    body: new Uint8Array(bytes),
    maxBytes: MOST_TRANSCRIPT_BYTES,
  };
  return transcriptIn(await postToService(means, request), access, bestAlternative);
}
