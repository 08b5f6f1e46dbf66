import { setTimeout as pause } from 'node:timers/promises';
import { askedWait } from './retry.ts';

/** How long to wait for a server, in milliseconds, and how often to ask it again. */
export type Patience = {
  /** Until the headers arrive. How long the body may take is up to the caller's signal. */
  headersMs: number;
  /** The most attempts. A Retry-After beyond `longestWaitMs` ends them too. */
  attempts: number;
  /** The most attempts where the server says when to come back. */
  attemptsWhenTold: number;
  /** The most attempts where no answer came at all. */
  attemptsUnheard: number;
  firstWaitMs: number;
  longestBackoffMs: number;
  longestWaitMs: number;
};

export const PATIENCE: Patience = {
  headersMs: 90_000,
  attempts: 6,
  attemptsWhenTold: 8,
  attemptsUnheard: 3,
  firstWaitMs: 500,
  longestBackoffMs: 8_000,
  longestWaitMs: 60_000,
};

type Fetch = typeof globalThis.fetch;

/** Whether the server is busy, slow or broken only for now. 529 is Anthropic's status for overloaded. */
function isPassing(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/**
 * Milliseconds to wait before another attempt; undefined where there is none. The wait is partly random, so that
 * workers don't all return at once.
 */
function waitBefore(attempt: number, answer: Response | undefined, patience: Patience, now: Date): number | undefined {
  const asked = answer ? askedWait(answer.headers, now) : undefined;
  const heard = asked === undefined ? patience.attempts : patience.attemptsWhenTold;
  if (attempt >= (answer ? heard : patience.attemptsUnheard)) return undefined;
  if (asked !== undefined && asked > patience.longestWaitMs) return undefined;
  const backoff = Math.min(patience.longestBackoffMs, patience.firstWaitMs * 2 ** (attempt - 1));
  return asked === undefined ? backoff * (0.5 + Math.random() / 2) : asked + Math.random() * 100;
}

/**
 * Whether another attempt is pointless: the guard refused, the caller aborted, or the server stayed silent to the
 * limit.
 */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  return ('fate' in error && error.fate === 'refused') || error.name === 'AbortError' || error.name === 'TimeoutError';
}

/**
 * The signal of one attempt. The caller may abort it at any time, also while the body is read. It aborts by itself when
 * no headers came within `ms`; `heard` says that they came.
 */
function headersWatch(ms: number, outer: AbortSignal | null) {
  const controller = new AbortController();
  const tooLong = () => controller.abort(new DOMException(`no answer within ${ms / 1000} s`, 'TimeoutError'));
  const timer = setTimeout(tooLong, ms);
  const follow = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', follow, { once: true });
  if (outer?.aborted) follow();
  return { signal: controller.signal, heard: () => clearTimeout(timer) };
}

/**
 * A fetch that waits for a server and asks it again where that helps: after 408, 409, 429 and 5xx, as Retry-After says
 * or else after growing pauses, and after a connection that failed. It returns redirects and never follows them. After
 * the last attempt, the caller gets the last answer or error. `read` may read an answer's body, and give the answer that
 * counts instead; what it throws is final.
 */
export function patientFetch(
  fetch: Fetch,
  patience: Patience,
  now: () => Date,
  read: (answer: Response) => Promise<Response> = async (answer) => answer,
): Fetch {
  return async (input, init) => {
    const outer = init?.signal ?? null;
    for (let attempt = 1; ; attempt++) {
      outer?.throwIfAborted();
      const watch = headersWatch(patience.headersMs, outer);
      let answer: Response | undefined;
      let failure: unknown;
      try {
        answer = await fetch(input, { ...init, redirect: 'manual', signal: watch.signal });
      } catch (error) {
        failure = watch.signal.aborted ? watch.signal.reason : error;
        if (isFinal(failure)) throw failure;
      } finally {
        watch.heard();
      }
      if (answer) answer = await read(answer);
      if (answer && !isPassing(answer.status)) return answer;
      const wait = waitBefore(attempt, answer, patience, now());
      if (wait === undefined && answer) return answer;
      if (wait === undefined) throw failure;
      answer?.body?.cancel().catch(() => undefined);
      await pause(wait, undefined, outer ? { signal: outer } : {});
    }
  };
}
