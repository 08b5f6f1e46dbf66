import { postToService } from './request.ts';
import { plainLanguage, type StepMeans } from './step.ts';
import { MOST_ANSWER_BYTES } from './voice-limits.ts';

const API_DATE = '2025-04-16';

/** Has a text spoken by Cartesia (`POST /tts/bytes`). */
export function speakByCartesia(means: StepMeans, text: string): Promise<Buffer> {
  const { access } = means;
  const body = JSON.stringify({
    model_id: access.model,
    transcript: text,
    voice: { mode: 'id', id: access.voice },
    language: plainLanguage(access.language),
    output_format: { container: 'wav', encoding: 'pcm_s16le', sample_rate: 24_000 },
  });
  const headers = {
    ...(access.key ? { authorization: `Bearer ${access.key.value}` } : {}),
    'cartesia-version': API_DATE,
    'content-type': 'application/json',
  };
  return postToService(means, { path: '/tts/bytes', headers, body, maxBytes: MOST_ANSWER_BYTES });
}
