/** A mail server as an SMTP URL names it. */
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
  /** The name to give in EHLO. */
  name?: string;
  tls: { rejectUnauthorized?: boolean; servername?: string };
};

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
    requireTLS: flag(url, 'requireTLS') ?? (hasLogin && !secure && !ignoreTLS && !LOOPBACK.test(host)),
    ...(hasLogin ? { user: decoded(url.username), pass: decoded(url.password) } : {}),
    ...(name === null ? {} : { name }),
    tls: {
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      ...(servername === null ? {} : { servername }),
    },
  };
}
