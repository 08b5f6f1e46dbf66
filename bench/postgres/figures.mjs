import { removeFolders } from '../homes.mjs';
import { lineOf, tableOf } from '../table.mjs';
import { calls, creating } from './calls.mjs';
import { committing } from './committing.mjs';
import { databases } from './database.mjs';
import { running } from './running.mjs';

const FIGURES = { committing, creating, calls, running };
const INSERTS = 'bare inserts of one row by one client';

const quotient = (figure, means, [value, goal], bare) => ({
  ...{ figure, means, value, unit: 'a second', atLeast: goal },
  peer: { name: INSERTS, value: bare, compare: 'rate' },
});
const beside = (figure, means, { postgres, files }, atMost) => ({
  ...{ figure: `${figure}; in a home of files ${files.toFixed(1)} ms`, means, value: postgres, unit: 'ms', atMost },
});

function rowsOf({ committing, creating, calls, running }) {
  const busy = '95 in 100 take no longer, while four other processes commit without a pause';
  return [
    ...(committing
      ? [
          quotient('commits, one client', 'durable commits by the store', [committing.one, 0.7], committing.bare),
          quotient('commits, 16 clients', 'the same, of one process', [committing.together, 2], committing.bare),
          quotient('commits, 16 clients', 'the same, on four processes', [committing.apart, 2], committing.bare),
        ]
      : []),
    ...(creating && committing
      ? [
          quotient(
            `\`create_agent\`, 16 clients; on a home of files ${Math.round(creating.files)} a second`,
            'calls over MCP, on four processes',
            [creating.postgres, 0.3],
            committing.bare,
          ),
        ]
      : []),
    ...(calls
      ? [
          beside('a page of `list_contacts` by filter', busy, calls.page, 200),
          beside('`get_contact`', busy, calls.get, 50),
          beside('`approve_action`', busy, calls.approve, 50),
        ]
      : []),
    ...(running
      ? [
          {
            figure: 'rules run over 10,000 contacts, four workers beside',
            means: 'from its start to its end; the server that began it takes part as well',
            value: running.four,
            unit: 's',
            peer: { name: 'the server alone', value: running.none, compare: 'speed' },
          },
        ]
      : []),
  ];
}

const wanted = process.argv.slice(2);
const server = await databases();
const found = {};
try {
  for (const [name, measure] of Object.entries(FIGURES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stderr.write(`${name} ...\n`);
    found[name] = await measure(server);
  }
} finally {
  await server.remove();
  removeFolders();
}
console.log(tableOf(rowsOf(found).map(lineOf)));
