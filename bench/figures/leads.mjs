import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { countersign, echo, LEADS, LEADS_MAPPING, noteRules, temporaryFolder, using } from '../homes.mjs';
import { interleaved, timed } from '../measure.mjs';

const PARSE = fileURLToPath(new URL('../parse-leads.mjs', import.meta.url));

const importLeads = (server) => server.call('import_contacts', { path: LEADS, mapping: LEADS_MAPPING });

/** The milliseconds in which a fresh process parses the leads with the same library and writes one JSON file. */
function parseAndWrite() {
  const target = path.join(temporaryFolder('parsed'), 'leads.json');
  return Number(execFileSync(process.execPath, [PARSE, LEADS, target], { encoding: 'utf8' }));
}

export async function importing() {
  const ms = await interleaved({
    countersign: () => using(countersign(temporaryFolder('import')), (server) => timed(() => importLeads(server))),
    parse: async () => parseAndWrite(),
  });
  return [
    {
      figure: 'import of `leads.csv`',
      means: 'the `import_contacts` call for its 9,240 rows',
      value: ms.countersign,
      unit: 'ms',
      peer: { name: 'parsing it and writing one JSON file', value: ms.parse, compare: 'length' },
      atMost: 3,
    },
  ];
}

export async function running() {
  let count = 0;
  const ms = await interleaved({
    run: () =>
      using(countersign(temporaryFolder('run')), async (server) => {
        count = (await importLeads(server)).created;
        const { agent } = await server.call('create_agent', {
          name: 'Notes',
          capabilities: ['notes'],
          playbook: { rules: noteRules },
          monitoring: { max_contacts_per_run: 10_000 },
        });
        return timed(() => server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 }));
      }),
  });
  return [
    {
      figure: 'rules run',
      means: 'contacts of `leads.csv` that one run by rules gives a note each, results on the disk',
      value: count / (ms.run / 1000),
      unit: 'contacts/s',
      atLeast: 10_000,
    },
  ];
}

const BULK = 1_000;

async function approveAll(server) {
  let ms = 0;
  for (let left = BULK; left > 0; ) {
    const { review_token } = await server.call('list_pending_actions', { detail: 'brief', limit: 1_000 });
    ms += await timed(async () => {
      left -= (await server.call('review_actions', { decision: 'approve', review_token })).decided;
    });
  }
  return ms;
}

export async function approving() {
  const ms = await interleaved({
    approve: () =>
      using(countersign(temporaryFolder('bulk')), async (server) => {
        await server.call('import_contacts', { contacts: Array.from({ length: BULK }, (_, i) => ({ id: `b${i}` })) });
        const { agent } = await server.call('create_agent', {
          name: 'Bulk',
          capabilities: ['notes'],
          playbook: { rules: noteRules },
          monitoring: { max_contacts_per_run: BULK },
        });
        await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
        return approveAll(server);
      }),
  });
  return [
    {
      figure: 'approving in bulk',
      means: 'pending notes, 1,000 of them, approved by `review_actions` and executed',
      value: BULK / (ms.approve / 1000),
      unit: 'actions/s',
      atLeast: 1_000,
    },
  ];
}

export async function resident() {
  const home = temporaryFolder('resident');
  await using(countersign(home), importLeads);
  const mb = await interleaved({
    countersign: () =>
      using(countersign(home), async (server) => {
        await server.call('list_contacts', { filter: { Converted: 0 } });
        return server.residentMb();
      }),
    echo: () =>
      using(echo(), async (server) => {
        await server.call('echo', { text: 'x' });
        return server.residentMb();
      }),
  });
  return [
    {
      figure: 'resident memory',
      means: 'memory of the process after one `list_contacts` over the leads',
      value: mb.countersign,
      unit: 'MB',
      peer: { name: 'the bare echo after one call', value: mb.echo, compare: 'difference' },
      atMost: 60,
    },
  ];
}
