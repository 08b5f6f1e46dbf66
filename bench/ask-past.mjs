// Asks the store of a home for 100 contacts as they were at a commit, all by chance: twice, in this fresh process. `program`
// is the compiled store. Prints the milliseconds of both as JSON.
import { randomInt } from 'node:crypto';
import { timed } from './measure.mjs';

const [program, home, contacts] = process.argv.slice(2);
const { createJsonStore } = await import(program);
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const store = createJsonStore(home, { now: () => new Date(), newId: (prefix) => `${prefix}_00000000000`, log });

function anyPast(commits) {
  const commit = randomInt(commits) + 1;
  return Array.from({ length: 100 }, () => ({ commit, contact_id: `c${randomInt(Number(contacts))}` }));
}

const ask = async () => store.asOf(anyPast(await store.read((view) => view.commits())));
const first = await timed(ask);
const again = await timed(ask);
await store.close();
process.stdout.write(JSON.stringify({ first, again }));
