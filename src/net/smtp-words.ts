import type { SmtpServer } from './smtp-url.ts';
import { withoutAddresses } from './without-addresses.ts';

/** How much of a server's reply is told, in characters. */
const MOST = 200;
/** Replies by which a server refuses or wants a login, at whatever stage (RFC 4954, section 6). */
const LOGIN_CODES = new Set([530, 534, 535, 538]);

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

/**
 * A server's words on one line, without the user name of the login. Where they hold the password, or either of the two
 * encoded, they are left out, all but the reply's code (`status`): nobody knows in which other forms the login stands there too.
 */
export function serverWords(text: string, { user = '', pass = '' }: SmtpServer, status?: number): string {
  // A name of one or two letters is no secret, and stands in any text.
  const name = user.length > 2 ? user : '';
  const told = name === '' ? text : text.replaceAll(new RegExp(name.replace(/[^\p{L}\p{N}]/gu, '\\$&'), 'gi'), '***');
  if (holdsSecret(text, pass) || holdsSecret(told, name)) {
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

/** What a failed session says: the server's reply code, if it gave one, the library's code, and words for a person. */
export type MailProblem = { status: number | undefined; code: string; words: string };

/**
 * A failed session in words. Of a failed login, only the code is the server's: a server that repeats what it got would
 * put the password into the result of a tool.
 */
export function mailProblem(error: unknown, server: SmtpServer, isLoggingIn: boolean): MailProblem {
  const replied = errorField(error, 'responseCode');
  const status = typeof replied === 'number' && replied >= 400 ? replied : undefined;
  const code = String(errorField(error, 'code'));
  const problem = (words: string) => ({ status, code, words });
  if (isLoggingIn || code === 'EAUTH' || code === 'ENOAUTH' || LOGIN_CODES.has(status ?? 0)) {
    if (status === undefined && code !== 'EAUTH' && code !== 'ENOAUTH')
      return problem('the connection was lost during the login');
    if (status !== undefined && status < 500)
      return problem(`the server can't take the login at the moment (${status})`);
    return problem(
      `the login failed${status === undefined ? '' : ` (${status})`}: check the user name and the password of the SMTP URL, both percent-encoded; many servers want a password made for apps`,
    );
  }
  const text = error instanceof Error ? error.message : String(error);
  const told = serverWords(text, server, status);
  return problem(status === undefined ? withoutAddresses(told, server.host) : told);
}
