import fs from 'node:fs';
import { isIP } from 'node:net';
import type { ClientConfig } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';

/** The schema of a home whose URL names none. */
const SCHEMA = 'countersign';
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** A database as a URL names it: `schema` holds the home, `role` is who connects, `shown` is the URL without its password. */
export type Database = { config: ClientConfig; schema: string; role: string; shown: string };

function refused(why: string): AppError {
  return new AppError('STORE_ERROR', `The database can't be used: ${why}.`);
}

function isLoopback(host: string): boolean {
  if (host === '' || host.startsWith('/') || host === 'localhost') return true;
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function parsed(url: string): URL {
  try {
    // A Unix socket has no host before the slash, and URL then takes no user.
    const found = new URL(url.replace(/^(\w+:\/\/[^/?#]*@)(?=[/?#]|$)/, '$1localhost'));
    if (found.protocol === 'postgres:' || found.protocol === 'postgresql:') return found;
  } catch {
    // An error of URL would quote all of it, the password too.
  }
  throw refused('its URL has to be postgres://user:password@host:port/database');
}

function sslOf(host: string, { searchParams }: URL): ClientConfig['ssl'] {
  const mode = searchParams.get('sslmode') ?? 'disable';
  if (mode !== 'verify-full') {
    if (isLoopback(host)) return mode === 'disable' ? false : { rejectUnauthorized: mode !== 'require' };
    throw refused(`${host} is another machine, and so its URL has to say sslmode=verify-full`);
  }
  const root = searchParams.get('sslrootcert');
  return { rejectUnauthorized: true, ...(root === null ? {} : { ca: fs.readFileSync(root, 'utf8') }) };
}

/**
 * Reads a database's URL: `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=FILE&schema=NAME`. A
 * folder as `host`, in the query or encoded, is a Unix socket. Throws AppError STORE_ERROR, which never quotes the password.
 */
export function databaseOf(url: string): Database {
  const found = parsed(url);
  const host = found.searchParams.get('host') ?? decodeURIComponent(found.hostname).replace(/^\[|\]$/g, '');
  const schema = found.searchParams.get('schema') ?? SCHEMA;
  if (!SCHEMA_NAME.test(schema)) throw refused('the schema in its URL has to be small letters, digits and _');
  const role = decodeURIComponent(found.username) || (process.env.PGUSER ?? process.env.USER ?? 'postgres');
  const database = decodeURIComponent(found.pathname.slice(1)) || role;
  const port = Number(found.port || found.searchParams.get('port') || 5432);
  const password = decodeURIComponent(found.password);
  const ssl = sslOf(host, found);
  const shown = `postgres://${role}@${host.startsWith('/') ? encodeURIComponent(host) : host}:${port}/${database}`;
  return {
    config: { host: host || 'localhost', port, user: role, database, ...(password ? { password } : {}), ssl },
    schema,
    role,
    shown: schema === SCHEMA ? shown : `${shown}?schema=${schema}`,
  };
}
