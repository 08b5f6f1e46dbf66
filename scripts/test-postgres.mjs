import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeForPostgres } from './postgres-node.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VITEST = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');

// `--all` takes the slow stories too, which `npm test` leaves out. All other words are vitest's.
const words = process.argv.slice(2);
const env = { ...process.env };
// Whoever names files may name any.
if (words.some((word) => !word.startsWith('-'))) env.COUNTERSIGN_TEST_FILES = 'any';
else if (words.includes('--all')) env.COUNTERSIGN_TEST_FILES = 'slow';
// `npm test` runs this after all other lanes, whose report stands in the file that the variable names.
if (env.COUNTERSIGN_TEST_REPORT)
  env.COUNTERSIGN_TEST_REPORT = env.COUNTERSIGN_TEST_REPORT.replace(/(\.json)?$/, '-postgres.json');
const args = ['run', '--config', 'vitest.postgres.config.ts', ...words.filter((word) => word !== '--all')];

const [command, ...before] = nodeForPostgres();
const child = spawn(command, [...before, VITEST, ...args], { cwd: ROOT, env, stdio: 'inherit' });
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
