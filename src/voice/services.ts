import { spokenError } from '../net/spoken-error.ts';
import { speakByCartesia } from './cartesia.ts';
import { transcribeByDeepgram } from './deepgram.ts';
import { speakByOpenai, transcribeByOpenai } from './openai-audio.ts';
import { type Recording, recordingOf } from './recording.ts';
import { quotedWords, whoOf } from './request.ts';
import { StepFailed, type StepMeans } from './step.ts';

type Transcribe = (means: StepMeans, recording: Recording) => Promise<string>;
type Speak = (means: StepMeans, text: string) => Promise<Buffer>;

const TRANSCRIBERS: Readonly<Record<string, Transcribe>> = {
  deepgram: transcribeByDeepgram,
  openai: transcribeByOpenai,
  openai_compatible: transcribeByOpenai,
};
const SPEAKERS: Readonly<Record<string, Speak>> = {
  cartesia: speakByCartesia,
  openai: speakByOpenai,
  openai_compatible: speakByOpenai,
};

/** A service that is listed and that nothing here speaks with. */
function missing({ access }: StepMeans): StepFailed {
  return new StepFailed(access, `Nothing here asks ${access.service.name}.`, true);
}

/** Has a recording written down. Empty where nobody speaks in it. Throws StepFailed. */
export async function transcribe(means: StepMeans, recording: Recording): Promise<string> {
  const by = TRANSCRIBERS[means.access.service.name];
  if (!by) throw missing(means);
  return by(means, recording);
}

/** Has a text spoken. What a service gives is believed only as far as its bytes are sound. Throws StepFailed. */
export async function speak(means: StepMeans, text: string): Promise<Recording> {
  const { access } = means;
  const by = SPEAKERS[access.service.name];
  if (!by) throw missing(means);
  const bytes = await by(means, text);
  const recording = await recordingOf(bytes);
  if (recording) return recording;
  const start = bytes.toString('utf8', 0, 4_000);
  const said = spokenError(start)?.words ?? (/^[\s\x20-\x7e]*$/.test(start) ? start : '');
  const words = said === '' ? '' : ` It said: ${quotedWords(said, access)}`;
  throw new StepFailed(access, `${whoOf(access)} answered something that is no audio (${bytes.length} bytes).${words}`);
}
