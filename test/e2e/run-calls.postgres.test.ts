import { describe, expect, it } from 'vitest';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import { modelScene } from '../support/model-scene.ts';
import { noting, type Script } from '../support/model-server.ts';
import { aCommand } from '../support/mover.ts';
import { asDatabaseOwner, withDatabase } from '../support/postgres/database.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { SUPERUSER } from '../support/postgres/server.ts';
import { aWorker, evaluatedBy } from '../support/postgres/workers.ts';

const MODEL: Script = { latencyMs: 150, reply: () => ({ text: noting('Seen.') }) };
const COUNT = 60;
const PEOPLE = Array.from({ length: COUNT }, (_, n) => `c${n}`).sort();

type Job = { state: string; data: unknown };
const jobsOf = (home: string) =>
  withDatabase(home, async (client) => (await client.query<Job>('select state, data from countersign_jobs.job')).rows);

/** A home with an agent of a model that takes its time, and a worker beside its server. */
async function aTeam() {
  const monitoring = { max_contacts_per_run: COUNT };
  const scene = await modelScene({ script: MODEL, contacts: COUNT, agent: { monitoring }, llm: { concurrency: 4 } });
  const worker = () => aWorker(scene.home, { COUNTERSIGN_ALLOW_HOSTS: scene.model.host });
  const begin = async (): Promise<string> =>
    (await scene.on.call('trigger_agent', { agent_id: scene.agent_id, wait_seconds: 0 })).run_id;
  const expectShared = async (run_id: string, id: string) => {
    const run = async () => (await scene.on.call('get_run', { run_id, mode: 'summary' })).run;
    await expect.poll(async () => (await run()).status, { interval: 100 }).toBe('completed');
    const by = await evaluatedBy(scene.home, run_id);
    expect([...by.values()].flat().sort()).toEqual(PEOPLE);
    expect([...by.keys()]).toEqual(expect.arrayContaining([id]));
  };
  return { ...scene, worker, begin, expectShared };
}

describe('a worker', () => {
  it('is called to a run by a job, which holds the id of the run and nothing else', async () => {
    const { home, worker, begin, expectShared } = await aTeam();
    const { id } = await worker();
    const run_id = await begin();
    await expect.poll(() => jobsOf(home)).toContainEqual({ state: 'completed', data: { run_id } });
    await expectShared(run_id, id);
    for (const { data } of await jobsOf(home)) expect(data).toEqual({ run_id });
  });

  it('evaluates each contact once, however often it is called', async () => {
    const { home, worker, begin, expectShared } = await aTeam();
    const { id } = await worker();
    const run_id = await begin();
    await withDatabase(home, async (client) => {
      for (const called of [run_id, 'run_that_there_is_not', run_id, run_id])
        await client.query(
          `insert into countersign_jobs.job (name, data) select 'runs', jsonb_build_object('run_id', $1::text) from generate_series(1, 20)`,
          [called],
        );
    });
    await expectShared(run_id, id);
  });

  it('removes the calls that nobody took in their time, as it begins', async () => {
    const { home, worker } = await aTeam();
    await withDatabase(home, (client) =>
      client.query(
        `insert into countersign_jobs.job (name, data, created_on, keep_until)
         select 'runs', '{"run_id":"run_old"}', now() - interval '1 day', now() - interval '1 hour' from generate_series(1, 500)`,
      ),
    );
    await worker();
    await expect.poll(() => jobsOf(home)).toEqual([]);
  });

  it('finds a run by itself where there is no queue of jobs, and the doctor says so', async () => {
    const { home, worker, begin, expectShared } = await aTeam();
    await asDatabaseOwner(home, (client) => client.query('drop schema countersign_jobs cascade'));
    const { id } = await worker();
    await expectShared(await begin(), id);
    const doctor = await aCommand(process.execPath, home, ['doctor']).end;
    expect(doctor.said).toContain('there is no queue of jobs; countersign doctor --init makes it');
  });
});

describe('a process that began a run without a queue of jobs', () => {
  it('calls others to the next one, once there is a queue', async () => {
    const { home, on, begin } = await aTeam();
    await asDatabaseOwner(home, (client) => client.query('drop schema countersign_jobs cascade'));
    const first = await begin();
    await expect.poll(async () => (await on.call('get_run', { run_id: first })).run.status).toBe('completed');
    const url = databaseUrlOf(home);
    await migrateSchema(
      url,
      String(Object.assign(new URL(url), { username: SUPERUSER.user, password: SUPERUSER.password })),
    );
    const run_id = await begin();
    await expect.poll(() => jobsOf(home)).toContainEqual({ state: 'created', data: { run_id } });
  });
});
