// npm run bench:postgres measures the home in a database beside the home of files, on a PostgreSQL of its own that it starts and removes;
// npm run bench:postgres:million a home of a million contacts.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeForPostgres } from '../../scripts/postgres-node.mjs';

const [command, ...before] = nodeForPostgres();
const given = process.argv.slice(2);
const isMillion = given[0] === 'million';
const figures = fileURLToPath(new URL(isMillion ? 'million.mjs' : 'figures.mjs', import.meta.url));
const words = ['--experimental-strip-types', '--no-warnings', figures, ...given.slice(isMillion ? 1 : 0)];
const child = spawn(command, [...before, ...words], { stdio: 'inherit' });
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
