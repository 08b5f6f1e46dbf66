import type { Deps } from '../domain/base/deps.ts';
import type { TokenLogin, TokenRefresh } from './smtp-token.ts';
import { APP_PASSWORD, demandsTls, type SmtpServer, smtpServerOf } from './smtp-url.ts';

type Env = Deps['env'];
type Unusable = { problem: string };

/** What may follow the name of a variable that is given in parts, and what it holds. */
const PARTS = ['HOST', 'PORT', 'USER', 'PASSWORD'] as const;
const TOKEN_PARTS = ['ACCESS_TOKEN', 'REFRESH_TOKEN', 'CLIENT_ID', 'CLIENT_SECRET', 'TOKEN_URL'] as const;
type PartName = (typeof PARTS)[number] | (typeof TOKEN_PARTS)[number];

/** Where the large providers give new access tokens, by mail server. */
const TOKEN_URLS: Readonly<Record<string, string>> = {
  'smtp.gmail.com': 'https://oauth2.googleapis.com/token',
  'smtp.office365.com': 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  'smtp-mail.outlook.com': 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
};
const HOST = /^[\p{L}\p{N}.:_-]+$/u;

/** The variables of one mail server: each is the name that the identity has, and a part behind it. */
class Variables {
  readonly name: string;
  private readonly env: Env;

  constructor(name: string, env: Env) {
    this.name = name;
    this.env = env;
  }

  nameOf(part: PartName): string {
    return `${this.name}_${part}`;
  }

  /** A part as it stands there; undefined where it is unset or empty. */
  whole(part: PartName): string | undefined {
    const value = this.env[this.nameOf(part)];
    return value === undefined || value === '' ? undefined : value;
  }

  /** A part without white space around it, for everything but passwords. */
  trimmed(part: PartName): string | undefined {
    return this.whole(part)?.trim();
  }

  given(parts: readonly PartName[]): string[] {
    return parts.filter((part) => this.whole(part) !== undefined).map((part) => this.nameOf(part));
  }
}

/** Reads the parts that name a server and its login, none of them encoded. */
function serverOfParts(variables: Variables): SmtpServer | Unusable {
  const host = variables.trimmed('HOST') ?? '';
  if (!HOST.test(host)) return { problem: `${variables.nameOf('HOST')} isn't the name of a server` };
  const given = variables.trimmed('PORT') ?? '587';
  const port = Number(given);
  if (!/^\d+$/.test(given) || port < 1 || port > 65_535)
    return { problem: `${variables.nameOf('PORT')} isn't a port, a number up to 65535` };
  const user = variables.trimmed('USER');
  const pass = variables.whole('PASSWORD');
  const isByToken = variables.given(TOKEN_PARTS).length > 0;
  if (pass !== undefined && user === undefined)
    return { problem: `${variables.nameOf('PASSWORD')} is set, but ${variables.nameOf('USER')} isn't` };
  if (user !== undefined && pass === undefined && !isByToken)
    return { problem: `${variables.nameOf('USER')} is set, but ${variables.nameOf('PASSWORD')} isn't` };
  const secure = port === 465;
  return {
    host,
    port,
    secure,
    ignoreTLS: false,
    requireTLS: user !== undefined && !secure && demandsTls(host),
    ...(user === undefined ? {} : { user, pass: pass ?? '' }),
    toCheck: `${variables.nameOf('USER')} and ${variables.nameOf('PASSWORD')}; ${APP_PASSWORD}`,
    tls: {},
  };
}

function refreshOf(variables: Variables, server: SmtpServer): TokenRefresh | Unusable | undefined {
  const refreshToken = variables.trimmed('REFRESH_TOKEN');
  if (refreshToken === undefined) return undefined;
  const clientId = variables.trimmed('CLIENT_ID');
  const clientSecret = variables.trimmed('CLIENT_SECRET');
  const url = variables.trimmed('TOKEN_URL') ?? TOKEN_URLS[server.host.toLowerCase()];
  if (clientId === undefined || url === undefined) {
    const missing = variables.nameOf(clientId === undefined ? 'CLIENT_ID' : 'TOKEN_URL');
    return { problem: `${variables.nameOf('REFRESH_TOKEN')} is set, but ${missing} isn't` };
  }
  const host = URL.canParse(url) ? new URL(url) : undefined;
  if (host?.protocol !== 'https:' && (host?.protocol !== 'http:' || demandsTls(host.hostname)))
    return { problem: `${variables.nameOf('TOKEN_URL')} isn't a URL that starts with https://` };
  return { url, clientId, refreshToken, ...(clientSecret === undefined ? {} : { clientSecret }) };
}

/** The server with a login by token, where its parts are set; else the server as it is. */
function withToken(variables: Variables, server: SmtpServer): SmtpServer | Unusable {
  const names = variables.given(TOKEN_PARTS);
  if (names.length === 0) return server;
  const accessToken = variables.trimmed('ACCESS_TOKEN');
  const refresh = refreshOf(variables, server);
  if (refresh && 'problem' in refresh) return refresh;
  // An access token runs out within the hour: a refresh token gives a new one each time.
  const token: TokenLogin | undefined = refresh ? { refresh } : accessToken === undefined ? undefined : { accessToken };
  if (token === undefined)
    return {
      problem: `${names[0]} is set, but neither ${variables.nameOf('ACCESS_TOKEN')} nor ${variables.nameOf('REFRESH_TOKEN')} is`,
    };
  const { pass = '', ...rest } = server;
  if (server.user === undefined || pass !== '')
    return {
      problem: `${names[0]} is set, so the login is by token: it takes a user name (${variables.nameOf('USER')}, or in the URL) and no password`,
    };
  return { ...rest, token, toCheck: `the user name, and ${names.join(', ')}: the token may have run out` };
}

/**
 * The mail server that a name stands for: the variable of that name holds an SMTP URL, or those with a part behind the
 * name hold the server and its login, unencoded. The parts of a token may stand beside either. `problem` says what is
 * missing or wrong, and never what a variable holds.
 */
export function smtpSettings(name: string, env: Env): SmtpServer | Unusable {
  const variables = new Variables(name, env);
  const url = env[name];
  const [first] = variables.given(PARTS);
  if (url !== undefined && first !== undefined)
    return { problem: `both ${name} and ${first} are set: unset one, so that it is clear which server is meant` };
  if (url === undefined && variables.whole('HOST') === undefined) {
    const host = variables.nameOf('HOST');
    return { problem: `${name} isn't set in this environment, and neither is ${host}` };
  }
  const server = url === undefined ? serverOfParts(variables) : smtpServerOf(url);
  if (server === undefined)
    return { problem: `${name} isn't an SMTP URL: smtp://user:password@host:port or smtps://..., percent-encoded` };
  return 'problem' in server ? server : withToken(variables, server);
}
