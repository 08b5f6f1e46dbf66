import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { agents } from './figures/agents.mjs';
import { approving, importing, resident, running } from './figures/leads.mjs';
import { models, refusals } from './figures/models.mjs';
import { burst, cancelling, leaving } from './figures/moments.mjs';
import { startFull, startUp } from './figures/start.mjs';
import { tokens } from './figures/tokens.mjs';
import { removeFolders } from './homes.mjs';

const FIGURES = {
  ...{ startUp, startFull, agents, running, importing, approving, resident, tokens, models, refusals },
  ...{ leaving, burst, cancelling },
};
const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));

/** A goal below zero is a least, any other a most. */
const isMet = (ratio, goal) => goal === undefined || (goal < 0 ? ratio >= -goal : ratio <= goal);
const short = (value) => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2));

function row([figure, value, unit, ratio, goal]) {
  const wanted = goal === undefined ? '' : `${goal < 0 ? '>=' : '<='} ${short(Math.abs(goal))}`;
  return { figure, value: `${short(value)} ${unit}`, ratio: short(ratio), goal: wanted, met: isMet(ratio, goal) };
}

const names = process.argv.slice(2);
const wanted = names.length > 0 ? names : Object.keys(FIGURES);
const rows = [];
try {
  for (const name of wanted) {
    process.stderr.write(`${name} ...\n`);
    rows.push(...(await FIGURES[name]()).map(row));
  }
} finally {
  removeFolders();
}
const [cpu] = os.cpus();
const machine = `${os.cpus().length} x ${cpu?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.platform()}, Node ${process.versions.node}`;
console.log(`\n${machine}\n`);
console.log('| figure | measured | ratio | goal | |\n|---|---|---|---|---|');
for (const { figure, value, ratio, goal, met } of rows)
  console.log(`| ${figure} | ${value} | ${ratio} | ${goal} | ${met ? '' : 'missed'} |`);
if (names.length === 0) writeFileSync(RESULTS, `${JSON.stringify({ machine, at: new Date(), rows }, null, 2)}\n`);
