import { BlockList, isIP } from 'node:net';

/** How the other side has to prove who it is: by a certificate for its name, of these roots (a file; else Node's own). */
export type DatabaseTls = { rootFile?: string; certFile?: string; keyFile?: string };

/** A database as a connection needs it. `host` is a name, an address, or the folder of a Unix socket. */
export type DatabaseAddress = {
  host: string;
  port: number;
  database: string;
  role: string;
  /** Undefined: what the driver finds elsewhere, or none, as for a socket that knows the user. */
  password: string | undefined;
  /** False only on this machine. */
  tls: DatabaseTls | false;
  /** Ties the login to the encrypted connection, where the server can do that. */
  bindsChannel: boolean;
};

const DEFAULT_PORT = 5432;
const PARAMETERS = [
  ...(['host', 'port', 'user', 'password', 'channel_binding'] as const),
  ...(['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const),
];
/** The words of `sslmode` that may go without encryption: good enough for this machine alone. */
const UNENCRYPTED = ['disable', 'allow', 'prefer'];

/** A reason why a URL can't be used. It quotes nothing that may be a part of a password. */
class Unusable extends Error {}

function loopbackAddresses(): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addAddress('::1', 'ipv6');
  return list;
}

/** Whether a host is this machine: by the name localhost, a loopback address, or a Unix socket. */
function isOnThisMachine(host: string): boolean {
  if (host.startsWith('/') || host === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && loopbackAddresses().check(host, family === 6 ? 'ipv6' : 'ipv4');
}

const MALFORMED =
  "is no URL of a database, as in postgres://ROLE:PASSWORD@HOST:5432/NAME. Characters of a password that a URL can't hold, such as @, / and #, have to be written as %40, %2F and %23";

/** The URL's parts. It may name no host behind the user, as where a socket is meant: Node's parser takes no such URL. */
function parsed(text: string): { url: URL; hostname: string } {
  try {
    const hasNone = /^postgres(?:ql)?:\/\/[^/?#]*@(?=[/?]|$)/.exec(text);
    const url = new URL(hasNone === null ? text : text.replace(hasNone[0], `${hasNone[0]}none`));
    // A password that isn't encoded would be taken for other parts, and shown as those.
    if (!/^postgres(ql)?:$/.test(url.protocol) || /[#@]/.test(`${url.pathname}${url.search}${url.hash}`))
      throw new Unusable(MALFORMED);
    return { url, hostname: hasNone === null ? decoded(url.hostname).replace(/^\[(.+)\]$/, '$1') : '' };
  } catch {
    // The error of the URL's parser holds the whole text.
    throw new Unusable(MALFORMED);
  }
}

function decoded(text: string): string {
  try {
    const whole = decodeURIComponent(text);
    if (/\p{Cc}/u.test(whole)) throw new Unusable(MALFORMED);
    return whole;
  } catch {
    throw new Unusable(MALFORMED);
  }
}

function parametersOf(url: URL): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (!PARAMETERS.some((known) => known === name))
      throw new Unusable(`has a parameter that Countersign doesn't know. It takes ${PARAMETERS.join(', ')}`);
    if (found.has(name)) throw new Unusable(`names ${name} twice`);
    if (value === '' || /\p{Cc}/u.test(value)) throw new Unusable(`gives ${name} no value`);
    found.set(name, value);
  }
  return found;
}

function portOf(text: string): number {
  if (text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new Unusable('has a port that is none');
  return port;
}

function tlsOf(host: string, given: ReadonlyMap<string, string>): DatabaseTls | false {
  const mode = given.get('sslmode');
  const isHere = isOnThisMachine(host);
  if (mode === 'verify-full' && !host.startsWith('/')) {
    const [rootFile, certFile, keyFile] = [given.get('sslrootcert'), given.get('sslcert'), given.get('sslkey')];
    return {
      ...(rootFile === undefined || rootFile === 'system' ? {} : { rootFile }),
      ...(certFile === undefined ? {} : { certFile }),
      ...(keyFile === undefined ? {} : { keyFile }),
    };
  }
  if (!isHere)
    throw new Unusable(
      `leads to another machine, ${host}, and there only sslmode=verify-full is taken: nothing less tells who answers. Add sslmode=verify-full, and sslrootcert=FILE where the database has a root certificate of its own`,
    );
  if (mode !== undefined && mode !== 'verify-full' && !UNENCRYPTED.includes(mode))
    throw new Unusable(
      `has an sslmode that is neither verify-full nor one of ${UNENCRYPTED.join(', ')}. On this machine it can be left out`,
    );
  return false;
}

function addressOf(text: string, osUser: string): DatabaseAddress {
  const { url, hostname } = parsed(text.trim());
  const given = parametersOf(url);
  const host = given.get('host') ?? (hostname === '' ? 'localhost' : hostname);
  if (host.includes(',')) throw new Unusable('names several hosts. It takes one');
  const role = given.get('user') ?? (url.username === '' ? osUser : decoded(url.username));
  const path = decoded(url.pathname.slice(1));
  const password = given.get('password') ?? (url.password === '' ? undefined : decoded(url.password));
  const tls = tlsOf(host, given);
  return {
    ...{ host, port: portOf(given.get('port') ?? url.port), database: path === '' ? role : path, role, password, tls },
    bindsChannel: tls !== false && ['prefer', 'require'].includes(given.get('channel_binding') ?? ''),
  };
}

/**
 * The database that a URL names, or why it can't be used. Off this machine only a connection is taken whose other side proves
 * by a certificate who it is. `osUser` is the role where the URL names none.
 */
export function databaseOf(text: string, osUser: string): DatabaseAddress | { problem: string } {
  try {
    return addressOf(text, osUser);
  } catch (error) {
    if (error instanceof Unusable) return { problem: error.message };
    throw error;
  }
}

/** A database in words, for people: never its password. */
export function addressInWords({ host, port, database }: DatabaseAddress): string {
  const where = host.startsWith('/') ? `${host}, port ${port}` : `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  return `database ${database} at ${where}`;
}
