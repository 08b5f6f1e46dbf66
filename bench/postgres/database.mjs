import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../test/support/postgres/server.ts';
import { ROOT, temporaryFolder } from '../homes.mjs';

const SERVER = path.join(ROOT, 'dist', 'countersign.js');

/** A real server, and on it as many databases as wanted, each with the schema of a home. */
export async function databases() {
  const server = await startPostgres(mkdtempSync(path.join(os.tmpdir(), 'countersign-bench-postgres-')));
  const ask = async (text, database) => {
    const client = new pg.Client({ connectionString: server.url(database) });
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows;
  };
  return {
    ask,
    async make(name) {
      await ask(`create database ${name}`);
      const url = server.url(name);
      const env = { PATH: process.env.PATH, HOME: process.env.HOME, COUNTERSIGN_HOME: temporaryFolder(name) };
      execFileSync(process.execPath, [SERVER, 'doctor', '--init'], {
        env: { ...env, COUNTERSIGN_DATABASE_URL: url },
        stdio: 'ignore',
      });
      return url;
    },
    remove: () => server.remove(),
  };
}
