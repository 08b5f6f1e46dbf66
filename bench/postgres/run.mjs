// npm run bench:postgres measures the home in a database beside the home of files, on a PostgreSQL of its own that it starts and removes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeForPostgres } from '../../scripts/postgres-node.mjs';

const [command, ...before] = nodeForPostgres();
const figures = fileURLToPath(new URL('figures.mjs', import.meta.url));
const words = ['--experimental-strip-types', '--no-warnings', figures, ...process.argv.slice(2)];
const child = spawn(command, [...before, ...words], { stdio: 'inherit' });
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
