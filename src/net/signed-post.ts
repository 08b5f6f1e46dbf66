import type { Deps } from '../domain/base/deps.ts';
import { type RequestError, requestErrorIn } from './request-error.ts';
import { askedWait, waitedFor } from './retry.ts';
import { isSecret, webhookHeaders } from './standard-webhooks.ts';

export type Post = {
  url: string;
  body: unknown;
  /** Where the body is a text that goes as it is: its type, and headers that go with it. */
  asText?: { type: string; headers: Readonly<Record<string, string>> };
  /**
   * The same for every attempt, so that the receiver recognizes a repeat. Sent as `webhook-id` and `idempotency-key`.
   */
  id: string;
  /** `whsec_` followed by base64. Without a secret, the post isn't signed. */
  secret?: string | undefined;
  /** A repeat does no harm, as with news. A post that may have arrived is then sent again. */
  mayRepeat?: boolean;
};

/** The pauses before further tries, and how long to wait for a receiver, all in milliseconds. */
export type PostPatience = { pausesMs: readonly number[]; longestPauseMs: number; answerMs: number };

const POST_PATIENCE: PostPatience = { pausesMs: [1_000, 3_000], longestPauseMs: 30_000, answerMs: 15_000 };

/** `failed`: the receiver refused it, or nothing reached it. `unknown`: it may have arrived. */
export type Delivery =
  | { outcome: 'accepted'; status: number; tries: number }
  | { outcome: 'failed'; status?: number; message: string }
  | { outcome: 'unknown'; message: string };

type Answer = { status: number; wait: number | undefined } | RequestError;

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Whether another try may succeed, and does no harm. */
function isWorthwhile(answer: Answer, { mayRepeat = false }: Post): boolean {
  if (!('fate' in answer)) return isPassing(answer.status);
  return answer.fate === 'not_sent' || (answer.fate === 'unknown' && mayRepeat);
}

async function tryOnce(deps: Pick<Deps, 'fetch' | 'now'>, post: Post, text: string, limitMs: number): Promise<Answer> {
  const at = deps.now();
  try {
    const response = await deps.fetch(post.url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        ...post.asText?.headers,
        'content-type': post.asText?.type ?? 'application/json',
        'user-agent': 'countersign',
        'idempotency-key': post.id,
        ...webhookHeaders(post.id, at, text, post.secret),
      },
      body: text,
      signal: AbortSignal.timeout(limitMs),
    });
    // Only the status counts. The body is text of an unknown server, and isn't read.
    response.body?.cancel().catch(() => undefined);
    return { status: response.status, wait: askedWait(response.headers, at) };
  } catch (error) {
    const known = requestErrorIn(error);
    if (known) return known;
    throw error;
  }
}

function inWords(answer: Answer, host: string): string {
  if ('fate' in answer) return answer.message;
  if (answer.status >= 300 && answer.status < 400)
    return `${host} answered ${answer.status}, a redirect, which is never followed: set the URL it leads to.`;
  return `${host} answered ${answer.status}.`;
}

/**
 * What the last answer means. Where an earlier try may have arrived, the outcome stays unknown until the receiver
 * answers.
 */
function verdict(answer: Answer, post: Post, tries: number, mayHaveArrived: boolean): Delivery {
  if (!('fate' in answer) && answer.status >= 200 && answer.status < 300)
    return { outcome: 'accepted', status: answer.status, tries };
  const message = `${inWords(answer, new URL(post.url).host)}${tries > 1 ? ` It was tried ${tries} times.` : ''}`;
  if ('fate' in answer) return { outcome: mayHaveArrived ? 'unknown' : 'failed', message };
  return { outcome: 'failed', status: answer.status, message };
}

/**
 * Posts JSON as Standard Webhooks 1.0.0 say. It tries three times in all: after 408, 429 and 5xx, and where no
 * connection came about, with pauses, or as Retry-After asks within bounds. A post that was sent without an answer may
 * have arrived: it is sent again only if it may be repeated. Redirects are never followed. Never throws for what a
 * receiver does.
 */
export async function postSigned(
  deps: Pick<Deps, 'fetch' | 'now'>,
  post: Post,
  { patience = POST_PATIENCE, ended }: { patience?: PostPatience; ended?: AbortSignal } = {},
): Promise<Delivery> {
  if (post.secret !== undefined && !isSecret(post.secret))
    return { outcome: 'failed', message: 'Nothing was sent: the secret isn\'t "whsec_" followed by base64.' };
  const text = post.asText ? String(post.body) : JSON.stringify(post.body);
  let mayHaveArrived = false;
  for (let tries = 1; ; tries++) {
    const answer = await tryOnce(deps, post, text, patience.answerMs);
    if ('fate' in answer && answer.fate === 'unknown') mayHaveArrived = true;
    const wait = patience.pausesMs[tries - 1];
    if (!isWorthwhile(answer, post) || wait === undefined) return verdict(answer, post, tries, mayHaveArrived);
    const asked = 'fate' in answer ? undefined : answer.wait;
    const longest = Math.min(patience.longestPauseMs, Math.max(wait, asked ?? 0));
    if (!(await waitedFor(longest, ended))) return verdict(answer, post, tries, mayHaveArrived);
  }
}
