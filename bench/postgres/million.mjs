// npm run bench:postgres:million measures a home of 1,000,000 contacts and ten events for each in a database. `COUNT` as the first word takes
// another size, for a quick look; a database's URL as the second one has that measured, and filled where it has no contacts.
import { removeFolders, using } from '../homes.mjs';
import { peakMb } from '../many.mjs';
import { median, timed } from '../measure.mjs';
import { databases } from './database.mjs';
import { load, onDatabase } from './loading.mjs';
import { growing, measureCalls } from './million-calls.mjs';

const COUNT = Number(process.argv[2] ?? 1_000_000);
const STARTS = 5;

const rows = [];
const tell = (figure, value, unit, goal = '') => {
  const shown = value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
  rows.push([figure, `${shown} ${unit}`.trim(), goal]);
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${rows.at(-1).join(' | ')}\n`);
};

/** Fresh processes, one after another: from their start to the answer of their first call. */
async function starts(url) {
  const [times, memory] = [[], []];
  for (let i = 0; i < STARTS; i++) {
    const began = performance.now();
    await using(onDatabase(url), async (server) => {
      await server.call('list_contacts');
      times.push(performance.now() - began);
      memory.push(peakMb(server));
    });
  }
  tell('start to the first list_contacts, in the middle of five', median(times), 'ms', 'at most 1,000 ms');
  tell('the slowest of them', Math.max(...times), 'ms');
  tell('its memory', Math.max(...memory), 'MB', 'at most 250 MB');
}

async function isFilled(url) {
  let total = 0;
  await using(onDatabase(url), async (server) => {
    ({ total } = await server.call('list_contacts', { limit: 1 }));
  });
  return total > 0;
}

async function measure(url) {
  if (!(await isFilled(url))) await load(url, COUNT, tell);
  await starts(url);
  const ms = await timed(() => measureCalls(url, COUNT, tell));
  await growing(url, COUNT, tell);
  tell('all calls', ms / 1_000, 's');
}

const given = process.argv[3];
const server = given ? undefined : await databases();
try {
  await measure(given ?? (await server.make('million')));
} finally {
  await server?.remove();
  removeFolders();
}
process.exit();
