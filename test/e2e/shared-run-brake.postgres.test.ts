import { describe, expect, it, onTestFinished } from 'vitest';
import { modelScene } from '../support/model-scene.ts';
import { noting, type Script } from '../support/model-server.ts';
import { accept } from '../support/person.ts';
import { aWorker, evaluatedBy } from '../support/postgres/workers.ts';
import { startServer } from '../support/server.ts';

const COUNT = 120;
const MODEL: Script = { latencyMs: 150, reply: () => ({ text: noting('Seen.') }) };

describe('a run that several processes share', () => {
  it('goes on once the brake is off that all of them stopped at', async () => {
    const agent = { monitoring: { max_contacts_per_run: COUNT } };
    const scene = await modelScene({ script: MODEL, contacts: COUNT, agent, llm: { concurrency: 6 } });
    const worker = await aWorker(scene.home, { COUNTERSIGN_ALLOW_HOSTS: scene.model.host });
    const { run_id } = await scene.on.call('trigger_agent', { agent_id: scene.agent_id, wait_seconds: 0 });
    const all = async () => [...(await evaluatedBy(scene.home, run_id)).keys()];
    await expect.poll(all, { interval: 100 }).toHaveLength(2);
    expect(await all()).toContain(worker.id);
    await scene.on.call('set_brake', { on: true, reason: 'to look' });
    const run = async () => (await scene.on.call('get_run', { run_id, mode: 'summary' })).run;
    // Both have stopped once nothing is added any more.
    const counts: number[] = [];
    const isStill = async () => {
      counts.push((await run()).summary.contacts_evaluated);
      return counts.at(-1) === counts.at(-2);
    };
    await expect.poll(isStill, { interval: 1_500 }).toBe(true);
    expect((await run()).status).toBe('running');
    // Who takes the brake off has no key of the model, and goes at once.
    const other = await startServer({ home: scene.home, onForm: () => accept({ decision: 'approve' }) });
    await other.call('set_brake', { on: false });
    await other.close();
    await expect
      .poll(run, { interval: 250 })
      .toMatchObject({ status: 'completed', summary: { contacts_evaluated: COUNT } });
  });

  it('goes on to its end where the brake came in the middle of what a process had taken', async () => {
    const on = await startServer({ onForm: () => accept({ decision: 'approve' }) });
    onTestFinished(() => on.close());
    const company = 'abc'.repeat(100);
    await on.call('import_contacts', { contacts: Array.from({ length: 2_000 }, (_, n) => ({ id: `c${n}`, company })) });
    // Rules that take a moment for each contact.
    const rules = Array.from({ length: 20 }, (_, n) => ({
      name: `rule ${n}`,
      when: { contact: { company: { $regex: `(a|b|c)*${n}$` } } },
      propose: [{ type: 'note', params: { body: 'n' } }],
    }));
    const monitoring = { max_contacts_per_run: 2_000 };
    const agent = { name: 'Ruler', capabilities: ['notes'], playbook: { rules }, monitoring };
    const { agent: made } = await on.call('create_agent', agent);
    const { run_id } = await on.call('trigger_agent', { agent_id: made.id, wait_seconds: 0 });
    const run = async () => (await on.call('get_run', { run_id, mode: 'summary' })).run;
    await expect.poll(async () => (await run()).summary.contacts_evaluated, { interval: 20 }).toBeGreaterThan(200);
    await on.call('set_brake', { on: true, reason: 'to look' });
    expect((await run()).status).toBe('running');
    await on.call('set_brake', { on: false });
    await expect
      .poll(run, { interval: 250 })
      .toMatchObject({ status: 'completed', summary: { contacts_evaluated: 2_000 } });
  });
});
