import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT, temporaryFolder } from '../homes.mjs';
import { interleaved } from '../measure.mjs';
import { contactsFile, noter, opened } from './calls.mjs';

const SERVER = path.join(ROOT, 'dist', 'countersign.js');
const CONTACTS = 10_000;

export async function worker(url) {
  const child = spawn(process.execPath, [SERVER, 'worker'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      COUNTERSIGN_HOME: temporaryFolder('worker'),
      COUNTERSIGN_DATABASE_URL: url,
    },
  });
  await new Promise((resolve) => child.stderr.on('data', (text) => String(text).includes('ready') && resolve()));
  child.stderr.resume();
  return child;
}

/** The seconds of a run by rules, from its start to its end as its figures say, by so many workers. */
async function seconds(databases, count, round) {
  const url = await databases.make(`run_${count}_${round + 9}`);
  const file = contactsFile(CONTACTS);
  const server = await opened(url, 'running', file);
  await server.call('import_contacts', { path: file });
  const agent_id = await noter(server, 'Noter', CONTACTS);
  const workers = await Promise.all(Array.from({ length: count }, () => worker(url)));
  const { run_id } = await server.call('trigger_agent', { agent_id, wait_seconds: 0 });
  let run = {};
  for (; run.status !== 'completed'; await pause(100)) ({ run } = await server.call('get_run', { run_id, limit: 1 }));
  for (const child of workers) child.kill('SIGTERM');
  await server.end();
  return (Date.parse(run.completed_at) - Date.parse(run.started_at)) / 1000;
}

/** A run by rules over 10,000 contacts, by one process and with four workers beside it. */
export function running(databases) {
  return interleaved(
    { none: (round) => seconds(databases, 0, round), four: (round) => seconds(databases, 4, round) },
    { rounds: 3, warmUp: 0 },
  );
}
