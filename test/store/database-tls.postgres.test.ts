import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { freshFolder } from '../support/folders.ts';
import { type PostgresServer, SUPERUSER, startPostgres } from '../support/postgres/server.ts';

let server: PostgresServer;
let rootFile: string;

/** A certificate for the name localhost, which is its own root, where the server finds it. */
function certify(data: string): string {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'server.key'];
  const name = ['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', 'server.crt', ...name], { cwd: data, stdio: 'ignore' });
  const { uid, gid } = fs.statSync(data);
  for (const file of ['server.key', 'server.crt']) {
    fs.chmodSync(path.join(data, file), 0o600);
    fs.chownSync(path.join(data, file), uid, gid);
  }
  return path.join(data, 'server.crt');
}

async function ask(url: string, ...statements: string[]): Promise<unknown> {
  const client = new pg.Client(databaseOf(url).config);
  client.on('error', () => undefined);
  try {
    await client.connect();
    let rows: unknown;
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
  rootFile = certify(path.join(server.folder, 'data'));
});
afterAll(() => server.remove());

const ENCRYPTED = 'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()';
const urlOf = (host: string, query: string) =>
  `postgres://${SUPERUSER.user}:${SUPERUSER.password}@${host}:${server.port}/postgres?${query}`;

describe('sslmode=verify-full', () => {
  it('takes no server that doesn’t encrypt', async () => {
    await expect(ask(urlOf('localhost', `sslmode=verify-full&sslrootcert=${rootFile}`), ENCRYPTED)).rejects.toThrow(
      'The server does not support SSL connections',
    );
    await ask(server.url(), 'alter system set ssl = on', 'select pg_reload_conf()');
    await expect.poll(() => ask(server.url(), 'show ssl')).toEqual([{ ssl: 'on' }]);
  });

  it('takes a server whose certificate is of the root and for the name, and encrypts', async () => {
    for (const more of ['', '&channel_binding=prefer'])
      expect(await ask(urlOf('localhost', `sslmode=verify-full&sslrootcert=${rootFile}${more}`), ENCRYPTED)).toEqual([
        { ssl: true, version: 'TLSv1.3' },
      ]);
  });

  it('takes no other root', async () => {
    await expect(ask(urlOf('localhost', 'sslmode=verify-full'), ENCRYPTED)).rejects.toThrow('self-signed certificate');
  });

  it('takes no certificate for another name', async () => {
    const other = ask(urlOf('127.0.0.1', `sslmode=verify-full&sslrootcert=${rootFile}`), ENCRYPTED);
    await expect(other).rejects.toThrow("does not match certificate's altnames");
  });
});
