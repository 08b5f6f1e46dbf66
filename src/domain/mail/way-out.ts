import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Identity } from '../agents/identity.ts';

/** The ways by which a recipient says "no more emails": addresses and pages of one sender. */
export type WayOut = Pick<Identity, 'unsubscribe_url' | 'unsubscribe_mailto'>;

/** One email, as a way out names it: the part of its Message-ID before the @, and who it went to. */
export type LeaveFacts = { message: string; address: string };

/** Stands in `unsubscribe_url` for the recipient's address: without it the page can't know who wants out (RFC 8058, 3.1). */
const ADDRESS_IN_URL = '{email}';
const CIPHER = 'aes-256-gcm';
const [IV_BYTES, TAG_BYTES] = [12, 16];
/** What could be a token in a text: the shortest one seals a letter, a space, and an address of 3 characters. */
const LIKE_TOKEN = new RegExp(`[\\w-]{${Math.ceil(((IV_BYTES + 5 + TAG_BYTES) * 8) / 6)},}`, 'g');

/** Whether an email is outreach, and no answer in a conversation that the recipient began or joined. */
export function isOutreach(params: Record<string, unknown>): boolean {
  return params.in_reply_to === undefined;
}

function keyFor(secret: Buffer, use: string): Buffer {
  return createHmac('sha256', secret).update(`countersign way out: ${use}`).digest();
}

/**
 * A token by which this home, and nobody else, knows later which email a "no more" is about, and whose address. It is
 * the same for the same email: the initial vector is a keyed digest of what is sealed.
 */
export function leaveToken(secret: Buffer, { message, address }: LeaveFacts): string {
  const plain = Buffer.from(`${message} ${address}`);
  const iv = createHmac('sha256', keyFor(secret, 'vector')).update(plain).digest().subarray(0, IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyFor(secret, 'seal'), iv);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url');
}

function opened(secret: Buffer, token: string): LeaveFacts | undefined {
  const bytes = Buffer.from(token, 'base64url');
  const decipher = createDecipheriv(CIPHER, keyFor(secret, 'seal'), bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    const [message = '', address = ''] = plain.toString('utf8').split(' ');
    return { message, address };
  } catch {
    return undefined;
  }
}

/** The email that the first token of this home in a text is about; undefined where there is no such token in it. */
export function tokenIn(secret: Buffer, text: string): LeaveFacts | undefined {
  for (const [token] of text.matchAll(LIKE_TOKEN)) {
    const found = opened(secret, token);
    if (found) return found;
  }
  return undefined;
}

/** The page for one recipient, as it goes out. */
function pageFor(url: string, address: string): string {
  return new URL(url.replaceAll(ADDRESS_IN_URL, encodeURIComponent(address))).href;
}

/** Why a URL can't be a way out, beside what the guard says of it; undefined where it can. */
export function pageProblem(url: string): string | undefined {
  const [one, other] = ['a', 'b'].map((email) => url.replaceAll(ADDRESS_IN_URL, email));
  if (!one || !other || !URL.canParse(one)) return 'not a URL';
  if (new URL(one).protocol !== 'https:') return 'it has to begin with https:';
  return new URL(one).origin === new URL(other).origin ? undefined : `${ADDRESS_IN_URL} may not stand in the host`;
}

function mailtoFor(mailto: string, token: string): string {
  const at = mailto.lastIndexOf('@');
  const local = encodeURIComponent(mailto.slice(0, at));
  return `mailto:${local}${mailto.slice(at)}?subject=${encodeURIComponent(`unsubscribe ${token}`)}`;
}

/**
 * The headers by which mail programs offer a way out: List-Unsubscribe (RFC 2369, section 3.2), the page before the
 * address, and for the page List-Unsubscribe-Post (RFC 8058). None where the sender has no way out.
 */
export function wayOutHeaders(
  { unsubscribe_url: url, unsubscribe_mailto: mailto }: WayOut,
  { address, token }: { address: string; token: string },
): Record<string, string> {
  const ways = [
    ...(url === undefined ? [] : [pageFor(url, address)]),
    ...(mailto === undefined ? [] : [mailtoFor(mailto, token)]),
  ];
  if (ways.length === 0) return {};
  return {
    'List-Unsubscribe': ways.map((way) => `<${way}>`).join(', '),
    ...(url === undefined ? {} : { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
  };
}

/** A way out as the person who decides is shown it; undefined where the sender has none. */
export function wayOutInWords(
  { unsubscribe_url: url, unsubscribe_mailto: mailto }: WayOut,
  address: string,
): string | undefined {
  const ways = [
    ...(url === undefined ? [] : [`${pageFor(url, address)} (one click)`]),
    ...(mailto === undefined ? [] : [`an email to ${mailto}`]),
  ];
  return ways.length === 0 ? undefined : ways.join(', or ');
}
