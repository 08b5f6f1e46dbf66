import type { Deps } from '../../domain/base/deps.ts';
import { digest } from '../../domain/base/digest.ts';

type Env = Deps['env'];

/** A mailbox as the environment names it: by an IMAP URL, or in parts. */
export type MailboxServer = {
  host: string;
  port: number;
  /** `tls`: from the first byte. `starttls`: before the login, or not at all. `none`: on this machine only. */
  security: 'tls' | 'starttls' | 'none';
  user: string;
  /** One of the two is set: a password, or a token for XOAUTH2. */
  pass?: string;
  accessToken?: string;
  mailbox: string;
  tls: { rejectUnauthorized?: boolean; servername?: string };
  /** What a person should check when the server refuses the login: a sentence that goes on from "check". */
  toCheck: string;
};

/** Why a name stands for no mailbox, in words that hold nothing of what its variables hold. */
export type SettingsProblem = { problem: string };

/** What may follow the name of a variable that is given in parts; the first five are those of SMTP, too. */
const PARTS = ['HOST', 'PORT', 'USER', 'PASSWORD', 'ACCESS_TOKEN', 'MAILBOX'] as const;
type SettingsPart = (typeof PARTS)[number];
type Parts = { name: string; values: Partial<Record<SettingsPart, string>> };

const INBOX = 'INBOX';
const HOST = /^[\p{L}\p{N}.:_-]{1,255}$/u;
const THIS_MACHINE = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;
const FORM = 'imaps://user:password@host:993/INBOX, percent-encoded';
const HINT = 'many servers want a password made for apps';

/** The parts that are set. White space around them goes, but not around a password. */
function partsIn(name: string, env: Env): Parts {
  const values: Partial<Record<SettingsPart, string>> = {};
  for (const part of PARTS) {
    const value = env[`${name}_${part}`];
    const meant = part === 'PASSWORD' ? value : value?.trim();
    if (meant !== undefined && meant !== '') values[part] = meant;
  }
  return { name, values };
}

/** Percent-decodes a text. A person may have left a percent sign unencoded; the text is then taken as it stands. */
function withoutPercents(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isOn(url: URL, option: string): boolean | undefined {
  const value = url.searchParams.get(option);
  return value === null ? undefined : value === 'true' || value === '1';
}

function securityOf(host: string, isTls: boolean, demandsTls = false): MailboxServer['security'] {
  if (isTls) return 'tls';
  return THIS_MACHINE.test(host) && !demandsTls ? 'none' : 'starttls';
}

/** A host, or undefined where a password that isn't encoded has ended up in it, or behind it. */
function hostOf(url: URL): string | undefined {
  const host = withoutPercents(url.hostname).replace(/^\[|\]$/g, '');
  const isBroken = url.hash !== '' || `${url.pathname}${url.search}`.includes('@');
  return HOST.test(host) && !isBroken ? host : undefined;
}

type Found = Omit<MailboxServer, 'toCheck' | 'mailbox'> & { mailbox?: string };

/** Reads `imaps://user:password@host:993/INBOX` or `imap://...`; the options are those of SMTP URLs. */
function serverOfUrl(text: string): Found | undefined {
  const trimmed = text.trim();
  if (!/^imaps?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  const host = hostOf(url);
  if (host === undefined || url.username === '') return undefined;
  const isTls = url.protocol === 'imaps:';
  const mailbox = withoutPercents(url.pathname.replace(/^\//, ''));
  const rejectUnauthorized = isOn(url, 'tls.rejectUnauthorized');
  const servername = url.searchParams.get('tls.servername');
  return {
    host,
    port: url.port === '' ? (isTls ? 993 : 143) : Number(url.port),
    security: securityOf(host, isTls, isOn(url, 'requireTLS')),
    user: withoutPercents(url.username),
    ...(url.password === '' ? {} : { pass: withoutPercents(url.password) }),
    ...(mailbox === '' ? {} : { mailbox }),
    tls: {
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      ...(servername === null ? {} : { servername }),
    },
  };
}

/** Reads the parts that name a server, none of them encoded. */
function serverOfParts({ name, values }: Parts): Found | SettingsProblem {
  const { HOST: host = '', PORT: given = '993', USER: user, PASSWORD: pass } = values;
  if (!HOST.test(host)) return { problem: `${name}_HOST isn't the name of a server` };
  const port = Number(given);
  if (!/^\d{1,5}$/.test(given) || port < 1 || port > 65_535)
    return { problem: `${name}_PORT isn't a port, a number up to 65535` };
  if (user === undefined) return { problem: `${name}_HOST is set, but ${name}_USER isn't` };
  const security = securityOf(host, port === 993);
  return { host, port, security, user, ...(pass === undefined ? {} : { pass }), tls: {} };
}

/** The server with the login and the mailbox that are meant, where it is clear which ones are. */
function settled(found: Found, { name, values }: Parts, isUrl: boolean): MailboxServer | SettingsProblem {
  const { pass, mailbox, ...server } = found;
  const { ACCESS_TOKEN: accessToken, MAILBOX: named } = values;
  if (mailbox !== undefined && named !== undefined && mailbox !== named)
    return { problem: `${name} and ${name}_MAILBOX name two mailboxes: leave one out` };
  const place = isUrl ? `the password in ${name}` : `${name}_PASSWORD`;
  if (pass !== undefined && accessToken !== undefined)
    return { problem: `${name}_ACCESS_TOKEN is set, so the login is by token: leave out ${place}` };
  if (pass === undefined && accessToken === undefined)
    return { problem: `there is no login: set ${place}, or ${name}_ACCESS_TOKEN for a login by token` };
  const toCheck =
    accessToken === undefined
      ? `${isUrl ? `the user name and the password in ${name}, both percent-encoded` : `${name}_USER and ${name}_PASSWORD`}; ${HINT}`
      : `the user name and ${name}_ACCESS_TOKEN: the token may have run out`;
  return {
    ...server,
    ...(pass === undefined ? {} : { pass }),
    ...(accessToken === undefined ? {} : { accessToken }),
    mailbox: mailbox ?? named ?? INBOX,
    toCheck,
  };
}

/**
 * The mailbox that a name stands for: the variable of that name holds an IMAP URL, or those with a part behind the name
 * (`_HOST`, `_PORT`, `_USER`, `_PASSWORD`, `_MAILBOX`) hold the server and its login, unencoded. `_ACCESS_TOKEN` stands for the
 * password of either.
 */
export function mailboxSettings(name: string, env: Env): MailboxServer | SettingsProblem {
  const parts = partsIn(name, env);
  const url = env[name];
  const { HOST: host, PORT: port, USER: user, PASSWORD: password } = parts.values;
  if (url === undefined && host === undefined)
    return { problem: `${name} isn't set in this environment, and neither is ${name}_HOST` };
  const server = url === undefined ? serverOfParts(parts) : serverOfUrl(url);
  if (server === undefined) return { problem: `${name} isn't an IMAP URL with a user name: ${FORM}` };
  if ('problem' in server) return server;
  if (url !== undefined && [host, port, user, password].some((value) => value !== undefined))
    return { problem: `both ${name} and its parts are set: unset one, so that it is clear which server is meant` };
  return settled(server, parts, url !== undefined);
}

/** Tells one mailbox from another, without its password. */
export function placeDigest({ host, port, user, mailbox }: MailboxServer): string {
  return digest([host, port, user, mailbox]);
}
