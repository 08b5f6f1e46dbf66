import type { Deps } from '../domain/base/deps.ts';
import { type RequestError, requestErrorIn } from './request-error.ts';
import { askedWait, waitedFor } from './retry.ts';
import { isSecret, webhookHeaders } from './standard-webhooks.ts';

export type Post = {
  url: string;
  body: unknown;
  /** The same for every attempt, so that the receiver can tell a repeat: `webhook-id` and `idempotency-key`. */
  id: string;
  /** `whsec_` and base64; without one the post isn't signed. */
  secret?: string | undefined;
  /** Twice does no harm, so that a post which may have arrived is sent again: news, not deeds. */
  mayRepeat?: boolean;
};

/** How long a receiver is waited for, and after which pauses it is tried again. */
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

/** Whether another try may do better, and no harm. */
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
        'content-type': 'application/json',
        'user-agent': 'countersign',
        'idempotency-key': post.id,
        ...webhookHeaders(post.id, at, text, post.secret),
      },
      body: text,
      signal: AbortSignal.timeout(limitMs),
    });
    // The status says it all; what is written with it is a stranger's.
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

/** What the last answer amounts to. An attempt that may have arrived stays unknown until the receiver answers. */
function verdict(answer: Answer, post: Post, tries: number, mayHaveArrived: boolean): Delivery {
  if (!('fate' in answer) && answer.status >= 200 && answer.status < 300)
    return { outcome: 'accepted', status: answer.status, tries };
  const message = `${inWords(answer, new URL(post.url).host)}${tries > 1 ? ` It was tried ${tries} times.` : ''}`;
  if ('fate' in answer) return { outcome: mayHaveArrived ? 'unknown' : 'failed', message };
  return { outcome: 'failed', status: answer.status, message };
}

/**
 * Posts JSON as Standard Webhooks say. 408, 429, 5xx and connections that never came about are tried again, three times in
 * all, with pauses or as Retry-After asks, within bounds. What was sent and got no answer may have arrived: it isn't sent
 * again by itself, unless it may be repeated. Redirects are never followed. Never throws for what a receiver does.
 */
export async function postSigned(
  deps: Pick<Deps, 'fetch' | 'now'>,
  post: Post,
  { patience = POST_PATIENCE, ended }: { patience?: PostPatience; ended?: AbortSignal } = {},
): Promise<Delivery> {
  if (post.secret !== undefined && !isSecret(post.secret))
    return { outcome: 'failed', message: 'Nothing was sent: the secret isn\'t "whsec_" followed by base64.' };
  const text = JSON.stringify(post.body);
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
