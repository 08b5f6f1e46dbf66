import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

/**
 * The parts of the run, each with its share of the minutes. `operations` has no share: it dies at each file operation
 * in turn, which takes the rest of about ten minutes, whatever the time given.
 */
const PARTS = [
  { name: 'store', tests: ['test/store/siege.slow.test.ts'], share: 0.3 },
  { name: 'operations', tests: ['test/store/faults.slow.test.ts', 'test/store/erasure.slow.test.ts'], share: 0 },
  { name: 'effects', tests: ['test/e2e/effects-siege.slow.test.ts'], share: 0.15 },
  { name: 'properties', tests: ['test/properties'], share: 0.25 },
];

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 10);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('npm run test:faults -- [--minutes 10] [--seed 1]: minutes above 0, a whole number as the seed');
  process.exit(1);
}

function vitest(args, options) {
  return spawnSync('npx', ['vitest', ...args], { encoding: 'utf8', ...options });
}

/** How many tests share the time of a part: each gets an equal share, and a siege is one test. */
function countOf(tests) {
  const { stdout } = vitest(['list', ...tests]);
  return Math.max(1, stdout.split('\n').filter((line) => line.includes(' > ')).length);
}

/** The figures of a part. Its tests write them to the report as JSON lines; figures of one name are added up. */
function figuresOf(report) {
  const figures = {};
  for (const line of existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : []) {
    for (const [name, value] of Object.entries(JSON.parse(line))) {
      const count = Array.isArray(value) ? value.length : value;
      figures[name] = name === 'seed' || name === 'seconds' ? count : (figures[name] ?? 0) + count;
    }
  }
  return figures;
}

function run({ name, tests, share }, folder) {
  const report = path.join(folder, name);
  const seconds = Math.max(1, Math.floor((minutes * 60 * share) / countOf(tests)));
  const env = {
    ...process.env,
    COUNTERSIGN_FAULTS_SECONDS: String(seconds),
    COUNTERSIGN_FAULTS_SEED: String(seed),
    COUNTERSIGN_FAULTS_REPORT: report,
  };
  // Each file has its modules for itself, so that each counts its own cases.
  const { status } = vitest(['run', '--isolate', '--no-file-parallelism', ...tests], { env, stdio: 'inherit' });
  const figures = figuresOf(report);
  const isDone = status === 0 && Object.keys(figures).length > 0;
  return { name, figures, isDone };
}

console.log(`${minutes} min, seed ${seed}`);
const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-faults-'));
try {
  const parts = PARTS.map((part) => run(part, folder));
  for (const { name, figures, isDone } of parts) {
    console.log(`\n${name}: ${isDone ? 'held' : 'FAILED'}`);
    for (const [figure, value] of Object.entries(figures)) console.log(`  ${figure.padEnd(20)} ${value}`);
  }
  process.exitCode = parts.every(({ isDone }) => isDone) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
