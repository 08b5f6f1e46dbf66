import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Names the folder in which the lane of tests on PostgreSQL keeps its databases at hand. Unset: tests run on the store of JSON files. */
export const LANE = 'COUNTERSIGN_TEST_POSTGRES';

/** The folders in there, a file for each database: made and free, of a home, and no longer needed. Its content is the URL. */
export const SHELVES = { ready: 'ready', homes: 'homes', gone: 'gone' } as const;

/** Whether this test runs on PostgreSQL. */
export const isOnPostgres = process.env[LANE] !== undefined;

const POLL_MS = 20;
const TRIES = 3_000;
const claimed = new Set<string>();

function shelf(name: keyof typeof SHELVES, file = ''): string {
  const lane = process.env[LANE];
  if (lane === undefined) throw new Error(`${LANE} is not set: run npm run test:postgres`);
  return path.join(lane, SHELVES[name], file);
}

/** Waits without giving other work a turn: whoever asks for a URL can't wait for a promise. */
function waitHere(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function move(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** Takes one of the databases that the lane's main process keeps ready. It makes the next ones meanwhile. */
function claim(file: string): void {
  for (let tries = 0; tries < TRIES; tries++) {
    for (const name of fs.readdirSync(shelf('ready'))) if (move(shelf('ready', name), file)) return;
    waitHere(POLL_MS);
  }
  throw new Error('The lane of PostgreSQL has no database ready: its main process makes none any more.');
}

/**
 * The URL of the database for a home: one of its own, the same for every process of a test that knows the home's folder.
 * Its role is the application's, which doesn't own its schema.
 */
export function databaseUrlOf(home: string): string {
  const name = createHash('sha256').update(path.resolve(home)).digest('hex').slice(0, 20);
  const file = shelf('homes', name);
  if (!fs.existsSync(file)) {
    claim(file);
    claimed.add(name);
  }
  return fs.readFileSync(file, 'utf8');
}

/** What a process needs in its environment to work on a home: nothing on the store of JSON files. */
export function databaseEnv(home: string): Record<string, string> {
  return isOnPostgres ? { COUNTERSIGN_DATABASE_URL: databaseUrlOf(home) } : {};
}

/** Gives back the databases of the homes that this file's tests used. */
export function releaseHomes(): void {
  for (const name of claimed) move(shelf('homes', name), shelf('gone', `${name}-${process.pid}`));
  claimed.clear();
}
