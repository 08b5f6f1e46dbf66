import { TokenProblem, tokenSecrets } from './mail-token.ts';
import type { SmtpServer } from './smtp-settings.ts';
import { withoutAddresses } from './without-addresses.ts';

/** How much of a server's reply is told, in characters. */
const MOST = 200;
/** Replies by which a server refuses or wants a login, at whatever stage (RFC 4954, section 6). */
export const LOGIN_CODES: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** A text as it is searched for secrets: a server may break lines in them, and begins each with its code. */
function squeezed(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, '').toLowerCase();
}

/** The part of base64 that a secret alone decides when it stands in a longer text, at each of the three alignments. */
function base64Within(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const first = Math.ceil((before * 8) / 6);
    return whole.toString('base64').slice(first, Math.floor((whole.length * 8) / 6));
  });
}

/** A secret in the forms in which a server can have got it, or may write it. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const plain = [secret, encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1)];
  const hex = bytes.toString('hex');
  const escaped = hex.replace(/../g, '%$&');
  // Three characters of base64 stand in many a text that has nothing to do with the secret.
  const base64 = [bytes.toString('base64'), ...base64Within(secret)].filter((form) => form.length > 3);
  const urlSafe = base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [...plain, hex, escaped, ...base64, ...urlSafe].map(squeezed).filter((form) => form !== '');
}

/** Whether a text holds a secret in any of its forms. */
function holdsSecret(text: string, secret: string): boolean {
  if (secret === '') return false;
  const withoutCodes = text.replace(/^\s*\d{3}[- ](?:\d\.\d{1,3}\.\d{1,3}\s)?/gm, '');
  const searched = [squeezed(text), squeezed(withoutCodes)];
  return formsOf(secret).some((form) => searched.some((each) => each.includes(form)));
}

/** A login whose words may not be told: `fetched` are the tokens that were fetched for it. */
export type Login = Pick<SmtpServer, 'user' | 'pass' | 'token'> & { fetched?: readonly string[] };

/**
 * A server's words on one line, without the user name of the login. Where they hold the password or a token, or any of
 * them encoded, they are left out, all but the reply's code (`status`): nobody knows in which other forms the login
 * stands there too.
 */
export function serverWords(
  text: string,
  { user = '', pass = '', token, fetched = [] }: Login,
  status?: number,
): string {
  const secrets = [pass, ...fetched, ...(token ? tokenSecrets(token) : [])];
  // A name of one or two letters is no secret, and stands in any text.
  const name = user.length > 2 ? user : '';
  const told = name === '' ? text : text.replaceAll(new RegExp(name.replace(/[^\p{L}\p{N}]/gu, '\\$&'), 'gi'), '***');
  if (secrets.some((secret) => holdsSecret(text, secret)) || holdsSecret(told, name)) {
    return `${status === undefined ? '' : `${status} `}(its words held the login, so they are left out)`;
  }
  return told
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, MOST);
}

function errorField(error: unknown, name: string): unknown {
  return error instanceof Error ? Reflect.get(error, name) : undefined;
}

/** What a failed session says: the server's reply codes, if it gave any, the library's code, and words for a person. */
export type MailProblem = {
  status: number | undefined;
  /** The enhanced code of the reply (RFC 3463), such as 5.1.1. */
  enhanced?: string;
  /** The command that the reply is to. */
  command: string;
  code: string;
  words: string;
  /** The server's reply alone. */
  reply: string;
};

/** A failed session as it was under way: how far it came, and why there was no token for its login. */
export type SessionEnd = { isLoggingIn: boolean; noToken?: unknown; fetched: readonly string[] };

function loginWords(status: number | undefined, code: string, toCheck: string): string {
  if (status === undefined && code !== 'EAUTH' && code !== 'ENOAUTH') return 'the connection was lost during the login';
  if (status !== undefined && status < 500) return `the server can't take the login at the moment (${status})`;
  return `the login failed${status === undefined ? '' : ` (${status})`}: check ${toCheck}`;
}

/**
 * A failed session in words. Of a failed login, only the code is the server's: a server that repeats what it got would
 * put the password into the result of a tool.
 */
export function mailProblem(
  error: unknown,
  server: SmtpServer,
  { isLoggingIn, noToken, fetched }: SessionEnd,
): MailProblem {
  if (noToken instanceof TokenProblem)
    return { status: undefined, command: '', code: `TOKEN_${noToken.fate}`, words: noToken.message, reply: '' };
  const replied = errorField(error, 'responseCode');
  const status = typeof replied === 'number' && replied >= 400 ? replied : undefined;
  const code = String(errorField(error, 'code'));
  const command = String(errorField(error, 'command'));
  const text = error instanceof Error ? error.message : String(error);
  const response = String(errorField(error, 'response') ?? '');
  const [, enhanced] = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response) ?? [];
  const found = { status, code, command, ...(enhanced === undefined ? {} : { enhanced }) };
  if (isLoggingIn || code === 'EAUTH' || code === 'ENOAUTH' || LOGIN_CODES.has(status ?? 0))
    return { ...found, words: loginWords(status, code, server.toCheck), reply: '' };
  const told = (words: string) => serverWords(words, { ...server, fetched }, status);
  const words = status === undefined ? withoutAddresses(told(text), server.host) : told(text);
  return { ...found, words, reply: told(response) };
}
