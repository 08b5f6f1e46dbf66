import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { assistant, call, startServer, tool, you } from './demo-client.mjs';

const MOST = 10_000;

function mappingOf(pairs) {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`--map takes field=Column, such as --map id="Prospect ID"; "${pair}" has no "=".`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function filterOf(text) {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`--filter takes JSON, such as '{"Converted":0}': ${error.message}`);
  }
}

/** The demo on a person's own file: imports it, targets the contacts of the filter, proposes a note for each. */
export async function runOnData(file, pairs, filterText) {
  const mapping = mappingOf(pairs);
  const filter = filterOf(filterText);
  const full = await realpath(file).catch(() => {
    throw new Error(`There is no file ${path.resolve(file)}.`);
  });
  const { client, home } = await startServer([path.dirname(full)]);
  try {
    you(
      `Import ${path.basename(full)} and propose a note for ${filterText ? `those who match ${filterText}` : 'everyone'}.`,
    );
    const began = Date.now();
    const imported = await call(client, 'import_contacts', { path: full, mapping });
    tool(
      'import_contacts',
      `${imported.created} created, ${imported.updated} updated, ${imported.unchanged} unchanged, ${imported.error_count} errors (${Date.now() - began} ms)`,
    );
    for (const { row, message } of imported.errors.slice(0, 3)) tool('import_contacts', `row ${row}: ${message}`);
    const { agent, warnings } = await call(client, 'create_agent', {
      name: 'Note taker',
      capabilities: ['notes'],
      monitoring: { filter, max_contacts_per_run: MOST },
      playbook: {
        rules: [
          {
            name: 'matched',
            propose: [
              {
                type: 'note',
                params: {
                  body: 'Worth a call: {{ contact.firstname | default: contact.id }} matched on {{ now | date: "%Y-%m-%d" }}.',
                },
              },
            ],
          },
        ],
      },
    });
    tool('create_agent', `${agent.id} "${agent.name}", provider ${agent.effective_provider}`);
    for (const warning of warnings) tool('create_agent', `warning: ${warning}`);
    const triggered = Date.now();
    const run = await call(client, 'trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
    tool('trigger_agent', `${run.run_id} ${run.status} (${Date.now() - triggered} ms)`);
    const { summary } = run;
    assistant(
      `The run targeted ${summary.contacts_targeted} of ${imported.created + imported.updated + imported.unchanged} contacts and proposed ${summary.actions_proposed} notes; ${summary.actions_pending_approval} wait for your decision.`,
    );
    const shown = await call(client, 'get_run', { run_id: run.run_id, limit: 3 });
    for (const result of shown.run.contact_results) tool('get_run', `${result.contact_id}: ${result.reasoning}`);
    console.log('\n  What it made, for you to open:');
    console.log(`    ${path.join(home, 'log')}    every change, one JSON line each`);
    console.log(`    ${path.join(home, 'state')}  what it adds up to`);
  } finally {
    await client.close();
  }
}
