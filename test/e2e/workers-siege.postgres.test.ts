import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import { aHome, aModelServer } from '../support/fixtures.ts';
import { freshFolder } from '../support/folders.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { POSTING, WorkersSiege } from '../support/postgres/workers-siege.ts';
import { aSink } from '../support/sink.ts';

/** `npm run test:workers` goes on for a hundred rounds, with a seed of its own. */
const rounds = Number(process.env.COUNTERSIGN_WORKERS_ROUNDS ?? 3);
const seed = Number(process.env.COUNTERSIGN_FAULTS_SEED ?? 20261130);

let database: PostgresServer;
beforeAll(async () => {
  database = await startPostgres(freshFolder('postgres'));
});
afterAll(() => database.remove());

it(
  `does what was allowed at most once, however often workers die and the database is restarted, seed ${seed}`,
  async () => {
    const url = `${database.url()}?schema=siege`;
    await migrateSchema(url);
    // The receiver takes its time, so that workers die with an effect under way.
    const sink = await aSink(
      (_request, response, count) => void setTimeout(() => response.end('ok'), (count * 7) % 60),
    );
    const model = await aModelServer({ latencyMs: 60, reply: () => ({ text: POSTING }) });
    const figures = await new WorkersSiege({ home: aHome(), database, url, model, sink }, seed).run(rounds);
    const report = process.env.COUNTERSIGN_FAULTS_REPORT;
    if (report) fs.writeFileSync(report, JSON.stringify({ seed, ...figures }));
    expect(figures).toMatchObject({ twice: [], untrue: [], lost: [], unsettled: [], ended: [] });
    expect(figures.executed + figures.unknown).toBe(figures.evaluated);
    expect(figures).toMatchObject({ rounds, runs: rounds });
    expect(figures.effects).toBeGreaterThanOrEqual(figures.executed);
  },
  (rounds * 30 + 240) * 1_000,
);
