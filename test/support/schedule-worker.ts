import readline from 'node:readline';
import { createSchemas } from '../../src/checks/schemas.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import { createScheduler } from '../../src/engine/upkeep/schedule.ts';
import { ownFilesOf } from '../../src/files/own-files.ts';
import { createHouse } from '../../src/process/house.ts';
import { aStore } from './store.ts';

/** Reads times from standard input. At each it sets its clock, fires what is due, waits for it, and prints the time. */
const [home = ''] = process.argv.slice(2);
const quiet = () => undefined;
let clock = new Date(0);
const now = () => clock;
const deps = {
  now,
  newId: createIds(() => new Date()),
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  env: {},
  openSocket: () => Promise.reject(new Error('a schedule opens no socket')),
  fetch: () => Promise.reject(new Error('a schedule makes no request')),
  schemas: createSchemas(),
  ...ownFilesOf(home),
};
const house = createHouse(aStore(home, deps), deps);
const scheduler = createScheduler(house);

for await (const line of readline.createInterface({ input: process.stdin })) {
  clock = new Date(line);
  await scheduler.look();
  await Promise.all([...house.runs.values()].map((run) => run.done));
  process.stdout.write(`${line}\n`);
}
await house.store.close();
