import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { migrateSchema } from '../../../src/store/postgres/schema/migrate-schema.ts';
import { freshFolder } from '../folders.ts';
import { LANE, SHELVES } from './homes.ts';
import { type PostgresServer, startPostgres } from './server.ts';

/** The role of the processes under test. It owns nothing. */
export const APP_ROLE = { user: 'app', password: 'pw-of-the-app' } as const;
/** The database that all others are copies of: the server copies one in a fraction of the time that making a schema takes. */
const TEMPLATE = 'home_template';
/** How many databases are made ahead of the tests that need them. */
const AHEAD = 12;
const IDLE_MS = 20;

/** Makes databases ahead of the tests, and drops what they left, until it is stopped. */
function keepReady(server: PostgresServer, admin: pg.Client, lane: string): () => Promise<void> {
  let isOver = false;
  let count = 0;
  const shelf = (name: keyof typeof SHELVES, file = '') => path.join(lane, SHELVES[name], file);
  const make = async () => {
    const name = `home_${++count}`;
    await admin.query(`create database ${name} template ${TEMPLATE}`);
    fs.writeFileSync(path.join(lane, name), server.url(name, APP_ROLE));
    fs.renameSync(path.join(lane, name), shelf('ready', name));
  };
  const drop = async (file: string) => {
    const { pathname } = new URL(fs.readFileSync(shelf('gone', file), 'utf8'));
    await admin.query(`drop database ${pathname.slice(1)} with (force)`);
    fs.rmSync(shelf('gone', file));
  };
  const loop = async () => {
    while (!isOver) {
      const [gone] = fs.readdirSync(shelf('gone'));
      if (fs.readdirSync(shelf('ready')).length < AHEAD) await make();
      else if (gone !== undefined) await drop(gone);
      else await wait(IDLE_MS);
    }
  };
  const done = loop();
  return async () => {
    isOver = true;
    await done;
  };
}

/** Starts the lane: a real server, and a database for each home of a test. Gives what ends it. */
export async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres(freshFolder('postgres'));
  const { user, password } = APP_ROLE;
  const admin = new pg.Client({ connectionString: server.url() });
  await admin.connect();
  await admin.query(`create role ${user} login password '${password}'`);
  await admin.query(`create database ${TEMPLATE}`);
  await migrateSchema(server.url(TEMPLATE, APP_ROLE), server.url(TEMPLATE));
  const lane = freshFolder('postgres-lane');
  for (const name of Object.values(SHELVES)) fs.mkdirSync(path.join(lane, name));
  const stop = keepReady(server, admin, lane);
  process.env[LANE] = lane;
  return async () => {
    await stop();
    await admin.end();
    await server.remove();
    fs.rmSync(lane, { recursive: true, force: true });
  };
}
