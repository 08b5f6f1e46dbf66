import type { VoiceAccess } from '../domain/agents/voice.ts';
import { transcriptIn } from './heard-words.ts';
import type { Recording } from './recording.ts';
import { postToService, whoOf } from './request.ts';
import { spokenParts } from './spoken-parts.ts';
import { plainLanguage, StepFailed, type StepMeans } from './step.ts';
import { MOST_ANSWER_BYTES, MOST_TRANSCRIPT_BYTES } from './voice-limits.ts';
import { joinedWav } from './wav.ts';

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

/** The most characters that OpenAI's API speaks at once, and the most requests that one answer takes. */
const MOST_SPOKEN = 4_096;
const MOST_PIECES = 8;

/** Has one text spoken that isn't too long for it. */
function speakPiece(means: StepMeans, text: string): Promise<Buffer> {
  const { access } = means;
  const body = JSON.stringify({ model: access.model, voice: access.voice, input: text, response_format: 'wav' });
  const headers = { ...authorization(access), 'content-type': 'application/json' };
  return postToService(means, { path: '/audio/speech', headers, body, maxBytes: MOST_ANSWER_BYTES });
}

/**
 * Has a text spoken by OpenAI's API, which Kokoro, Speaches and others have too. A longer one than it takes is spoken in
 * parts, sentence by sentence, and their sound joined.
 */
export async function speakByOpenai(means: StepMeans, text: string): Promise<Buffer> {
  const { access } = means;
  const parts = spokenParts(text, MOST_SPOKEN);
  if (parts.length > MOST_PIECES)
    throw new StepFailed(
      access,
      `The answer has ${text.length} characters, more than are spoken at once (${MOST_SPOKEN * MOST_PIECES}). Ask the agent for shorter answers, in its playbook.`,
      true,
    );
  const sounds: Buffer[] = [];
  for (const part of parts) {
    sounds.push(await speakPiece(means, part));
    if (sounds.reduce((sum, { length }) => sum + length, 0) > MOST_ANSWER_BYTES)
      throw new StepFailed(
        access,
        `${whoOf(access)} gave an answer of more than ${MOST_ANSWER_BYTES >> 20} MB. Ask the agent for shorter answers, in its playbook.`,
      );
  }
  const [only] = sounds;
  if (only !== undefined && sounds.length === 1) return only;
  const whole = joinedWav(sounds);
  if (whole) return whole;
  throw new StepFailed(
    access,
    `${whoOf(access)} spoke the answer in ${sounds.length} parts that can't be joined: they aren't wav of one kind. Ask the agent for answers of at most ${MOST_SPOKEN} characters, in its playbook.`,
  );
}
