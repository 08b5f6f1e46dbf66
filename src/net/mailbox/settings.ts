import type { Deps } from '../../domain/base/deps.ts';
import { digest } from '../../domain/base/digest.ts';
import type { TokenLogin } from '../mail-token.ts';
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
  withoutPercents,
} from '../mail-variables.ts';

/** A mailbox as the environment names it: by an IMAP URL, or in parts. */
export type MailboxServer = {
  host: string;
  port: number;
  /** `tls`: from the first byte. `starttls`: before the login, or not at all. `none`: on this machine only. */
  security: 'tls' | 'starttls' | 'none';
  user: string;
  /** One of the two is set: a password, or what stands for it where the login is by a token (XOAUTH2). */
  pass?: string;
  token?: TokenLogin;
  mailbox: string;
  tls: { rejectUnauthorized?: boolean; servername?: string };
  /** What a person should check when the server refuses the login: a sentence that goes on from "check". */
  toCheck: string;
};

const INBOX = 'INBOX';
const FORM = 'imaps://user:password@host:993/INBOX, percent-encoded';

function securityOf(host: string, isTls: boolean, requireTLS = false): MailboxServer['security'] {
  if (isTls) return 'tls';
  return demandsTls(host) || requireTLS ? 'starttls' : 'none';
}

type Found = Omit<MailboxServer, 'toCheck' | 'mailbox'> & { mailbox?: string };

/** Reads `imaps://user:password@host:993/INBOX` or `imap://...`; the options are those of SMTP URLs. */
function serverOfUrl(text: string): Found | undefined {
  const parts = partsOfUrl(text, 'imap');
  if (!parts || parts.user === '') return undefined;
  const { url, host, port, secure, user, pass, tls } = parts;
  const mailbox = withoutPercents(url.pathname.replace(/^\//, ''));
  return {
    host,
    port: port ?? (secure ? 993 : 143),
    security: securityOf(host, secure, flagIn(url, 'requireTLS')),
    user,
    ...(pass === '' ? {} : { pass }),
    ...(mailbox === '' ? {} : { mailbox }),
    tls,
  };
}

/** Reads the parts that name a server, none of them encoded. */
function serverOfParts(variables: MailVariables): Found | Unusable {
  const address = addressOfParts(variables, 993);
  if ('problem' in address) return address;
  const user = variables.trimmed('USER');
  const pass = variables.whole('PASSWORD');
  if (user === undefined)
    return { problem: `${variables.nameOf('HOST')} is set, but ${variables.nameOf('USER')} isn't` };
  const security = securityOf(address.host, address.port === 993);
  return { ...address, security, user, ...(pass === undefined ? {} : { pass }), tls: {} };
}

/** The server with the login and the mailbox that are meant, where it is clear which ones are. */
function settled(found: Found, variables: MailVariables): MailboxServer | Unusable {
  const { pass, mailbox, ...server } = found;
  const { name, url } = variables;
  const named = variables.trimmed('MAILBOX');
  if (mailbox !== undefined && named !== undefined && mailbox !== named)
    return { problem: `${name} and ${variables.nameOf('MAILBOX')} name two mailboxes: leave one out` };
  const meant = { ...server, mailbox: mailbox ?? named ?? INBOX };
  if (pass === undefined && !isByToken(variables)) {
    const place = url === undefined ? variables.nameOf('PASSWORD') : `the password in ${name}`;
    return {
      problem: `there is no login: set ${place}, or for a login by token ${variables.nameOf('REFRESH_TOKEN')} or ${variables.nameOf('ACCESS_TOKEN')}`,
    };
  }
  const terms = tokenTerms(variables, found);
  if (terms) return 'problem' in terms ? terms : { ...meant, ...terms };
  return { ...meant, ...(pass === undefined ? {} : { pass }), toCheck: passwordToCheck(variables) };
}

/**
 * The mailbox that a name stands for: the variable of that name holds an IMAP URL, or those with a part behind the name
 * (`_HOST`, `_PORT`, `_USER`, `_PASSWORD`, `_MAILBOX`) hold the server and its login, unencoded. The parts of a token may
 * stand beside either. `problem` says what is missing or wrong, and never what a variable holds.
 */
export function mailboxSettings(name: string, env: Deps['env']): MailboxServer | Unusable {
  const variables = new MailVariables(name, env);
  const { url } = variables;
  const unclear = sourceProblem(variables);
  if (unclear) return unclear;
  const server = url === undefined ? serverOfParts(variables) : serverOfUrl(url);
  if (server === undefined) return { problem: `${name} isn't an IMAP URL with a user name: ${FORM}` };
  return 'problem' in server ? server : settled(server, variables);
}

/** Tells one mailbox from another, without its password. */
export function placeDigest({ host, port, user, mailbox }: MailboxServer): string {
  return digest([host, port, user, mailbox]);
}
