import type { TokenLogin } from './smtp-token.ts';

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

/** What a failed login often comes from. */
export const APP_PASSWORD = 'many servers want a password made for apps';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Percent-decodes a text. A person may have left a percent sign unencoded; the text is then taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function flag(url: URL, name: string): boolean | undefined {
  const value = url.searchParams.get(name);
  return value === null ? undefined : value === 'true' || value === '1';
}

/** Whether a login has to go over TLS: on this machine it needn't. */
export function demandsTls(host: string): boolean {
  return !LOOPBACK.test(host);
}

/**
 * Reads `smtp://user:password@host:port` or `smtps://...`; undefined where a text is neither. The options requireTLS,
 * ignoreTLS, name, tls.rejectUnauthorized and tls.servername may follow a question mark. A password goes over TLS only,
 * unless the server is on this machine or the URL says otherwise.
 */
export function smtpServerOf(text: string): SmtpServer | undefined {
  const trimmed = text.trim();
  if (!/^smtps?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  const host = decoded(url.hostname).replace(/^\[|\]$/g, '');
  // A password that isn't percent-encoded may end where a path, a query or a fragment begins: the host is then its start.
  if (host === '' || !['', '/'].includes(url.pathname) || url.hash !== '' || url.search.includes('@')) return undefined;
  const secure = url.protocol === 'smtps:';
  const ignoreTLS = flag(url, 'ignoreTLS') ?? false;
  const rejectUnauthorized = flag(url, 'tls.rejectUnauthorized');
  const servername = url.searchParams.get('tls.servername');
  const name = url.searchParams.get('name');
  const hasLogin = url.username !== '' || url.password !== '';
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    ignoreTLS,
    requireTLS: flag(url, 'requireTLS') ?? (hasLogin && !secure && !ignoreTLS && demandsTls(host)),
    ...(hasLogin ? { user: decoded(url.username), pass: decoded(url.password) } : {}),
    toCheck: `the user name and the password of the SMTP URL, both percent-encoded; ${APP_PASSWORD}`,
    ...(name === null ? {} : { name }),
    tls: {
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      ...(servername === null ? {} : { servername }),
    },
  };
}
