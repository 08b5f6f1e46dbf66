import { describe, expect, it, onTestFinished } from 'vitest';
import { modelScene } from '../support/model-scene.ts';
import { noting, type Script } from '../support/model-server.ts';
import { aWorker, evaluatedBy, type Worker } from '../support/postgres/workers.ts';
import { type Connection, startServer } from '../support/server.ts';

const idsOf = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);
/** Rules that take a moment for each contact. */
const RULES = Array.from({ length: 20 }, (_, n) => ({
  name: `rule ${n}`,
  when: { contact: { company: { $regex: `(a|b|c)*${n}$` } } },
  propose: [{ type: 'note', params: { body: 'n' } }],
}));

async function anOnlooker(): Promise<Connection> {
  const on = await startServer();
  onTestFinished(() => on.close());
  return on;
}

async function ended(on: Connection, run_id: string) {
  const summary = async () => (await on.call('get_run', { run_id, mode: 'summary' })).run;
  await expect.poll(async () => (await summary()).status, { interval: 120 }).toBe('completed');
  return summary();
}

/** Whether each of these processes evaluated some of the contacts, and each contact was evaluated once. */
async function expectShared(home: string, run_id: string, count: number, workers: readonly Worker[]) {
  const by = await evaluatedBy(home, run_id);
  expect([...by.values()].flat().sort()).toEqual(idsOf(count).sort());
  for (const { id } of workers) expect([...(by.get(id) ?? [])].length, id).toBeGreaterThan(0);
}

/** A run by rules over so many contacts, begun by a client's server, with two workers beside. */
async function aRulesRun(count: number) {
  const on = await anOnlooker();
  const text = 'abc'.repeat(100);
  await on.call('import_contacts', { contacts: idsOf(count).map((id) => ({ id, company: `${text}${id}` })) });
  const { agent } = await on.call('create_agent', {
    name: 'Ruler',
    capabilities: ['notes'],
    playbook: { rules: RULES },
    monitoring: { max_contacts_per_run: count },
  });
  const workers = await Promise.all([aWorker(on.home), aWorker(on.home)]);
  const { run_id } = await on.call('trigger_agent', { agent_id: agent.id, wait_seconds: 0 });
  return { on, workers, run_id, begun: async () => [...(await evaluatedBy(on.home, run_id)).keys()] };
}

describe('a run of rules', () => {
  it('that is soon done is left to the process that began it', async () => {
    const { on, run_id, begun } = await aRulesRun(1_000);
    expect(await ended(on, run_id)).toMatchObject({ summary: { contacts_evaluated: 1_000, errors: 0 } });
    expect(await begun()).toHaveLength(1);
  });

  it('whose process hangs is shared by all others, and each contact is evaluated once', async () => {
    const { on, workers, run_id, begun } = await aRulesRun(5_000);
    await expect.poll(async () => (await begun()).length, { interval: 50 }).toBe(1);
    if (on.pid !== undefined) process.kill(on.pid, 'SIGSTOP');
    await expect.poll(begun, { interval: 500 }).toEqual(expect.arrayContaining(workers.map(({ id }) => id)));
    if (on.pid !== undefined) process.kill(on.pid, 'SIGCONT');
    expect(await ended(on, run_id)).toMatchObject({ summary: { contacts_evaluated: 5_000, errors: 0 } });
    await expectShared(on.home, run_id, 5_000, workers);
  });
});

const MODEL: Script = { latencyMs: 150, reply: () => ({ text: noting('Seen.') }) };

/** A run of a model that takes its time, begun by a client's server, with workers beside it. */
async function aModelRun(count: number, workers: number) {
  const monitoring = { max_contacts_per_run: count };
  const scene = await modelScene({ script: MODEL, contacts: count, agent: { monitoring }, llm: { concurrency: 6 } });
  const env = { COUNTERSIGN_ALLOW_HOSTS: scene.model.host };
  const all = await Promise.all(Array.from({ length: workers }, () => aWorker(scene.home, env)));
  const { run_id } = await scene.on.call('trigger_agent', { agent_id: scene.agent_id, wait_seconds: 0 });
  const begun = async () => [...(await evaluatedBy(scene.home, run_id)).keys()];
  await expect.poll(begun, { interval: 100 }).toEqual(expect.arrayContaining(all.map(({ id }) => id)));
  return { ...scene, run_id, workers: all };
}

describe('a run of a model', () => {
  it('is shared, and all processes together have no more under way than the agent allows', async () => {
    const { on, home, model, run_id, workers } = await aModelRun(120, 2);
    expect(await ended(on, run_id)).toMatchObject({ summary: { contacts_evaluated: 120, errors: 0 } });
    await expectShared(home, run_id, 120, workers);
    expect(model.busiest()).toBeLessThanOrEqual(6);
    expect(model.asked).toHaveLength(120);
  });

  it('goes on where a worker is killed, and each contact has one result', async () => {
    const { on, home, run_id, workers } = await aModelRun(120, 2);
    workers[0]?.child.kill('SIGKILL');
    expect(await ended(on, run_id)).toMatchObject({ summary: { contacts_evaluated: 120, errors: 0 } });
    await expectShared(home, run_id, 120, workers);
  });

  it('goes on where a worker is told to end, and others take what it had in hand', async () => {
    const { on, home, run_id, workers } = await aModelRun(120, 2);
    workers[0]?.child.kill('SIGTERM');
    expect(await workers[0]?.end).toMatchObject({ code: 0, said: '' });
    expect(await ended(on, run_id)).toMatchObject({ summary: { contacts_evaluated: 120, errors: 0 } });
    await expectShared(home, run_id, 120, workers);
  });

  it('goes on where the process dies that began it', async () => {
    const { on, home, run_id, workers } = await aModelRun(120, 2);
    if (on.pid !== undefined) process.kill(on.pid, 'SIGKILL');
    const other = await startServer({ home, env: { COUNTERSIGN_READ_ONLY: '1' } });
    onTestFinished(() => other.close());
    expect(await ended(other, run_id)).toMatchObject({ summary: { contacts_evaluated: 120, errors: 0 } });
    await expectShared(home, run_id, 120, workers);
  });

  it('takes nothing from a worker that was frozen for long, and counts nothing twice', async () => {
    const { on, home, run_id, workers } = await aModelRun(120, 2);
    const [frozen] = workers;
    frozen?.child.kill('SIGSTOP');
    expect(await ended(on, run_id)).toMatchObject({ summary: { contacts_evaluated: 120, errors: 0 } });
    frozen?.child.kill('SIGCONT');
    const { run_id: next } = await on.call('trigger_agent', { agent_id: 'Thinker' });
    expect(await ended(on, next)).toMatchObject({ summary: { contacts_evaluated: 120 } });
    await expectShared(home, run_id, 120, workers);
  });
});

/** The model's server takes one key. */
const LOCKED: Script = {
  latencyMs: 150,
  reply: ({ headers }) => (headers.authorization === 'Bearer good' ? { text: noting('Seen.') } : { status: 401 }),
};
const OUTAGE = 20;

/** A run of a model that takes one key, begun by a server with a key, with a worker with another one beside it. */
async function aLockedRun(beginner: string, helper: string) {
  const key = 'COUNTERSIGN_MODEL_KEY';
  const scene = await modelScene({
    ...{ script: LOCKED, contacts: 200, env: { [key]: beginner } },
    agent: { monitoring: { max_contacts_per_run: 200 } },
    llm: { concurrency: 6, api_key_env: key },
  });
  const env = { COUNTERSIGN_ALLOW_HOSTS: scene.model.host, [key]: helper };
  const worker = await aWorker(scene.home, env);
  const { run_id } = await scene.on.call('trigger_agent', { agent_id: scene.agent_id, wait_seconds: 0 });
  return { ...scene, run_id, worker };
}

describe('a run of a model that one of its processes can’t reach', () => {
  it.each([
    ['the one that joined in', 'good', 'stale'],
    ['the one that began it', 'stale', 'good'],
  ])('is left by %s, and the other one does the rest, each contact once', async (_which, beginner, helper) => {
    const { on, home, run_id, worker } = await aLockedRun(beginner, helper);
    const { summary } = await ended(on, run_id);
    const by = await evaluatedBy(home, run_id);
    expect([...by.values()].flat().sort()).toEqual(idsOf(200).sort());
    const ofWorker = by.get(worker.id)?.length ?? 0;
    const inVain = helper === 'stale' ? ofWorker : 200 - ofWorker;
    expect(summary).toMatchObject({ contacts_evaluated: 200, errors: inVain });
    // It left once, and never came back.
    expect(inVain).toBeGreaterThanOrEqual(OUTAGE);
    expect(inVain).toBeLessThan(2 * OUTAGE);
  });

  it('ends where the last of them can’t reach it either', async () => {
    const { on, home, run_id } = await aLockedRun('stale', 'stale');
    const run = async () => (await on.call('get_run', { run_id, mode: 'summary' })).run;
    await expect.poll(async () => (await run()).status, { interval: 120 }).toBe('failed');
    expect((await run()).error).toMatchObject({ code: 'PROVIDER_ERROR', message: expect.stringContaining('are left') });
    const all = [...(await evaluatedBy(home, run_id)).values()].flat();
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeLessThan(4 * OUTAGE);
  });
});
