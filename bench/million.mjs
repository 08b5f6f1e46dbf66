import { createWriteStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { countersign, noteRules, removeFolders, temporaryFolder, using } from './homes.mjs';

/** How many contacts and events the home gets; another number as the first argument, for a quick look. */
const COUNT = Number(process.argv[2] ?? 1_000_000);
const STAGES = ['lead', 'subscriber', 'customer', 'opportunity', 'evangelist'];
const PING_MS = 20;

const contactAt = (i) =>
  `c${i},c${i}@mail${i % 997}.example.com,First ${i % 900},Last ${i % 7_000},+31610${i},Company ${i % 50_000},${STAGES[i % 5]},City ${i % 300},${i % 100}`;
const eventAt = (i) =>
  JSON.stringify({
    ...{ type: 'track', event: 'Page Viewed', userId: `c${(i * 7_919) % COUNT}`, messageId: `m${i}` },
    ...{ timestamp: new Date(1_772_000_000_000 + i * 1_000), properties: { path: `/p/${i % 500}` } },
  });

async function writeLines(file, header, lineAt) {
  const out = createWriteStream(file);
  if (header) out.write(`${header}\n`);
  for (let i = 0; i < COUNT; i++)
    if (!out.write(`${lineAt(i)}\n`)) await new Promise((resolve) => out.once('drain', resolve));
  await new Promise((resolve) => out.end(resolve));
  return file;
}

/** Calls a tool, and asks for the agents meanwhile: how long the call took, and the slowest of the others. */
async function timed(server, name, args) {
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

const peakMb = ({ pid }) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const rows = [];
const tell = (figure, value, unit, goal) => {
  rows.push([figure, `${Math.round(value).toLocaleString('en-US')} ${unit}`, goal]);
  process.stdout.write(`${rows.at(-1).join(' | ')}\n`);
};

/** One call in a fresh process, from its start to the answer. */
async function fresh(home, name, args, work = async () => undefined) {
  const start = performance.now();
  await using(countersign(home), async (server) => {
    const result = await server.call(name, args);
    await work({ server, result, ms: performance.now() - start });
  });
}

async function importAll(home, folder) {
  const contacts = await writeLines(
    path.join(folder, 'contacts.csv'),
    'id,email,firstname,lastname,phone,company,lifecycle_stage,city,score',
    contactAt,
  );
  const events = await writeLines(path.join(folder, 'events.jsonl'), undefined, eventAt);
  let sum = 0;
  for (const [what, file] of [
    ['contacts', contacts],
    ['events', events],
  ]) {
    await using(countersign(home, { COUNTERSIGN_ALLOW_DIRS: folder }), async (server) => {
      const { ms, slowest } = await timed(server, 'import_contacts', { path: file });
      sum += ms;
      tell(`import of ${what}`, ms / 1_000, 's', '');
      tell('its peak memory', peakMb(server), 'MB', 'at most 700 MB');
      tell('slowest other call meanwhile', slowest, 'ms', 'at most 200 ms');
    });
  }
  tell('import of both', sum / 1_000, 's', 'at most 150 s');
}

async function run(home) {
  await using(countersign(home), async (server) => {
    const monitoring = { filter: { lifecycle_stage: 'lead' }, max_contacts_per_run: 10_000 };
    const made = { name: 'Noter', capabilities: ['notes'], playbook: { rules: noteRules }, monitoring };
    const { agent } = await server.call('create_agent', made);
    const [start, began] = [performance.now(), Date.now()];
    const { ms, slowest, result } = await timed(server, 'trigger_agent', { agent_id: agent.id });
    let run = {};
    for (; run.status !== 'completed'; await pause(50))
      ({ run } = await server.call('get_run', { run_id: result.run_id }));
    tell('answer of trigger_agent, which waits up to 5 s for the run', ms / 1_000, 's', 'at most 6 s');
    tell('its contacts are found and the run is made', Date.parse(run.created_at) - began, 'ms', '');
    tell('rules run of 10,000 contacts', (performance.now() - start) / 1_000, 's', 'at most 10 s');
    tell('slowest other call meanwhile', slowest, 'ms', 'at most 200 ms');
  });
}

const [home, folder] = [temporaryFolder('million'), temporaryFolder('million-data')];
try {
  await importAll(home, folder);
  await fresh(home, 'list_contacts', {}, ({ server, ms }) => {
    tell('fresh process: first list_contacts', ms, 'ms', 'at most 2,000 ms');
    tell('its memory', server.residentMb(), 'MB', 'at most 300 MB');
  });
  await fresh(home, 'list_contacts', { limit: 1 }, async ({ server }) => {
    const { ms } = await timed(server, 'list_contacts', { filter: { lifecycle_stage: 'lead' }, limit: 50 });
    tell('a page by filter', ms, 'ms', 'at most 300 ms');
  });
  await fresh(home, 'get_contact', { contact_id: `c${COUNT >> 1}` }, ({ ms }) =>
    tell('cold get_contact, with the start of the process', ms, 'ms', ''),
  );
  await run(home);
} finally {
  removeFolders();
}
