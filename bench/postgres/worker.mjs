// Commits to a database for the bench: `bare` inserts one row a commit, `store` uses Countersign's own store, compiled.
// Each line of stdin, `COUNT CLIENTS`, has so many commits made by so many clients at once; the answer is the milliseconds.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import pg from 'pg';

const [way, url] = process.argv.slice(2);
const quiet = () => undefined;
const LINE = 'x'.repeat(400);

async function bare() {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return () => client.query('insert into bare (line) values ($1)', [LINE]);
}

async function store() {
  const { createPostgresStore, createIds } = await import(pathToFileURL(process.env.BENCH_STORE).href);
  const now = () => new Date();
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const home = createPostgresStore(url, { now, newId: createIds(now), log });
  const at = '2026-01-01T00:00:00.000Z';
  let done = 0;
  return () => {
    const id = `${process.pid}-${++done}`;
    const event = { type: 'key_used', tool: 'bench', key: id, digest: '', id, at };
    return home.commit('bench', () => ({ events: [event], value: undefined }));
  };
}

const commit = await { bare, store }[way]();
await (way === 'store' ? commit() : undefined);
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [count, clients] = line.split(' ').map(Number);
  const began = performance.now();
  const each = async () => {
    for (let i = 0; i < count / clients; i++) await commit();
  };
  await Promise.all(Array.from({ length: clients }, each));
  process.stdout.write(`${performance.now() - began}\n`);
}
process.exit();
