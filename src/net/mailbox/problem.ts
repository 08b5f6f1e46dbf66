import { TokenProblem } from '../mail-token.ts';
import type { MailboxServer } from './settings.ts';

/**
 * Why a mailbox can't be read. `login`, `tls` and `mailbox` last until a person does something; after the others another
 * try may go well. `aborted`: the caller gave up.
 */
type MailboxFate = 'login' | 'tls' | 'mailbox' | 'unreachable' | 'busy' | 'slow' | 'broken' | 'aborted';

/** A mailbox that can't be read, in words that hold nothing of the login and nothing that the server said. */
export class MailboxProblem extends Error {
  readonly fate: MailboxFate;
  constructor(fate: MailboxFate, message: string) {
    super(message);
    this.name = 'MailboxProblem';
    this.fate = fate;
  }
}

/** Response codes that speak of the moment and not of the login (RFC 5530). */
const PASSING = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG', 'THROTTLED']);
const SLOW = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT', 'ETIMEOUT', 'ETIMEDOUT']);
/** Codes of Node for a certificate that isn't to be trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS/;
/** Codes for a server that speaks no TLS at this port, or none that anybody speaks today. */
const NO_TLS = /EPROTO|ERR_SSL/;
const NETWORK = /^E(?:CONN|HOST|NET|PIPE|ADDR|AI_|ACCES|NOTFOUND)/;
/** Codes are told only where they look like one: some are a server's words. */
const CODE = /^[A-Za-z_]{2,40}\d{0,3}$/;

function detailOf(error: unknown, name: string): unknown {
  return error instanceof Error ? Reflect.get(error, name) : undefined;
}

function codeOf(error: unknown, name = 'code'): string {
  const code = detailOf(error, name);
  return typeof code === 'string' && CODE.test(code) ? code : '';
}

function told(code: string): string {
  return code === '' ? '' : ` (${code})`;
}

/** How far a session came: what fails before the login is no word about it. */
export type Stage = 'connecting' | 'opening' | 'reading';

function fateOfLogin(error: unknown, { toCheck }: MailboxServer): [MailboxFate, string] {
  const code = codeOf(error, 'serverResponseCode').toUpperCase();
  if (PASSING.has(code)) return ['busy', `the server can't take the login at the moment${told(code)}`];
  const isKnown = [
    'AUTHENTICATIONFAILED',
    'AUTHORIZATIONFAILED',
    'EXPIRED',
    'PRIVACYREQUIRED',
    'CONTACTADMIN',
  ].includes(code);
  return ['login', `the login failed${isKnown ? told(code) : ''}: check ${toCheck}`];
}

function fateOfFailure(error: unknown, server: MailboxServer, stage: Stage): [MailboxFate, string] {
  const code = codeOf(error);
  if (CERTIFICATE.test(code))
    return ['tls', `the connection isn't secure: the server's certificate can't be trusted${told(code)}`];
  if (NO_TLS.test(code)) return ['tls', `the server speaks no TLS at this port${told(code)}: check the port`];
  if (detailOf(error, 'tlsFailed') === true)
    return ['tls', `the connection isn't secure${told(code)}: a mailbox is read over TLS only, except on this machine`];
  if (detailOf(error, 'authenticationFailed') === true) return fateOfLogin(error, server);
  if (SLOW.has(code)) return ['slow', 'the server gave no answer in time'];
  if (NETWORK.test(code)) return ['unreachable', `the server can't be reached${told(code)}`];
  if (code === 'NoConnection' || code === 'EConnectionClosed' || code.startsWith('ClosedAfter'))
    return ['unreachable', 'the server closed the connection'];
  if (stage === 'opening')
    return [
      'mailbox',
      `there is no mailbox "${server.mailbox}" that can be read: name another one behind the host, or in _MAILBOX`,
    ];
  if (code === 'ETHROTTLE') return ['busy', 'the server asks to come back later'];
  return ['broken', `the server's answer made no sense${told(code)}`];
}

/** What it means for a mailbox that there is no access token. */
const FATE_WITHOUT_TOKEN = { refused: 'login', busy: 'busy', unreachable: 'unreachable' } as const;

/** A failed session in words for a person. */
export function mailboxProblem(error: unknown, server: MailboxServer, stage: Stage): MailboxProblem {
  if (error instanceof MailboxProblem) return error;
  const [fate, words]: [MailboxFate, string] =
    error instanceof TokenProblem
      ? [FATE_WITHOUT_TOKEN[error.fate], error.message]
      : fateOfFailure(error, server, stage);
  return new MailboxProblem(fate, `${server.host}:${server.port}: ${words}.`);
}
