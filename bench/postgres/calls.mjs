import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { agentArgs, countersign, noteRules, temporaryFolder } from '../homes.mjs';
import { interleaved, percentile, timed } from '../measure.mjs';
import { start, storeFile } from './committing.mjs';

const CONTACTS = 10_000;
const CALLS = 100;

/** A file of contacts, half of them leads. */
export function contactsFile(count) {
  const folder = temporaryFolder('contacts');
  const lines = Array.from(
    { length: count },
    (_, i) => `c${i},c${i}@mail.example.com,${i % 2 ? 'lead' : 'customer'},${i % 100}`,
  );
  const file = path.join(folder, 'contacts.csv');
  writeFileSync(file, ['id,email,lifecycle_stage,score', ...lines].join('\n'));
  return file;
}

/** A process of Countersign, on a database or on a home of its own. */
export async function opened(url, name, file) {
  const allowed = file ? { COUNTERSIGN_ALLOW_DIRS: path.dirname(file) } : {};
  const server = countersign(temporaryFolder(name), { ...(url ? { COUNTERSIGN_DATABASE_URL: url } : {}), ...allowed });
  await server.initialize();
  return server;
}

/** Makes an agent that proposes a note for each contact of the home, at most so many. */
export async function noter(server, name, most) {
  const monitoring = { max_contacts_per_run: most };
  const made = { name, capabilities: ['notes'], playbook: { rules: noteRules }, monitoring };
  return (await server.call('create_agent', made)).agent.id;
}

async function prepared(url) {
  const file = contactsFile(CONTACTS);
  const server = await opened(url, 'calls', file);
  await server.call('import_contacts', { path: file });
  await server.call('trigger_agent', { agent_id: await noter(server, 'Noter', 2 * CALLS), wait_seconds: 30 });
  const actions = [];
  while (actions.length < CALLS) {
    const page = await server.call('list_pending_actions', { limit: 50, offset: actions.length, detail: 'brief' });
    actions.push(...page.actions);
  }
  return { server, actions };
}

async function p95(call) {
  const times = [];
  for (let i = 0; i < CALLS; i++) times.push(await timed(() => call(i)));
  return percentile(times, 0.95);
}

function measured({ server, actions }) {
  const page = (i) =>
    server.call('list_contacts', { filter: { lifecycle_stage: 'lead', score: { $gte: i % 90 } }, limit: 50 });
  const get = (i) => server.call('get_contact', { contact_id: `c${(i * 97) % CONTACTS}` });
  const approve = (i) => {
    const { run_id, contact_id, action_index, digest } = actions[i];
    return server.call('approve_action', { run_id, contact_id, action_index, expected_digest: digest });
  };
  return { page, get, approve };
}

/** The slower calls of one process, while four others commit without a pause; the same in a home of files that nobody else writes to. */
export async function calls(databases) {
  const url = await databases.make('calls');
  const [shared, own] = [await prepared(url), await prepared()];
  const writers = await Promise.all([1, 2, 3, 4].map(() => start('store', url, storeFile())));
  const found = {};
  for (const name of ['page', 'get', 'approve']) {
    let isOver = false;
    const writing = writers.map(async (writer) => {
      while (!isOver) await writer.commit(20, 1);
    });
    const postgres = await p95(measured(shared)[name]);
    isOver = true;
    await Promise.all(writing);
    found[name] = { postgres, files: await p95(measured(own)[name]) };
  }
  for (const writer of writers) writer.end();
  await Promise.all([shared.server.end(), own.server.end()]);
  return found;
}

const PROCESSES = 4;
const CLIENTS = 16;
const AGENTS = 160;

/** Agents made a second over MCP, by 16 clients on four processes; the same on one home of files. */
export async function creating(databases) {
  const url = await databases.make('creating');
  const home = temporaryFolder('creating');
  const on = (of) => Promise.all(Array.from({ length: PROCESSES }, () => of()));
  const shared = await on(() => opened(url, 'creating'));
  const own = await on(async () => {
    const server = countersign(home);
    await server.initialize();
    return server;
  });
  let next = 0;
  const perSecond = async (servers) => {
    const ms = await timed(() =>
      Promise.all(
        Array.from({ length: CLIENTS }, async (_, client) => {
          const server = servers[client % PROCESSES];
          for (let i = 0; i < AGENTS / CLIENTS; i++) await server.call('create_agent', agentArgs(next++));
        }),
      ),
    );
    return AGENTS / (ms / 1000);
  };
  const found = await interleaved({ postgres: () => perSecond(shared), files: () => perSecond(own) }, { rounds: 5 });
  await Promise.all([...shared, ...own].map((server) => server.end()));
  return found;
}
