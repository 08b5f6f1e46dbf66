import type { VoiceAccess } from '../domain/agents/voice.ts';
import { transcriptIn } from './heard-words.ts';
import type { Recording } from './recording.ts';
import { postToService } from './request.ts';
import { plainLanguage, type StepMeans } from './step.ts';
import { MOST_ANSWER_BYTES, MOST_TRANSCRIPT_BYTES } from './voice-limits.ts';

function authorization({ key }: VoiceAccess): Record<string, string> {
  return key ? { authorization: `Bearer ${key.value}` } : {};
}

/** Has a recording written down by OpenAI's API, which whisper.cpp, Speaches and others have too. */
export async function transcribeByOpenai(means: StepMeans, { bytes, kind, mime }: Recording): Promise<string> {
  const { access } = means;
  const body = new FormData();
  body.set('model', access.model);
  body.set('response_format', 'json');
  body.set('language', plainLanguage(access.language));
  // The name of the person's file says what it holds: it stays here.
  body.set('file', new Blob([new Uint8Array(bytes)], { type: mime }), `audio.${kind}`);
  const headers = { ...authorization(access), accept: 'application/json' };
  const request = { path: '/audio/transcriptions', headers, body, maxBytes: MOST_TRANSCRIPT_BYTES };
  return transcriptIn(await postToService(means, request), access, ({ text }) => text);
}

/** Has a text spoken by OpenAI's API, which Kokoro, Speaches and others have too. */
export function speakByOpenai(means: StepMeans, text: string): Promise<Buffer> {
  const { access } = means;
  const body = JSON.stringify({ model: access.model, voice: access.voice, input: text, response_format: 'wav' });
  const headers = { ...authorization(access), 'content-type': 'application/json' };
  return postToService(means, { path: '/audio/speech', headers, body, maxBytes: MOST_ANSWER_BYTES });
}
