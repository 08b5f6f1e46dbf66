import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { ROOT, temporaryFolder } from '../homes.mjs';
import { interleaved } from '../measure.mjs';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));
const COUNT = 400;
let compiled;

/** The file of the store, compiled for itself. */
export function storeFile() {
  if (compiled) return compiled;
  compiled = path.join(temporaryFolder('store'), 'store.mjs');
  const contents =
    "export { createPostgresStore } from './src/store/postgres/postgres-store.ts'; export { createIds } from './src/domain/base/ids.ts';";
  buildSync({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile: compiled },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    external: ['pg-native'],
  });
  return compiled;
}

/** A process that commits when it is told to. */
export async function start(way, url, file = '') {
  const child = spawn(process.execPath, [WORKER, way, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, BENCH_STORE: file },
  });
  const answer = () => new Promise((resolve) => child.stdout.once('data', resolve));
  await answer();
  return {
    commit(count, clients) {
      child.stdin.write(`${count} ${clients}\n`);
      return answer();
    },
    end: () => child.stdin.end(),
  };
}

/** Commits a second of processes that have so many clients each. */
async function perSecond(workers, clients) {
  const began = performance.now();
  await Promise.all(workers.map((worker) => worker.commit(COUNT / workers.length, clients)));
  return COUNT / ((performance.now() - began) / 1000);
}

/** Durable commits by one client, and by 16 in one process and in four, against one client's bare insert of a row. */
export async function committing(databases) {
  const [alone, shared] = [await databases.make('alone'), await databases.make('shared')];
  await databases.ask('create table bare (n bigserial primary key, line text not null)', 'alone');
  const bare = await start('bare', alone);
  const one = await start('store', alone, storeFile());
  const four = await Promise.all([1, 2, 3, 4].map(() => start('store', shared, storeFile())));
  const found = await interleaved(
    {
      bare: () => perSecond([bare], 1),
      one: () => perSecond([one], 1),
      together: () => perSecond([one], 16),
      apart: () => perSecond(four, 4),
    },
    { rounds: 5 },
  );
  for (const worker of [bare, one, ...four]) worker.end();
  return found;
}
