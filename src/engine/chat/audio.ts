import type { VoiceAccess } from '../../domain/agents/voice.ts';
import type { Author } from '../../domain/base/author.ts';
import { invalid } from '../../domain/base/errors.ts';
import { addUsage, type Usage } from '../../domain/base/usage.ts';
import { isSpoken } from '../../voice/heard-words.ts';
import type { Recording } from '../../voice/recording.ts';
import { speak, transcribe } from '../../voice/services.ts';
import { StepFailed } from '../../voice/step.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { callbackOf } from './callback.ts';
import { beginChat, type ChatResult, type Opening, talk, threadMessageOf, writeMessages } from './chat.ts';
import { realtimeTurnOf } from './realtime.ts';
import {
  type AudioChatArgs,
  type AudioChatResult,
  type AudioWatch,
  demandVoice,
  leaveAnswer,
  nobodySpeaks,
  paidStep,
  readRecording,
  stepError,
  tellCallback,
  threadKept,
  type VoiceTurn,
} from './voice-turn.ts';

type Heard = { transcript: string; usage: Usage };

type Hearing = { recording: Recording; opening: Opening; kept: { thread_id?: string } };

/** Has the recording written down. What no voice is in is refused, and no model is asked. A failure begins no thread. */
async function hear(turn: VoiceTurn, access: VoiceAccess, { recording, opening, kept }: Hearing): Promise<Heard> {
  const { house, by, watch } = turn;
  watch.onStep('writing down what was said');
  const terms = { amount: recording.seconds, unit: 'second' as const, spent: 0 };
  const heard = await paidStep(turn, access, terms, (means) => transcribe(means, recording)).catch((error) => {
    throw error instanceof StepFailed ? stepError(error, 'stt', kept) : error;
  });
  const { value: transcript, usage } = heard;
  if (isSpoken(transcript)) return { transcript, usage };
  // What was paid for counts, although nothing was said.
  if ((usage.cost_usd ?? 0) > 0) await writeMessages(house, by, opening, { messages: [], usage });
  throw nobodySpeaks(transcript);
}

type Said = { result: ChatResult; opening: Opening };

/** Has the answer spoken, and keeps what it cost. */
async function say(turn: VoiceTurn, access: VoiceAccess, { result, opening }: Said, spent: number) {
  const { house, by, watch } = turn;
  watch.onStep('speaking the answer');
  const characters = [...result.response].length;
  const spoken = await paidStep(turn, access, { amount: characters, unit: 'character', spent }, (means) => {
    if (result.response.trim() === '') throw new StepFailed(access, 'The agent answered nothing to speak.', true);
    return speak(means, result.response);
  });
  if (spoken.usage.cost_usd !== null) await writeMessages(house, by, opening, { messages: [], usage: spoken.usage });
  const audio = await leaveAnswer(turn, opening, spoken.value, result.iteration_id);
  return { audio, characters, usage: spoken.usage };
}

/** A turn by voice in three steps: what was said is written down, the agent's model answers, the answer is spoken. */
async function pipelineTurn(turn: VoiceTurn, args: AudioChatArgs, opening: Opening): Promise<AudioChatResult> {
  const { house, by, watch } = turn;
  const began = house.deps.now().getTime();
  const [ear, mouth] = [await demandVoice(turn, 'stt'), await demandVoice(turn, 'tts')];
  const recording = await readRecording(house, args.audio_path);
  const heard = await hear(turn, ear, { recording, opening, kept: threadKept(args, opening) });
  const { transcript } = heard;
  const cost = heard.usage.cost_usd ?? 0;
  const message = threadMessageOf(house, house.deps.newId('it'), { role: 'user', content: transcript });
  const now = await beginChat(house, { ...args, message: transcript });
  const thread_id = await writeMessages(house, by, now, { messages: [message], usage: heard.usage });
  const failed = (step: string) => (error: unknown) => {
    throw stepError(error, step, { thread_id, transcript });
  };
  watch.onStep("asking the agent's model");
  const talkArgs = { ...args, thread_id, message: transcript, heard: { message, cost } };
  const said = await talk(house, by, talkArgs, watch).catch(failed('model'));
  const spent = cost + (said.result.usage?.cost_usd ?? 0);
  const { audio, characters, usage } = await say(turn, mouth, said, spent).catch(failed('tts'));
  const sum = addUsage(addUsage(said.result.usage, heard.usage), usage);
  const result: AudioChatResult = {
    ...said.result,
    transcript,
    audio,
    execution_time_ms: house.deps.now().getTime() - began,
    usage: { ...sum, audio_seconds: Number(recording.seconds.toFixed(3)), characters },
  };
  await tellCallback(turn, said.callback, result);
  return result;
}

/** Talks with an agent by a recording: gives what was said, the answer, and the answer spoken, as a file in the outbox. */
export async function chatByAudio(
  house: House,
  by: Author,
  args: AudioChatArgs,
  watch: AudioWatch,
): Promise<AudioChatResult> {
  const { architecture, name } = await house.read((view) => findAgent(view, args.agent_id));
  if (architecture === 'text')
    throw invalid(
      `Agent "${name}" has the architecture "text", which takes no recording. Give a message, or set architecture to "pipeline", with voice.stt and voice.tts, or "realtime".`,
      { architecture },
    );
  const isRealtime = architecture === 'realtime';
  const opening = await beginChat(house, { ...args, message: '', isRealtime });
  const { agent } = opening;
  callbackOf(agent, args.callback_url, house.deps.env);
  const turn = { house, by, agent, watch };
  return isRealtime ? realtimeTurnOf(turn, args, opening) : pipelineTurn(turn, args, opening);
}
