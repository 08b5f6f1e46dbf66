import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { countersign, noteRules, removeFolders, temporaryFolder, using } from './homes.mjs';
import { CONTACT_COLUMNS, contactAt, eventAt, peakMb, timedBesides, writeLines } from './many.mjs';

/** How many contacts and events the home gets; another number as the first argument, for a quick look. */
const COUNT = Number(process.argv[2] ?? 1_000_000);
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
  const contacts = await writeLines(path.join(folder, 'contacts.csv'), {
    header: CONTACT_COLUMNS,
    lineAt: contactAt,
    to: COUNT,
  });
  const lineAt = (i) => eventAt(i, COUNT);
  const events = await writeLines(path.join(folder, 'events.jsonl'), { lineAt, to: COUNT });
  let sum = 0;
  for (const [what, file] of [
    ['contacts', contacts],
    ['events', events],
  ]) {
    await using(countersign(home, { COUNTERSIGN_ALLOW_DIRS: folder }), async (server) => {
      const { ms, slowest } = await timedBesides(server, 'import_contacts', { path: file });
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
    const { ms, slowest, result } = await timedBesides(server, 'trigger_agent', { agent_id: agent.id });
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
    const { ms } = await timedBesides(server, 'list_contacts', { filter: { lifecycle_stage: 'lead' }, limit: 50 });
    tell('a page by filter', ms, 'ms', 'at most 300 ms');
  });
  await fresh(home, 'get_contact', { contact_id: `c${COUNT >> 1}` }, ({ ms }) =>
    tell('cold get_contact, with the start of the process', ms, 'ms', ''),
  );
  await run(home);
} finally {
  removeFolders();
}
