import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { noteRules, temporaryFolder, using } from '../homes.mjs';
import { CONTACT_COLUMNS, contactAt, peakMb, timedBesides, writeLines } from '../many.mjs';
import { percentile, timed } from '../measure.mjs';
import { start, storeFile } from './committing.mjs';
import { onDatabase } from './loading.mjs';
import { worker } from './running.mjs';

const CALLS = 100;
const SOME = 20;
const FEW = 3;
const WRITERS = 4;
const TARGETS = 10_000;
const MORE = 9_000;
const EVENTS_OF_ONE = 5_000;

/** Pages, each with how often it is asked for. A page that has to look at every contact is asked for less often. */
const PAGES = [
  ['a page by a filter that few match', SOME, (i) => ({ filter: { city: `City ${i}`, score: i } })],
  ['by one that a fifth matches', SOME, (i) => ({ filter: { lifecycle_stage: 'lead', score: { $gte: i % 90 } } })],
  ['by one that tells ranges alone', SOME, (i) => ({ filter: { score: { $gte: i } } })],
  ['by one that nobody matches', FEW, (i) => ({ filter: { score: { $gt: 1_000 + i } } })],
  ['by the address', FEW, (i) => ({ filter: { email: `c${i}@mail${i}.example.com` } })],
  ['by `query` that few match', FEW, (i) => ({ query: `Company ${4_700 + i}` })],
  ['by `query` that nobody matches', FEW, (i) => ({ query: `nobody has ${i}` })],
];

async function times(count, call) {
  const all = [];
  for (let i = 0; i < count; i++) all.push(await timed(() => call(i)));
  return all;
}

/** Does a piece of work while four other processes commit without a pause. */
async function besideWriters(url, work) {
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => start('store', url, storeFile())));
  let isOver = false;
  const writing = writers.map(async (writer) => {
    while (!isOver) await writer.commit(20, 1);
  });
  try {
    await work();
  } finally {
    isOver = true;
    await Promise.all(writing);
    for (const writer of writers) writer.end();
  }
}

async function pages(server, tell, suffix) {
  for (const [figure, count, args] of PAGES) {
    const found = await times(count, (i) => server.call('list_contacts', { ...args(i), limit: 50 }));
    tell(`${figure}${suffix}, 95 in 100`, percentile(found, 0.95), 'ms', 'at most 200 ms');
  }
}

async function run(server, tell) {
  const monitoring = { filter: { lifecycle_stage: 'lead' }, max_contacts_per_run: TARGETS };
  const made = { name: `Noter ${Date.now()}`, capabilities: ['notes'], playbook: { rules: noteRules }, monitoring };
  const { agent } = await server.call('create_agent', made);
  const began = Date.now();
  const { slowest, result } = await timedBesides(server, 'trigger_agent', { agent_id: agent.id });
  let of = {};
  for (; of.status !== 'completed'; await pause(100))
    ({ run: of } = await server.call('get_run', { run_id: result.run_id, limit: 1 }));
  tell('a run by rules over 10,000 of them: its contacts are found', Date.parse(of.created_at) - began, 'ms');
  tell('the run, with that', (Date.parse(of.completed_at) - began) / 1_000, 's');
  tell('slowest other call meanwhile', slowest, 'ms');
}

async function pending(server) {
  const actions = [];
  while (actions.length < CALLS) {
    const page = await server.call('list_pending_actions', { limit: 50, offset: actions.length, detail: 'brief' });
    actions.push(...page.actions);
  }
  return actions;
}

async function approvals(server, url, count, tell) {
  const actions = await pending(server);
  const approve = (i) => {
    const { run_id, contact_id, action_index, digest } = actions[i];
    return server.call('approve_action', { run_id, contact_id, action_index, expected_digest: digest });
  };
  await besideWriters(url, async () => {
    const got = await times(CALLS, (i) => server.call('get_contact', { contact_id: `c${(i * 7_907) % count}` }));
    tell('get_contact while four processes write, 95 in 100', percentile(got, 0.95), 'ms', 'at most 50 ms');
    tell('approve_action, the same', percentile(await times(CALLS, approve), 0.95), 'ms', 'at most 50 ms');
    await pages(server, tell, ', the same');
  });
}

/** The calls of one process, first alone, then while four others commit without a pause. A worker runs beside. */
export async function measureCalls(url, count, tell) {
  const beside = await worker(url);
  await using(onDatabase(url), async (server) => {
    await pages(server, tell, '');
    await run(server, tell);
    await approvals(server, url, count, tell);
    tell('memory of the process after all that', peakMb(server), 'MB', 'at most 250 MB');
    tell('memory of a worker', peakMb(beside), 'MB', 'at most 250 MB');
  });
  beside.kill('SIGTERM');
}

/** What changes the database: more contacts, many events of one, and contacts that go. */
export async function growing(url, count, tell) {
  const folder = mkdtempSync(path.join(temporaryFolder('growing'), path.basename(os.tmpdir())));
  const from = count + (Date.now() % 1_000_000) * MORE;
  const lines = { header: CONTACT_COLUMNS, lineAt: contactAt, from, to: from + MORE };
  const file = await writeLines(path.join(folder, 'contacts.csv'), lines);
  await using(onDatabase(url, { COUNTERSIGN_ALLOW_DIRS: folder }), async (server) => {
    const { ms, slowest } = await timedBesides(server, 'import_contacts', { path: file });
    tell('import of 9,000 more contacts', ms / 1_000, 's');
    tell('slowest other call meanwhile', slowest, 'ms');
    const event = (i) =>
      JSON.stringify({ contact_id: `c${from}`, type: 'track', name: 'Opened', messageId: `${from} ${i}` });
    writeFileSync(path.join(folder, 'one.jsonl'), Array.from({ length: EVENTS_OF_ONE }, (_, i) => event(i)).join('\n'));
    await server.call('import_contacts', { path: path.join(folder, 'one.jsonl') });
    const got = await times(FEW, () => server.call('get_contact', { contact_id: `c${from}` }));
    tell('get_contact of one with 5,000 events, 95 in 100', percentile(got, 0.95), 'ms', 'at most 50 ms');
    const gone = await times(FEW, (i) => server.call('delete_contact', { contact_id: `c${from + i}` }));
    tell('delete_contact, 95 in 100', percentile(gone, 0.95), 'ms');
    tell('memory of the process after all that', peakMb(server), 'MB', 'at most 250 MB');
  });
}
