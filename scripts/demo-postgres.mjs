import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeForPostgres } from './postgres-node.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const [NODE, ...BEFORE] = nodeForPostgres();
const ROLES = {
  owner: { user: 'countersign_owner', password: 'demo-owner' },
  app: { user: 'countersign_app', password: 'demo-app' },
};

/** Runs a script with a Node that can work with PostgreSQL, and waits for its end. */
async function run(words, env = {}) {
  const child = spawn(NODE, [...BEFORE, ...words], { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`It ended with ${code}.`);
}

/** Starts a real PostgreSQL server, makes the schema, has the demo played on it, and removes all of it. */
async function playOnPostgres() {
  const { default: pg } = await import('pg');
  const { startPostgres } = await import('../test/support/postgres/server.ts');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'countersign-demo-postgres-'));
  const server = await startPostgres(folder);
  try {
    const client = new pg.Client({ connectionString: server.url() });
    await client.connect();
    for (const { user, password } of Object.values(ROLES))
      await client.query(`create role ${user} login password '${password}'`);
    await client.query(`create database countersign owner ${ROLES.owner.user}`);
    const { rows } = await client.query('show server_version');
    await client.end();
    console.log(`PostgreSQL ${rows[0].server_version} on port ${server.port}, in ${folder}`);
    const [url, ownerUrl] = [server.url('countersign', ROLES.app), server.url('countersign', ROLES.owner)];
    const env = {
      COUNTERSIGN_HOME: path.join(folder, 'home'),
      COUNTERSIGN_DATABASE_URL: url,
    };
    const program = path.join('dist', 'countersign.js');
    console.log('countersign doctor --init');
    await run([program, 'doctor', '--init'], { ...env, COUNTERSIGN_DATABASE_OWNER_URL: ownerUrl });
    const words = process.argv.slice(2).filter((word) => word !== '--postgres');
    await run([path.join('scripts', 'demo.mjs'), ...words], { DEMO_DATABASE_URL: url });
    console.log('\ncountersign audit');
    await run([program, 'audit'], env);
  } finally {
    await server.remove();
  }
  console.log('The server has ended, and its files are removed.');
}

/** `npm run demo -- --postgres`: the same demo on a database of its own. This process may be too old for it. */
export async function demoOnPostgres() {
  await run(['--experimental-strip-types', '--no-warnings', fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await playOnPostgres();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
