import type { OpenSocket } from '../domain/base/deps.ts';
import { answerWithinMs } from '../evaluators/language-model.ts';
import { type RealtimeAnswer, type RealtimeAsked, RealtimeExchange } from './realtime-exchange.ts';
import { quotedWords, whoOf } from './request.ts';
import { StepFailed, type StepMeans } from './step.ts';

const TURN_MS = 180_000;
const MOST_EVENT_BYTES = 16 << 20;

export type RealtimeMeans = StepMeans & { openSocket: OpenSocket };

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
  let exchange: RealtimeExchange | undefined;
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
      exchange = new RealtimeExchange(means, asked, (event) => socket.send(JSON.stringify(event)));
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
