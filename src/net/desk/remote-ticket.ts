import { isObject } from '../../domain/base/json.ts';
import { capped } from '../capped-body.ts';

/** A home that is served elsewhere, and the token for it. */
type Target = { url: URL; token: string };
/** What the page is opened for: with `passkey`, to add one under this name. */
type EntryWish = { passkey?: { name?: string } };

const PATIENCE_MS = 15_000;
const MOST_BYTES = 64 << 10;
const SAY: Record<number, string> = {
  401: 'takes no such token: COUNTERSIGN_TOKEN is wrong, over or revoked. Ask whoever keeps that home for a new one.',
  403: 'refuses the request: it isn’t known by the name in the URL. Its keeper can start it with --public-url.',
  404: 'has no desk at this URL. Give the address that countersign serve says, without a path.',
  429: 'takes no login from here for a minute: too many failed.',
};

async function entryAnswer({ url, token }: Target, wish: EntryWish): Promise<Response> {
  const at = new URL('/desk/entry', url);
  try {
    const response = await globalThis.fetch(at, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(wish),
      // Wherever a redirect leads to, the token isn't for.
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return capped(response, at, MOST_BYTES, () => undefined);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Error(
      `${url.host} can't be reached (${code}). Is countersign serve running there, and this machine online?`,
    );
  }
}

/**
 * A ticket to the desk of a home that is served elsewhere, for the person whose token it is, and the link that people use
 * there. Throws Error, with what to do.
 */
export async function remoteTicket(target: Target, wish: EntryWish = {}): Promise<{ ticket: string; base: string }> {
  const { url } = target;
  const response = await entryAnswer(target, wish);
  const { status } = response;
  if (status >= 300 && status < 400)
    throw new Error(`${url.host} leads elsewhere, where the token isn't sent. Give the address that it is served at.`);
  if (status !== 200) throw new Error(`${url.host} ${SAY[status] ?? `answered with the status ${status}.`}`);
  const told: unknown = await response.json().catch(() => undefined);
  const { ticket, url: link }: Record<string, unknown> = isObject(told) ? told : {};
  if (typeof ticket !== 'string' || !/^[\w-]{43}$/.test(ticket))
    throw new Error(`${url.host} gave no ticket: what answers there is no Countersign of this version.`);
  const base = typeof link === 'string' && URL.canParse(link) ? new URL(link).origin : '';
  // Nothing is opened but the page of the server that got the token.
  if (base !== url.origin)
    throw new Error(
      `The home at ${url.origin} says that people open it at another address. Give that one: countersign open ${base || 'URL'}`,
    );
  return { ticket, base };
}
