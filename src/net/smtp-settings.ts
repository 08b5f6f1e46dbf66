import type { Deps } from '../domain/base/deps.ts';
import type { TokenLogin } from './mail-token.ts';
import {
  addressOfParts,
  demandsTls,
  flagIn,
  isByToken,
  MailVariables,
  partsOfUrl,
  passwordToCheck,
  sourceProblem,
  tokenTerms,
  type Unusable,
} from './mail-variables.ts';

/** A mail server as the environment names it: by an SMTP URL, or in parts. */
export type SmtpServer = {
  host: string;
  port: number;
  /** TLS from the first byte (smtps:). */
  secure: boolean;
  /** Refuse to go on where the server offers no STARTTLS. */
  requireTLS: boolean;
  /** Use no STARTTLS, even where the server offers it. */
  ignoreTLS: boolean;
  user?: string;
  pass?: string;
  /** What stands for the password where the login is by a token (XOAUTH2). */
  token?: TokenLogin;
  /** What a person should check when the server refuses the login: a sentence that goes on from "check". */
  toCheck: string;
  /** The name to give in EHLO, instead of the sender's domain. */
  name?: string;
  tls: { rejectUnauthorized?: boolean; servername?: string };
};

type Found = Omit<SmtpServer, 'toCheck'>;

/** Reads the parts that name a server and its login, none of them encoded. */
function serverOfParts(variables: MailVariables): Found | Unusable {
  const address = addressOfParts(variables, 587);
  if ('problem' in address) return address;
  const user = variables.trimmed('USER');
  const pass = variables.whole('PASSWORD');
  if (pass !== undefined && user === undefined)
    return { problem: `${variables.nameOf('PASSWORD')} is set, but ${variables.nameOf('USER')} isn't` };
  if (user !== undefined && pass === undefined && !isByToken(variables))
    return { problem: `${variables.nameOf('USER')} is set, but ${variables.nameOf('PASSWORD')} isn't` };
  const secure = address.port === 465;
  return {
    ...address,
    secure,
    ignoreTLS: false,
    requireTLS: user !== undefined && !secure && demandsTls(address.host),
    ...(user === undefined ? {} : { user, pass: pass ?? '' }),
    tls: {},
  };
}

/**
 * Reads `smtp://user:password@host:port` or `smtps://...`; undefined where a text is neither. The options requireTLS,
 * ignoreTLS, name, tls.rejectUnauthorized and tls.servername may follow a question mark. A password goes over TLS only,
 * unless the server is on this machine or the URL says otherwise.
 */
function serverOfUrl(text: string): Found | undefined {
  const parts = partsOfUrl(text, 'smtp');
  if (!parts || !['', '/'].includes(parts.url.pathname)) return undefined;
  const { url, host, port, secure, user, pass, tls } = parts;
  const ignoreTLS = flagIn(url, 'ignoreTLS') ?? false;
  const name = url.searchParams.get('name');
  const hasLogin = user !== '' || pass !== '';
  return {
    host,
    port: port ?? (secure ? 465 : 587),
    secure,
    ignoreTLS,
    requireTLS: flagIn(url, 'requireTLS') ?? (hasLogin && !secure && !ignoreTLS && demandsTls(host)),
    ...(hasLogin ? { user, pass } : {}),
    ...(name === null ? {} : { name }),
    tls,
  };
}

/**
 * The mail server that a name stands for: the variable of that name holds an SMTP URL, or those with a part behind the
 * name hold the server and its login, unencoded. The parts of a token may stand beside either. `problem` says what is
 * missing or wrong, and never what a variable holds.
 */
export function smtpSettings(name: string, env: Deps['env']): SmtpServer | Unusable {
  const variables = new MailVariables(name, env);
  const { url } = variables;
  const unclear = sourceProblem(variables);
  if (unclear) return unclear;
  const server = url === undefined ? serverOfParts(variables) : serverOfUrl(url);
  if (server === undefined)
    return { problem: `${name} isn't an SMTP URL: smtp://user:password@host:port or smtps://..., percent-encoded` };
  if ('problem' in server) return server;
  const terms = tokenTerms(variables, server);
  if (!terms) return { ...server, toCheck: passwordToCheck(variables) };
  const { pass: _, ...rest } = server;
  return 'problem' in terms ? terms : { ...rest, ...terms };
}
