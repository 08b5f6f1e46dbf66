import type { Agent } from '../../domain/agents/agent.ts';
import { type VoiceAccess, voiceAccess } from '../../domain/agents/voice.ts';
import type { Author } from '../../domain/base/author.ts';
import { AppError, conflict, invalid } from '../../domain/base/errors.ts';
import type { AudioUsage, Usage } from '../../domain/base/usage.ts';
import { AUDIO_FILE, readAllowedFile } from '../../files/allowed-file.ts';
import { answerFileName } from '../../files/outbox.ts';
import type { VoiceStep } from '../../providers/voices.ts';
import { type Recording, recordingOf } from '../../voice/recording.ts';
import { StepFailed } from '../../voice/step.ts';
import type { House } from '../base/house.ts';
import { audioPurse } from '../money/audio-purse.ts';
import { keyTerms } from '../money/means.ts';
import { startCallback } from './callback.ts';
import type { ChatArgs, ChatResult, ChatWatch } from './chat.ts';
import type { Opening } from './messages.ts';

export type AudioChatArgs = Omit<ChatArgs, 'message' | 'earlier' | 'callbackBody' | 'heard' | 'isRealtime'> & {
  audio_path: string;
};

/** How a turn by voice is followed: each step, as it begins, in words. */
export type AudioWatch = Pick<ChatWatch, 'signal' | 'onMessage'> & { onStep: (words: string) => void };

export type AudioChatResult = Omit<ChatResult, 'usage'> & {
  transcript: string;
  audio: { path: string; mime: string; seconds: number };
  usage: AudioUsage;
};

const NOTHING: Usage = { input_tokens: 0, output_tokens: 0, cost_usd: null };

/** What a turn by voice works with. */
export type VoiceTurn = { house: House; by: Author; agent: Agent; watch: AudioWatch };

/** Reads the person's file. What it holds is told by its bytes: VALIDATION_ERROR where that is no audio. */
export async function readRecording(
  { deps: { env, home, workingDirectory } }: House,
  wanted: string,
): Promise<Recording> {
  const bytes = await readAllowedFile(wanted, { env, home, workingDirectory }, AUDIO_FILE);
  const recording = await recordingOf(bytes);
  if (recording) return recording;
  throw invalid(
    'audio_path names a file that holds no sound: give a recording in wav, mp3, ogg, webm or m4a. Its bytes count, not its name. Nothing was sent.',
    { audio_path: 'no audio' },
  );
}

/** How a step's service is reached. PROVIDER_ERROR before anything is sent, where it can't be. */
export function demandVoice(turn: VoiceTurn, step: VoiceStep): Promise<VoiceAccess> {
  const { house, agent } = turn;
  return house.read((view) => {
    const access = voiceAccess(agent, step, keyTerms(view, house.deps, agent));
    if (!('problem' in access)) return access;
    throw new AppError(
      'PROVIDER_ERROR',
      `Nothing was said to the agent: ${access.problem}. Set a missing variable and start the server again, or change voice with update_agent.`,
      { [access.field]: access.problem },
    );
  });
}

/** How much a step hears or speaks, what the turn cost before, and how much more it turned out to be. */
type StepTerms<T> = { amount: number; unit: 'second' | 'character'; spent: number; more?: (value: T) => number };

/** Does one step under the caps: what it costs is set aside before, and settled after it. */
export async function paidStep<T>(
  { house, agent, watch: { signal } }: VoiceTurn,
  access: VoiceAccess,
  { amount, unit, spent, more = () => 0 }: StepTerms<T>,
  work: (means: { access: VoiceAccess; deps: House['deps']; signal: AbortSignal }) => Promise<T>,
): Promise<{ value: T; usage: Usage }> {
  const purse = await audioPurse(house, agent, access, { unit, spent });
  const aside = await purse.setAside(() => amount, signal);
  try {
    const value = await work({ access, deps: house.deps, signal });
    const { cost_usd } = aside.spend({ input_tokens: amount + more(value), output_tokens: 0 });
    return { value, usage: { ...NOTHING, cost_usd } };
  } catch (error) {
    if (error instanceof StepFailed && error.isFree) aside.release();
    else aside.lose();
    if (signal.aborted)
      throw new AppError('PROVIDER_ERROR', 'The call was cancelled, so the step under way was stopped.');
    throw error;
  }
}

/** The conversation that a failed step leaves as it was: none, where it was to begin one. */
export function threadKept({ thread_id }: AudioChatArgs, { thread }: Opening): { thread_id?: string } {
  return thread === undefined || thread_id === undefined ? {} : { thread_id };
}

/** The failure of a step as its caller is told it. */
export function stepError(error: unknown, step: string, told: { thread_id?: string; transcript?: string }): unknown {
  if (error instanceof StepFailed) return new AppError('PROVIDER_ERROR', error.message, { step, ...told });
  if (!(error instanceof AppError) || (error.code !== 'PROVIDER_ERROR' && error.code !== 'LIMIT_EXCEEDED'))
    return error;
  return new AppError(error.code, error.message, { ...error.details, step, ...told });
}

/** Leaves the answer's file in the outbox; it goes again where its contact was deleted meanwhile. */
export async function leaveAnswer(
  { house }: VoiceTurn,
  { subject, thread }: Opening,
  { bytes, kind, mime, seconds }: Recording,
  iteration: string,
): Promise<AudioChatResult['audio']> {
  const threadId = thread?.thread_id ?? '';
  const path = await house.deps.outbox.write(answerFileName(threadId, iteration, kind), bytes);
  const about = subject.contact_id;
  if (about !== undefined && !(await house.read((view) => view.contact(about) !== undefined))) {
    await house.deps.outbox.remove(threadId);
    throw conflict('The contact that this conversation is about was deleted meanwhile, so the answer was not kept.');
  }
  return { path, mime, seconds: Number(seconds.toFixed(3)) };
}

/** Tells the callback what came of a turn by voice, but not where the file is. */
export async function tellCallback(
  { house, agent }: VoiceTurn,
  callback: string | undefined,
  result: AudioChatResult,
): Promise<void> {
  if (callback === undefined) return;
  const { path: _path, ...audio } = result.audio;
  const { iteration_id } = result;
  await startCallback(house, agent, callback, { iteration_id, body: { ...result, audio } });
}

/** The refusal of a recording without a voice in it. */
export function nobodySpeaks(transcript: string): AppError {
  return invalid('Nobody speaks in this recording: its transcript is empty. No model was asked.', {
    audio_path: 'silence',
    transcript,
  });
}
