import fs from 'node:fs';
import { BlockList, isIP } from 'node:net';
import os from 'node:os';
import type { ClientConfig } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import { errorCode } from '../../../files/durable.ts';

/**
 * A database as a URL names it. `config` is what the driver is given: each part by name and never the URL, which the driver
 * would read by rules of its own. `schema` holds the home, `role` is who connects, `shown` tells people where it is.
 */
export type Database = { config: DatabaseConfig; schema: string; role: string; shown: string };

/** `host` is a name, an address, or the folder of a Unix socket. `ssl` is false only on this machine. */
export type DatabaseConfig = ClientConfig & { host: string; port: number; database: string; user: string };

/** The schema of a home whose URL names none. */
const SCHEMA = 'countersign';
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

const DEFAULT_PORT = 5432;
const PARAMETERS = [
  ...['host', 'port', 'user', 'password', 'schema', 'channel_binding'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
];
/** The words of `sslmode` that may go without encryption: good enough for this machine alone. */
const UNENCRYPTED = ['disable', 'allow', 'prefer'];

/** A reason why a URL can't be used. It quotes nothing that may be a part of a password. */
class UnusableUrl extends Error {}

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
      throw new UnusableUrl(MALFORMED);
    return { url, hostname: hasNone === null ? decoded(url.hostname).replace(/^\[(.+)\]$/, '$1') : '' };
  } catch {
    // The error of the URL's parser holds the whole text.
    throw new UnusableUrl(MALFORMED);
  }
}

function decoded(text: string): string {
  try {
    const whole = decodeURIComponent(text);
    if (/\p{Cc}/u.test(whole)) throw new UnusableUrl(MALFORMED);
    return whole;
  } catch {
    throw new UnusableUrl(MALFORMED);
  }
}

function parametersOf(url: URL): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (!PARAMETERS.some((known) => known === name))
      throw new UnusableUrl(`has a parameter that Countersign doesn't know. It takes ${PARAMETERS.join(', ')}`);
    if (found.has(name)) throw new UnusableUrl(`names ${name} twice`);
    if (value === '' || /\p{Cc}/u.test(value)) throw new UnusableUrl(`gives ${name} no value`);
    found.set(name, value);
  }
  return found;
}

function portOf(text: string): number {
  if (text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new UnusableUrl('has a port that is none');
  return port;
}

/** The content of a file that the URL names, such as a root certificate. */
function fileOf(given: ReadonlyMap<string, string>, name: string): string | undefined {
  const file = given.get(name);
  if (file === undefined || (name === 'sslrootcert' && file === 'system')) return undefined;
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new UnusableUrl(`names ${name}=${file}, which can't be read (${errorCode(error)})`);
  }
}

/** How the other side has to prove who it is: by a certificate for the host's name, of the roots named or of Node's own. */
function certificatesOf(given: ReadonlyMap<string, string>): NonNullable<ClientConfig['ssl']> {
  const [ca, cert, key] = [fileOf(given, 'sslrootcert'), fileOf(given, 'sslcert'), fileOf(given, 'sslkey')];
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function sslOf(host: string, given: ReadonlyMap<string, string>): NonNullable<ClientConfig['ssl']> {
  const mode = given.get('sslmode');
  if (mode === 'verify-full' && !host.startsWith('/')) return certificatesOf(given);
  if (!isOnThisMachine(host))
    throw new UnusableUrl(
      `leads to another machine, ${host}, and there only sslmode=verify-full is taken: nothing less tells who answers. Add sslmode=verify-full, and sslrootcert=FILE where the database has a root certificate of its own`,
    );
  if (mode !== undefined && mode !== 'verify-full' && !UNENCRYPTED.includes(mode))
    throw new UnusableUrl(
      `has an sslmode that is neither verify-full nor one of ${UNENCRYPTED.join(', ')}. On this machine it can be left out`,
    );
  return false;
}

/** Whether the login is to be tied to the encrypted connection where the server can. */
function prefersBinding(given: ReadonlyMap<string, string>): boolean {
  const word = given.get('channel_binding') ?? 'disable';
  if (word === 'require')
    throw new UnusableUrl(
      'has channel_binding=require, and the driver can only prefer it. Write channel_binding=prefer: by sslmode=verify-full the certificate proves who answers, whether or not the login is bound to it',
    );
  if (word !== 'prefer' && word !== 'disable')
    throw new UnusableUrl('has a channel_binding that is neither prefer nor disable');
  return word === 'prefer';
}

function schemaOf(given: ReadonlyMap<string, string>): string {
  const schema = given.get('schema') ?? SCHEMA;
  if (!SCHEMA_NAME.test(schema)) throw new UnusableUrl('names a schema that is not of small letters, digits and _');
  return schema;
}

/** The URL as people are shown it: without the password, and without what says how to connect. */
function shownUrl({ host, port, database, user }: DatabaseConfig, schema: string): string {
  const where = host.startsWith('/') ? encodeURIComponent(host) : isIP(host) === 6 ? `[${host}]` : host;
  const url = `postgres://${encodeURIComponent(user)}@${where}:${port}/${encodeURIComponent(database)}`;
  return schema === SCHEMA ? url : `${url}?schema=${schema}`;
}

function configOf(url: URL, hostname: string, given: ReadonlyMap<string, string>): DatabaseConfig {
  const host = given.get('host') ?? (hostname === '' ? 'localhost' : hostname);
  if (host.includes(',')) throw new UnusableUrl('names several hosts. It takes one');
  const user = given.get('user') ?? (url.username === '' ? os.userInfo().username : decoded(url.username));
  const path = decoded(url.pathname.slice(1));
  const password = given.get('password') ?? decoded(url.password);
  const port = portOf(given.get('port') ?? url.port);
  const ssl = sslOf(host, given);
  return {
    ...{ host, port, database: path === '' ? user : path, user, ssl },
    // Without one the driver looks where every program of PostgreSQL does: PGPASSWORD, and the file .pgpass.
    ...(password === '' ? {} : { password }),
    ...(prefersBinding(given) && ssl !== false ? { enableChannelBinding: true } : {}),
  };
}

/**
 * Reads a database's URL: `postgres://ROLE:PASSWORD@HOST:5432/NAME?sslmode=verify-full&sslrootcert=FILE&schema=NAME`. A folder
 * as `host`, in the query or encoded, is a Unix socket. Off this machine only a connection is taken whose other side proves
 * by a certificate who it is. Throws AppError STORE_ERROR, which quotes nothing that may be a part of a password.
 */
export function databaseOf(text: string): Database {
  try {
    const { url, hostname } = parsed(text.trim());
    const given = parametersOf(url);
    const config = configOf(url, hostname, given);
    const schema = schemaOf(given);
    return { config, schema, role: config.user, shown: shownUrl(config, schema) };
  } catch (error) {
    if (!(error instanceof UnusableUrl)) throw error;
    throw new AppError('STORE_ERROR', `The URL of the database ${error.message}.`);
  }
}
