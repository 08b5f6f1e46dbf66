import type { OpenSocket } from '../domain/base/deps.ts';
import { isObject, isVast } from '../domain/base/json.ts';
import { answerWithinMs } from '../evaluators/language-model.ts';
import { isSpoken } from './heard-words.ts';
import { REALTIME_RATE } from './pcm.ts';
import { type Recording, recordingOf } from './recording.ts';
import { quotedWords, whoOf } from './request.ts';
import { plainLanguage, StepFailed, type StepMeans } from './step.ts';
import { LONGEST_TRANSCRIPT, MOST_ANSWER_BYTES } from './voice-limits.ts';
import { wavOf } from './wav.ts';

const TURN_MS = 180_000;
/** Pieces of a recording, in bytes: the API takes 15 MB in one event. */
const PIECE = 1 << 20;
const MOST_EVENT_BYTES = 16 << 20;
const TRANSCRIBER = 'gpt-4o-mini-transcribe';
const FORMAT = { type: 'audio/pcm', rate: REALTIME_RATE } as const;

export type RealtimeMeans = StepMeans & { openSocket: OpenSocket };
export type EarlierWords = { role: 'user' | 'assistant'; text: string };
export type RealtimeAsked = {
  samples: Buffer;
  instructions: string;
  earlier: readonly EarlierWords[];
  /** Called with what was said, before anything is answered. */
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

/** One turn as its events come: what was said, then what is answered. */
class Exchange {
  readonly #means: RealtimeMeans;
  readonly #asked: RealtimeAsked;
  readonly #send: (event: object) => void;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #transcript: string | undefined;
  #words = '';

  constructor(means: RealtimeMeans, asked: RealtimeAsked, send: (event: object) => void) {
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

  /** Takes one event; gives the whole turn once it is over. */
  async take(text: string): Promise<RealtimeAnswer | undefined> {
    const event = eventIn(text);
    const { access } = this.#means;
    if (!event) throw new StepFailed(access, `${whoOf(access)} said something that isn't its protocol.`);
    if (event.type === 'error' || event.type.endsWith('transcription.failed')) throw this.#spokenFault(event.error);
    if (event.type === 'conversation.item.input_audio_transcription.completed') return this.#heard(event.transcript);
    if (/^response\.(?:output_)?audio\.delta$/.test(event.type)) this.#sound(event.delta);
    if (/^response\.(?:output_)?audio_transcript\.done$/.test(event.type) && typeof event.transcript === 'string')
      this.#words += `${this.#words === '' ? '' : ' '}${event.transcript.slice(0, LONGEST_TRANSCRIPT)}`;
    return event.type === 'response.done' ? this.#done(event.response) : undefined;
  }

  #spokenFault(error: unknown): StepFailed {
    const { access } = this.#means;
    const said = isObject(error) && typeof error.message === 'string' ? error.message : 'no reason given';
    return new StepFailed(access, `${whoOf(access)} answered an error: ${quotedWords(said, access)}.`);
  }

  #heard(given: unknown): RealtimeAnswer | undefined {
    const text = typeof given === 'string' ? given.slice(0, LONGEST_TRANSCRIPT).trim() : '';
    const transcript = Buffer.from(text, 'utf8').toString('utf8');
    this.#transcript = transcript;
    if (!isSpoken(transcript)) return { transcript };
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
    const status = isObject(response) ? response.status : undefined;
    const samples = Buffer.concat(this.#pieces);
    const audio = await recordingOf(wavOf(samples.subarray(0, samples.length & ~1), REALTIME_RATE));
    if (status === 'completed' && audio && this.#transcript !== undefined)
      return {
        transcript: this.#transcript,
        answer: { text: Buffer.from(this.#words.trim(), 'utf8').toString('utf8'), audio },
      };
    const details = isObject(response) && isObject(response.status_details) ? response.status_details.error : undefined;
    if (isObject(details)) throw this.#spokenFault(details);
    throw new StepFailed(access, `${whoOf(access)} ended without an answer (${quotedWords(String(status), access)}).`);
  }
}

/** A clock that runs out where nothing is heard for a while, or the turn takes too long. */
function watchOf(means: RealtimeMeans, fail: (error: Error) => void) {
  const { access, deps, signal } = means;
  const ms = answerWithinMs(deps.env);
  const late = (limit: number) => () =>
    fail(new StepFailed(access, `${whoOf(access)} gave no answer in time (nothing within ${limit / 1000} s).`));
  let quiet = setTimeout(late(ms), ms);
  const whole = setTimeout(late(TURN_MS), TURN_MS);
  const stop = () => fail(new StepFailed(access, 'The call was cancelled.'));
  signal.addEventListener('abort', stop, { once: true });
  return {
    heard() {
      clearTimeout(quiet);
      quiet = setTimeout(late(ms), ms);
    },
    end() {
      clearTimeout(quiet);
      clearTimeout(whole);
      signal.removeEventListener('abort', stop);
    },
  };
}

function unopened(means: RealtimeMeans, error: unknown): StepFailed {
  const { access } = means;
  const said = quotedWords(error instanceof Error ? error.message : String(error), access);
  const key = access.key ? `the key in ${access.key.name}` : 'the key, which is sent to hosts that you allowed';
  return new StepFailed(
    access,
    `${whoOf(access)} opened no connection: ${said}. Check ${key}, voice.realtime_base_url and the model "${access.model}".`,
    true,
  );
}

/** One turn over OpenAI's Realtime WebSocket, which is closed after it. Throws StepFailed. */
export async function realtimeTurn(means: RealtimeMeans, asked: RealtimeAsked): Promise<RealtimeAnswer> {
  const { access, openSocket } = means;
  const url = new URL(`${access.base_url}/realtime?model=${encodeURIComponent(access.model)}`);
  const turn = resolversOf<RealtimeAnswer>();
  const clock = watchOf(means, turn.reject);
  let exchange: Exchange | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const onText = (text: string) => {
    clock.heard();
    last = last.then(() => exchange?.take(text)).then((whole) => whole && turn.resolve(whole), turn.reject);
  };
  const onClose = (why: string) =>
    void last.then(() =>
      turn.reject(new StepFailed(access, `${whoOf(access)} gave no whole answer: ${quotedWords(why, access)}.`)),
    );
  const headers = access.key ? { authorization: `Bearer ${access.key.value}` } : {};
  const opening = openSocket(url, { headers, maxBytes: MOST_EVENT_BYTES, onText, onClose });
  opening.then(
    (socket) => {
      exchange = new Exchange(means, asked, (event) => socket.send(JSON.stringify(event)));
      exchange.begin();
    },
    (error) => turn.reject(unopened(means, error)),
  );
  try {
    return await turn.promise;
  } finally {
    clock.end();
    opening.then(
      (socket) => socket.close(),
      () => undefined,
    );
  }
}

function resolversOf<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
