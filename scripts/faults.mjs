import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const seconds = Math.round(Number(values.minutes ?? 10) * 60);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);

const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-faults-'));
const report = path.join(folder, 'report.json');
const env = {
  ...process.env,
  COUNTERSIGN_FAULTS_SECONDS: String(seconds),
  COUNTERSIGN_FAULTS_SEED: String(seed),
  COUNTERSIGN_FAULTS_REPORT: report,
};
console.log(`${seconds} s, seed ${seed}`);
const { status } = spawnSync('npx', ['vitest', 'run', 'test/store/siege.test.ts'], { env, stdio: 'inherit' });
try {
  const figures = JSON.parse(readFileSync(report, 'utf8'));
  for (const [name, value] of Object.entries(figures))
    console.log(`${name.padEnd(20)} ${Array.isArray(value) ? value.length : value}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status ?? 1;
