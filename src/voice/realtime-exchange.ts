import { isObject, isVast } from '../domain/base/json.ts';
import { isSpoken } from './heard-words.ts';
import { REALTIME_RATE } from './pcm.ts';
import { type Recording, recordingOf } from './recording.ts';
import { quotedWords, whoOf } from './request.ts';
import { plainLanguage, StepFailed, type StepMeans } from './step.ts';
import { LONGEST_TRANSCRIPT, MOST_ANSWER_BYTES } from './voice-limits.ts';
import { wavOf } from './wav.ts';

/** Pieces of a recording, in bytes: the API takes 15 MB in one event. */
const PIECE = 1 << 20;
const TRANSCRIBER = 'gpt-4o-mini-transcribe';
const FORMAT = { type: 'audio/pcm', rate: REALTIME_RATE } as const;
/** The most that is taken of one turn: its sound is written in base64, in pieces of a tenth of a second or more. */
const MOST_CHARACTERS = 24 << 20;
const MOST_EVENTS = 20_000;

export type EarlierWords = { role: 'user' | 'assistant'; text: string };
export type RealtimeAsked = {
  samples: Buffer;
  instructions: string;
  earlier: readonly EarlierWords[];
  /** Called once, with what was said, before anything is answered. */
  onTranscript: (transcript: string) => void;
};
/** What came of a turn; without an answer where nobody spoke. */
export type RealtimeAnswer = { transcript: string; answer?: { text: string; audio: Recording } };

type ServerEvent = Record<string, unknown> & { type: string };

function eventIn(text: string): ServerEvent | undefined {
  if (isVast(text, 50)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && typeof value.type === 'string' ? { ...value, type: value.type } : undefined;
  } catch {
    return undefined;
  }
}

function sessionOf({ access }: StepMeans, instructions: string): object {
  const transcription = { model: TRANSCRIBER, language: plainLanguage(access.language) };
  return {
    type: 'realtime',
    output_modalities: ['audio'],
    instructions,
    tools: [],
    audio: {
      input: { format: FORMAT, transcription, turn_detection: null },
      output: { format: FORMAT, voice: access.voice },
    },
  };
}

/** Where a piece of an answer belongs. One without a place belongs to the only one. */
function placeOf({ item_id, output_index, content_index }: ServerEvent): string {
  return JSON.stringify([item_id, output_index, content_index]);
}

/**
 * One turn as its events come: what was said, then what is answered. A service that repeats itself is heard once: an event
 * by its id, a transcript, one response, each of its parts until it ended.
 */
export class RealtimeExchange {
  readonly #means: StepMeans;
  readonly #asked: RealtimeAsked;
  readonly #send: (event: object) => void;
  readonly #pieces: Buffer[] = [];
  readonly #ids = new Set<unknown>();
  readonly #ended = new Set<string>();
  readonly #words = new Map<string, string>();
  #events = 0;
  #characters = 0;
  #bytes = 0;
  #transcript: string | undefined;
  #response: unknown;
  #isOver = false;

  constructor(means: StepMeans, asked: RealtimeAsked, send: (event: object) => void) {
    this.#means = means;
    this.#asked = asked;
    this.#send = send;
  }

  begin(): void {
    const { instructions, earlier, samples } = this.#asked;
    this.#send({ type: 'session.update', session: sessionOf(this.#means, instructions) });
    for (const { role, text } of earlier) {
      const content = [{ type: role === 'user' ? 'input_text' : 'output_text', text }];
      this.#send({ type: 'conversation.item.create', item: { type: 'message', role, content } });
    }
    for (let at = 0; at < samples.length; at += PIECE)
      this.#send({ type: 'input_audio_buffer.append', audio: samples.subarray(at, at + PIECE).toString('base64') });
    this.#send({ type: 'input_audio_buffer.commit' });
  }

  /** Takes one event; gives the whole turn once it is over. What comes after it is left unread. */
  async take(text: string): Promise<RealtimeAnswer | undefined> {
    if (this.#isOver) return undefined;
    this.#count(text);
    const event = eventIn(text);
    const { access } = this.#means;
    if (!event) throw new StepFailed(access, `${whoOf(access)} said something that isn't its protocol.`);
    if (event.type === 'error' || event.type.endsWith('transcription.failed')) throw this.#spokenFault(event.error);
    if (this.#isRepeated(event)) return undefined;
    if (event.type === 'conversation.item.input_audio_transcription.completed') return this.#heard(event.transcript);
    return this.#isOfAnswer(event) ? this.#answered(event) : undefined;
  }

  #count(text: string): void {
    const { access } = this.#means;
    this.#characters += text.length;
    if (++this.#events > MOST_EVENTS || this.#characters > MOST_CHARACTERS)
      throw new StepFailed(access, `${whoOf(access)} said more than one turn holds, so it was left.`);
  }

  #isRepeated({ event_id }: ServerEvent): boolean {
    if (typeof event_id !== 'string') return false;
    const isKnown = this.#ids.has(event_id);
    this.#ids.add(event_id);
    return isKnown;
  }

  /** Whether an event is of the response that was asked for: the first one after what was said. */
  #isOfAnswer({ type, response_id, response }: ServerEvent): boolean {
    if (!type.startsWith('response.') || this.#transcript === undefined) return false;
    const id = response_id ?? (isObject(response) ? response.id : undefined);
    this.#response ??= id;
    return id === undefined || id === this.#response;
  }

  async #answered(event: ServerEvent): Promise<RealtimeAnswer | undefined> {
    const place = placeOf(event);
    const [, kind, end] = /^response\.(?:output_)?(audio|audio_transcript)\.(delta|done)$/.exec(event.type) ?? [];
    if (kind === 'audio' && end === 'delta' && !this.#ended.has(place)) this.#sound(event.delta);
    if (kind === 'audio' && end === 'done') this.#ended.add(place);
    if (kind === 'audio_transcript' && end === 'done' && !this.#words.has(place))
      this.#words.set(place, typeof event.transcript === 'string' ? event.transcript : '');
    if (event.type !== 'response.done') return undefined;
    this.#isOver = true;
    return this.#done(event.response);
  }

  #spokenFault(error: unknown): StepFailed {
    const { access } = this.#means;
    const said = isObject(error) && typeof error.message === 'string' ? error.message : 'no reason given';
    return new StepFailed(access, `${whoOf(access)} answered an error: ${quotedWords(said, access)}.`);
  }

  #heard(given: unknown): RealtimeAnswer | undefined {
    if (this.#transcript !== undefined) return undefined;
    const text = typeof given === 'string' ? given.slice(0, LONGEST_TRANSCRIPT).trim() : '';
    const transcript = Buffer.from(text, 'utf8').toString('utf8');
    this.#transcript = transcript;
    this.#isOver = !isSpoken(transcript);
    if (this.#isOver) return { transcript };
    this.#asked.onTranscript(transcript);
    this.#send({ type: 'response.create' });
    return undefined;
  }

  #sound(delta: unknown): void {
    const piece = Buffer.from(typeof delta === 'string' ? delta : '', 'base64');
    this.#bytes += piece.length;
    this.#pieces.push(piece);
    const { access } = this.#means;
    if (this.#bytes > MOST_ANSWER_BYTES)
      throw new StepFailed(access, `${whoOf(access)} gave an answer of more than ${MOST_ANSWER_BYTES >> 20} MB.`);
  }

  async #done(response: unknown): Promise<RealtimeAnswer> {
    const { access } = this.#means;
    const { status, status_details, output } = isObject(response) ? response : {};
    const samples = Buffer.concat(this.#pieces);
    const audio = await recordingOf(wavOf(samples.subarray(0, samples.length & ~1), REALTIME_RATE));
    const words = [...this.#words.values()].join(' ').slice(0, LONGEST_TRANSCRIPT).trim();
    if (status === 'completed' && audio && this.#transcript !== undefined)
      return {
        transcript: this.#transcript,
        answer: { text: Buffer.from(words, 'utf8').toString('utf8'), audio },
      };
    const details = isObject(status_details) ? status_details.error : undefined;
    if (isObject(details)) throw this.#spokenFault(details);
    const isCall = Array.isArray(output) && output.some((item) => isObject(item) && item.type === 'function_call');
    const why = isCall
      ? 'asked for a function instead of an answer; a realtime turn calls none, so nothing was done'
      : `ended without an answer (${quotedWords(String(status), access)})`;
    throw new StepFailed(access, `${whoOf(access)} ${why}.`);
  }
}
