import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { agents } from './figures/agents.mjs';
import { desk } from './figures/desk.mjs';
import { approving, importing, resident, running } from './figures/leads.mjs';
import { backtest, insights } from './figures/learning.mjs';
import { models, refusals } from './figures/models.mjs';
import { burst, cancelling, leaving } from './figures/moments.mjs';
import { past } from './figures/past.mjs';
import { overHttp, serveMemory, serveReady } from './figures/serving.mjs';
import { startFull, startUp } from './figures/start.mjs';
import { tokens } from './figures/tokens.mjs';
import { removeFolders } from './homes.mjs';
import { lineOf, tableOf } from './table.mjs';

const FIGURES = {
  ...{ startUp, startFull, agents, running, importing, approving, resident, tokens, models, refusals },
  ...{ leaving, burst, cancelling, past, backtest, insights },
  ...{ serveReady, overHttp, serveMemory, desk },
};
const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));

const names = process.argv.slice(2);
const wanted = names.length > 0 ? names : Object.keys(FIGURES);
const lines = [];
try {
  for (const name of wanted) {
    process.stderr.write(`${name} ...\n`);
    lines.push(...(await FIGURES[name]()).map(lineOf));
  }
} finally {
  removeFolders();
}
const [cpu] = os.cpus();
const machine = `${os.cpus().length} x ${cpu?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.platform()}, Node ${process.versions.node}`;
console.log(`\n${machine}\n\n${tableOf(lines)}`);
if (names.length === 0)
  writeFileSync(RESULTS, `${JSON.stringify({ machine, at: new Date(), rows: lines }, null, 2)}\n`);
