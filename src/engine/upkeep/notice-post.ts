import type { NotifySettings } from '../../domain/base/config.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { digest } from '../../domain/base/digest.ts';
import { allowedHosts, urlProblem } from '../../domain/base/url.ts';
import { type NoticeFacts, noticeBody, noticeText, noticeTitle } from '../../domain/notices/notice.ts';
import { type Delivery, type PostPatience, postSigned } from '../../net/signed-post.ts';
import { isSecret, webhookId } from '../../net/standard-webhooks.ts';

/** Access tokens of ntfy. What else the variable holds is a secret to sign with, and never sent. */
const NTFY_TOKEN = /^tk_[A-Za-z0-9]{1,100}$/;

/** One try: whoever sends a notice that failed tries it again by itself, minutes later. */
const ONE_TRY: PostPatience = { pausesMs: [], longestPauseMs: 0, answerMs: 15_000 };

/** Where notices go: `place` names it without telling it. */
export type NoticePlace = Pick<NotifySettings, 'url' | 'format' | 'details'> & {
  place: string;
  secret?: string;
  token?: string;
};

function placeWith(notify: NotifySettings, env: Deps['env']): NoticePlace | { problem: string } {
  const { url, format, details, secret_env } = notify;
  const problem = urlProblem(url, allowedHosts(env));
  if (problem !== undefined) return { problem: `notify.url can't be used: ${problem}` };
  const found = { url, format, details, place: digest([url, format, secret_env ?? null]) };
  if (secret_env === undefined) return found;
  const secret = env[secret_env]?.trim();
  if (secret === undefined)
    return { problem: `notify.secret_env names ${secret_env}, which isn't set in this environment` };
  if (format === 'ntfy' && NTFY_TOKEN.test(secret)) return { ...found, token: secret };
  if (isSecret(secret)) return { ...found, secret };
  const what = format === 'ntfy' ? 'an access token of ntfy ("tk_..."), nor a signing secret' : 'a signing secret';
  return { problem: `${secret_env}, which notify.secret_env names, isn't ${what}: "whsec_" followed by base64` };
}

/** Where this process can send notices, or why it can't; undefined where the person wants none. */
export function noticePlace({
  config,
  env,
}: Pick<Deps, 'config' | 'env'>): NoticePlace | { problem: string } | undefined {
  try {
    const { notify } = config();
    return notify === undefined || 'problem' in notify ? notify : placeWith(notify, env);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The headers by which ntfy shows a notice. All of them are ASCII: the link was parsed as a URL. */
function ntfyHeaders({ token }: NoticePlace, title: string, url: string | undefined): Record<string, string> {
  return {
    title,
    ...(url === undefined ? {} : { click: url }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

type Words = { title: string; text: string; body: object; link: string | undefined };

function send(deps: Deps, to: NoticePlace, { title, text, body, link }: Words, id: string): Promise<Delivery> {
  const post = { url: to.url, id: webhookId(id, 'notice'), secret: to.secret, mayRepeat: true };
  const terms = { patience: ONE_TRY };
  if (to.format === 'json') return postSigned(deps, { ...post, body }, terms);
  const asText = { type: 'text/plain; charset=utf-8', headers: ntfyHeaders(to, title, link) };
  return postSigned(deps, { ...post, body: text, asText }, terms);
}

/**
 * Sends a notice to its one place: signed JSON, or as ntfy shows it. `id` is the same for every try to send one notice. Never
 * throws for what the receiver does.
 */
export function postNotice(deps: Deps, to: NoticePlace, facts: NoticeFacts, id: string): Promise<Delivery> {
  const words = { title: noticeTitle(facts), text: noticeText(facts), body: noticeBody(facts), link: facts.url };
  return send(deps, to, words, id);
}

/** Sends a notice that tells nothing but that notices arrive. */
export function postTestNotice(deps: Deps, to: NoticePlace): Promise<Delivery> {
  const link = deps.servedAt();
  const text = 'This is a test: notices of what waits for you arrive here.';
  const data = { text, ...(link === undefined ? {} : { url: link }) };
  const body = { type: 'notice.test', timestamp: deps.now().toISOString(), data };
  return send(deps, to, { title: 'Countersign: a test', text, body, link }, deps.newId('notice'));
}
