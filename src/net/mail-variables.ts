import type { Deps } from '../domain/base/deps.ts';
import type { TokenLogin, TokenRefresh } from './mail-token.ts';

type Env = Deps['env'];

/** Why variables name no server, in words that hold nothing of what they hold. */
export type Unusable = { problem: string };

/** What may follow the name of a variable that is given in parts, and what it holds. */
const SERVER_PARTS = ['HOST', 'PORT', 'USER', 'PASSWORD'] as const;
const TOKEN_PARTS = ['ACCESS_TOKEN', 'REFRESH_TOKEN', 'CLIENT_ID', 'CLIENT_SECRET', 'TOKEN_URL'] as const;
type PartName = (typeof SERVER_PARTS)[number] | (typeof TOKEN_PARTS)[number] | 'MAILBOX';

const GOOGLE = 'https://oauth2.googleapis.com/token';
const MICROSOFT = 'https://login.microsoftonline.com/common/oauth2/v2.0/token';
/** Where the large providers give new access tokens, by mail server. */
const TOKEN_URLS: Readonly<Record<string, string>> = {
  'smtp.gmail.com': GOOGLE,
  'imap.gmail.com': GOOGLE,
  'smtp.office365.com': MICROSOFT,
  'smtp-mail.outlook.com': MICROSOFT,
  'outlook.office365.com': MICROSOFT,
  'imap-mail.outlook.com': MICROSOFT,
};
const HOST = /^[\p{L}\p{N}.:_-]{1,255}$/u;
const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;
/** What a failed login often comes from. */
const APP_PASSWORD = 'many servers want a password made for apps';

/** The variables of one mail server or mailbox: each is the name that the identity has, and a part behind it. */
export class MailVariables {
  readonly name: string;
  private readonly env: Env;

  constructor(name: string, env: Env) {
    this.name = name;
    this.env = env;
  }

  nameOf(part: PartName): string {
    return `${this.name}_${part}`;
  }

  /** The URL that the name alone stands for. */
  get url(): string | undefined {
    return this.env[this.name];
  }

  /** A part as it stands there; undefined where it is unset or empty. */
  whole(part: PartName): string | undefined {
    const value = this.env[this.nameOf(part)];
    return value === undefined || value === '' ? undefined : value;
  }

  /** A part without white space around it, for everything but passwords. */
  trimmed(part: PartName): string | undefined {
    const value = this.whole(part)?.trim();
    return value === '' ? undefined : value;
  }

  given(parts: readonly PartName[]): string[] {
    return parts.filter((part) => this.whole(part) !== undefined).map((part) => this.nameOf(part));
  }
}

/** Whether a login has to go over TLS: on this machine it needn't. */
export function demandsTls(host: string): boolean {
  return !LOOPBACK.test(host);
}

/** Percent-decodes a text. A person may have left a percent sign unencoded; the text is then taken as it stands. */
export function withoutPercents(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An option of a URL that is on or off; undefined where it isn't there. */
export function flagIn(url: URL, option: string): boolean | undefined {
  const value = url.searchParams.get(option);
  return value === null ? undefined : value === 'true' || value === '1';
}

/** What of a server and its login a URL says, decoded; `secure`: TLS from the first byte. */
export type UrlParts = {
  url: URL;
  host: string;
  port: number | undefined;
  secure: boolean;
  user: string;
  pass: string;
  tls: { rejectUnauthorized?: boolean; servername?: string };
};

/**
 * Reads the URL of a server, such as `smtp://user:password@host:port` or `imaps://...`, with `tls.rejectUnauthorized` and
 * `tls.servername` behind a question mark; undefined where it is none of this scheme. A password that isn't encoded may end
 * where a path, a query or a fragment begins: then its start stands for the host, and the URL is none.
 */
export function partsOfUrl(text: string, scheme: 'smtp' | 'imap'): UrlParts | undefined {
  const trimmed = text.trim();
  if (!new RegExp(`^${scheme}s?://`, 'i').test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  const host = withoutPercents(url.hostname).replace(/^\[|\]$/g, '');
  if (!HOST.test(host) || url.hash !== '' || `${url.pathname}${url.search}`.includes('@')) return undefined;
  const rejectUnauthorized = flagIn(url, 'tls.rejectUnauthorized');
  const servername = url.searchParams.get('tls.servername');
  return {
    ...{ url, host },
    port: url.port === '' ? undefined : Number(url.port),
    secure: url.protocol === `${scheme}s:`,
    user: withoutPercents(url.username),
    pass: withoutPercents(url.password),
    tls: {
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      ...(servername === null ? {} : { servername }),
    },
  };
}

/** The server that parts name, unencoded. */
export function addressOfParts(variables: MailVariables, usual: number): { host: string; port: number } | Unusable {
  const host = variables.trimmed('HOST') ?? '';
  if (!HOST.test(host)) return { problem: `${variables.nameOf('HOST')} isn't the name of a server` };
  const given = variables.trimmed('PORT') ?? String(usual);
  const port = Number(given);
  if (!/^\d{1,5}$/.test(given) || port < 1 || port > 65_535)
    return { problem: `${variables.nameOf('PORT')} isn't a port, a number up to 65535` };
  return { host, port };
}

/** Why it isn't clear which server is meant; undefined where it is. */
export function sourceProblem(variables: MailVariables): Unusable | undefined {
  const { name, url } = variables;
  const [first] = variables.given(SERVER_PARTS);
  if (url !== undefined && first !== undefined)
    return { problem: `both ${name} and ${first} are set: unset one, so that it is clear which server is meant` };
  if (url !== undefined || variables.whole('HOST') !== undefined) return undefined;
  return { problem: `${name} isn't set in this environment, and neither is ${variables.nameOf('HOST')}` };
}

/** Whether a part of a login by token is set. */
export function isByToken(variables: MailVariables): boolean {
  return variables.given(TOKEN_PARTS).length > 0;
}

/** What a person should check when the server refuses a login by password: it goes on from "check". */
export function passwordToCheck(variables: MailVariables): string {
  const { name, url } = variables;
  const where =
    url === undefined
      ? `${variables.nameOf('USER')} and ${variables.nameOf('PASSWORD')}`
      : `the user name and the password in ${name}, both percent-encoded`;
  return `${where}; ${APP_PASSWORD}`;
}

function refreshOf(variables: MailVariables, server: string): TokenRefresh | Unusable | undefined {
  const refreshToken = variables.trimmed('REFRESH_TOKEN');
  if (refreshToken === undefined) return undefined;
  const clientId = variables.trimmed('CLIENT_ID');
  const clientSecret = variables.trimmed('CLIENT_SECRET');
  const url = variables.trimmed('TOKEN_URL') ?? TOKEN_URLS[server.toLowerCase()];
  if (clientId === undefined || url === undefined) {
    const missing = variables.nameOf(clientId === undefined ? 'CLIENT_ID' : 'TOKEN_URL');
    return { problem: `${variables.nameOf('REFRESH_TOKEN')} is set, but ${missing} isn't` };
  }
  const host = URL.canParse(url) ? new URL(url) : undefined;
  if (host?.protocol !== 'https:' && (host?.protocol !== 'http:' || demandsTls(host.hostname)))
    return { problem: `${variables.nameOf('TOKEN_URL')} isn't a URL that starts with https://` };
  return { url, clientId, refreshToken, ...(clientSecret === undefined ? {} : { clientSecret }) };
}

/** A login by token, and what a person should check when the server refuses it. */
export type TokenTerms = { token: TokenLogin; toCheck: string };

/** The login by token that stands for the password of a server, where its parts are set; undefined where none is. */
export function tokenTerms(
  variables: MailVariables,
  { host, user, pass = '' }: { host: string; user?: string; pass?: string },
): TokenTerms | Unusable | undefined {
  const names = variables.given(TOKEN_PARTS);
  if (names.length === 0) return undefined;
  const accessToken = variables.trimmed('ACCESS_TOKEN');
  const refresh = refreshOf(variables, host);
  if (refresh && 'problem' in refresh) return refresh;
  // An access token runs out within the hour: a refresh token gives a new one each time.
  const token: TokenLogin | undefined = refresh ? { refresh } : accessToken === undefined ? undefined : { accessToken };
  if (token === undefined)
    return {
      problem: `${names[0]} is set, but neither ${variables.nameOf('ACCESS_TOKEN')} nor ${variables.nameOf('REFRESH_TOKEN')} is`,
    };
  if (user === undefined || pass !== '')
    return {
      problem: `${names[0]} is set, so the login is by token: it takes a user name (${variables.nameOf('USER')}, or in the URL) and no password`,
    };
  return { token, toCheck: `the user name, and ${names.join(', ')}: the token may have run out` };
}
