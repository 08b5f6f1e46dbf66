import type { LanguageModelV3Prompt } from '@ai-sdk/provider';
import type { ThreadMessage } from '../../domain/agents/thread.ts';
import { invalid } from '../../domain/base/errors.ts';
import type { Usage } from '../../domain/base/usage.ts';
import { realtimeTurn } from '../../voice/openai-realtime.ts';
import { realtimeSamples } from '../../voice/pcm.ts';
import type { EarlierWords, RealtimeAnswer } from '../../voice/realtime-exchange.ts';
import { callbackOf } from './callback.ts';
import { beginChat } from './chat.ts';
import { type Opening, threadMessageOf, writeMessages } from './messages.ts';
import { chatPrompt } from './prompt.ts';
import {
  type AudioChatArgs,
  type AudioChatResult,
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

/** What the service is told of the agent, and of what was said before. */
function toldOf(prompt: LanguageModelV3Prompt): { instructions: string; earlier: EarlierWords[] } {
  const [system, ...said] = prompt;
  const earlier = said.slice(0, -1).flatMap((message): EarlierWords[] => {
    if (message.role !== 'user' && message.role !== 'assistant') return [];
    const text = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(' ');
    return text === '' ? [] : [{ role: message.role, text }];
  });
  return { instructions: system?.role === 'system' ? system.content : '', earlier };
}

/** What a recording holds as a realtime service takes it. */
async function samplesOf({ house }: VoiceTurn, wanted: string): Promise<Taken> {
  const { kind, bytes, seconds } = await readRecording(house, wanted);
  const samples = kind === 'wav' ? realtimeSamples(bytes) : undefined;
  if (samples) return { samples, seconds };
  throw invalid(
    'A realtime agent takes recordings in wav, with samples of 16 bits: convert this one, or set architecture to "pipeline". Nothing was sent.',
    { audio_path: kind === 'wav' ? 'no 16-bit wav' : kind },
  );
}

type Taken = { samples: Buffer; seconds: number };
/** What came of the connection: what was said, what it cost, and the messages to keep. */
type Exchanged = { value: RealtimeAnswer; usage: Usage; said: ThreadMessage[] };

/** Listens and answers over one connection. What was heard before a failure stays in the thread. */
async function exchange(
  turn: VoiceTurn,
  args: AudioChatArgs,
  opening: Opening,
  { samples, seconds }: Taken,
): Promise<Exchanged> {
  const { house, by, watch } = turn;
  const access = await demandVoice(turn, 'realtime');
  const iteration = house.deps.newId('it');
  const said: ThreadMessage[] = [];
  const note = (role: 'user' | 'assistant', content: string) =>
    said.push(threadMessageOf(house, iteration, { role, content }));
  const told = toldOf(chatPrompt({ ...opening, isSpoken: true, isAlone: true }, '', house.deps.now()));
  const asked = { samples, ...told, onTranscript: (text: string) => note('user', text) };
  const more = ({ answer }: RealtimeAnswer) => answer?.audio.seconds ?? 0;
  watch.onStep('listening and answering over one connection');
  try {
    const done = await paidStep(turn, access, { amount: seconds, unit: 'second', spent: 0, more }, (means) =>
      realtimeTurn({ ...means, openSocket: house.deps.openSocket }, asked),
    );
    if (done.value.answer) note('assistant', done.value.answer.text);
    return { ...done, said };
  } catch (error) {
    const [heard] = said;
    if (!heard) throw stepError(error, 'realtime', threadKept(args, opening));
    const now = await beginChat(house, { ...args, message: heard.content, isRealtime: true });
    const thread_id = await writeMessages(house, by, now, { messages: said, usage: undefined });
    throw stepError(error, 'realtime', { thread_id, transcript: heard.content });
  }
}

/** Keeps a turn in its thread; gives the thread's id, and the conversation as it is then. */
async function kept(turn: VoiceTurn, args: AudioChatArgs, { value, usage, said }: Exchanged) {
  const { house, by } = turn;
  const named = { ...args, message: value.transcript, isRealtime: true };
  const thread_id = await writeMessages(house, by, await beginChat(house, named), { messages: said, usage });
  return { thread_id, opening: await beginChat(house, { ...named, thread_id }) };
}

/** A turn by voice over one connection: the service that listens answers too. It calls no functions, so it proposes nothing. */
export async function realtimeTurnOf(turn: VoiceTurn, args: AudioChatArgs, opening: Opening): Promise<AudioChatResult> {
  const { house, by, agent } = turn;
  const { deps } = house;
  const began = deps.now().getTime();
  const taken = await samplesOf(turn, args.audio_path);
  const done = await exchange(turn, args, opening, taken);
  const { usage, said } = done;
  const { transcript, answer } = done.value;
  if (!answer) {
    if ((usage.cost_usd ?? 0) > 0) await writeMessages(house, by, opening, { messages: [], usage });
    throw nobodySpeaks(transcript);
  }
  const iteration_id = said[0]?.agent_iteration_id ?? deps.newId('it');
  const { thread_id, opening: now } = await kept(turn, args, done);
  const result: AudioChatResult = {
    response: answer.text,
    transcript,
    audio: await leaveAnswer(turn, now, answer.audio, iteration_id),
    thread_id,
    iteration_id,
    execution_time_ms: deps.now().getTime() - began,
    usage: { ...usage, audio_seconds: Number((taken.seconds + answer.audio.seconds).toFixed(3)), characters: 0 },
  };
  await tellCallback(turn, callbackOf(agent, args.callback_url, deps.env), result);
  return result;
}
