import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
const rounds = Number(values.rounds ?? 100);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (!Number.isSafeInteger(rounds) || rounds < 1 || !Number.isSafeInteger(seed)) {
  console.error('npm run test:workers -- [--rounds 100] [--seed 1]: whole numbers');
  process.exit(1);
}

console.log(`${rounds} rounds, seed ${seed}`);
const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-workers-'));
const report = path.join(folder, 'figures');
const env = {
  ...process.env,
  COUNTERSIGN_WORKERS_ROUNDS: String(rounds),
  COUNTERSIGN_FAULTS_SEED: String(seed),
  COUNTERSIGN_FAULTS_REPORT: report,
};
const lane = fileURLToPath(new URL('test-postgres.mjs', import.meta.url));
try {
  const words = [lane, 'test/e2e/workers-siege.postgres.test.ts'];
  const { status } = spawnSync(process.execPath, words, { env, stdio: 'inherit' });
  const figures = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(12)} ${JSON.stringify(value)}`);
  process.exitCode = status === 0 && Object.keys(figures).length > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
