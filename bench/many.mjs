import { createWriteStream, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const STAGES = ['lead', 'subscriber', 'customer', 'opportunity', 'evangelist'];
const PING_MS = 20;

export const CONTACT_COLUMNS = 'id,email,firstname,lastname,phone,company,lifecycle_stage,city,score';

/** The row of a CSV for the contact number `i`. */
export const contactAt = (i) =>
  `c${i},c${i}@mail${i % 997}.example.com,First ${i % 900},Last ${i % 7_000},+31610${i},Company ${i % 50_000},${STAGES[i % 5]},City ${i % 300},${i % 100}`;

/** The line of the event number `i`, about one of so many contacts: each has its turn before one has the next. */
export const eventAt = (i, contacts) =>
  JSON.stringify({
    ...{ type: 'track', event: 'Page Viewed', userId: `c${(i * 7_919) % contacts}`, messageId: `m${i}` },
    ...{ timestamp: new Date(1_772_000_000_000 + i * 1_000), properties: { path: `/p/${i % 500}` } },
  });

/** Writes the lines of the numbers from `from` to below `to`. */
export async function writeLines(file, { header, lineAt, from = 0, to }) {
  const out = createWriteStream(file);
  if (header) out.write(`${header}\n`);
  for (let i = from; i < to; i++)
    if (!out.write(`${lineAt(i)}\n`)) await new Promise((resolve) => out.once('drain', resolve));
  await new Promise((resolve) => out.end(resolve));
  return file;
}

/** Calls a tool, and asks for the agents meanwhile: how long the call took, and the slowest of the others. */
export async function timedBesides(server, name, args) {
  let [isOver, slowest] = [false, 0];
  const others = (async () => {
    while (!isOver) {
      const start = performance.now();
      await server.call('list_agents');
      slowest = Math.max(slowest, performance.now() - start);
      await pause(PING_MS);
    }
  })();
  const start = performance.now();
  const result = await server.call(name, args);
  const ms = performance.now() - start;
  isOver = true;
  await others;
  return { ms, slowest, result };
}

/** The most memory that a process ever had, in MB, as Linux tells it. */
export const peakMb = ({ pid }) =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
