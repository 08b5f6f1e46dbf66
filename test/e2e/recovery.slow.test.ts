import { spawnSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { about, modelScene, startOn } from '../support/model-scene.ts';
import { noting } from '../support/model-server.ts';
import { BUNDLE, baseEnv, type Connection, startServer } from '../support/server.ts';
import { aSink } from '../support/sink.ts';
import { TRUSTING } from '../support/trusting.ts';

const RULES = { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'n' } }] }] };
/** How often to look at what comes about once a lease of 15 s has run out. */
const TAKEN_OVER = { interval: 250 };

function kill({ pid }: Connection): void {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

async function runsOf(on: Connection, agent_id: string) {
  return (await on.call('list_runs', { agent_id, limit: 100 })).runs;
}

describe('what a killed process was about', () => {
  it('is gone on with by one that is busy itself: runs under way and queued, of several agents, nobody twice', async () => {
    const { model, home, on, agent_id } = await modelScene({
      script: { latencyMs: 60, reply: () => ({ text: noting('seen') }) },
      contacts: 40,
      agent: { monitoring: { max_contacts_per_run: 40 } },
      llm: { concurrency: 2 },
    });
    const { agent: other } = await on.call('create_agent', {
      name: 'Other thinker',
      capabilities: ['notes'],
      playbook: { playbook_md: 'Note something.' },
      monitoring: { max_contacts_per_run: 20 },
      llm_config: { provider: 'openai_compatible', model: 'm-1', base_url: model.url, concurrency: 1 },
    });
    const live = await startOn(home, model);
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
    for (const id of [agent_id, agent_id, other.id, other.id])
      await on.call('trigger_agent', { agent_id: id, contact_ids: ['c0', 'c1'], wait_seconds: 0 });
    await expect
      .poll(async () => (await live.call('get_run', { run_id, mode: 'summary' })).run.summary.contacts_evaluated)
      .toBeGreaterThan(8);
    kill(on);
    const { run } = await live.call('get_run', { run_id, limit: 25 });
    const known = new Set(run.contact_results.map((result: { contact_id: string }) => result.contact_id));
    const asked = model.asked.length;
    const { agent: busy } = await live.call('create_agent', { name: 'Busy', capabilities: ['notes'], playbook: RULES });
    await live.call('trigger_agent', { agent_id: busy.id });
    await expect
      .poll(async () => {
        const runs = [...(await runsOf(live, agent_id)), ...(await runsOf(live, other.id))];
        return runs.map(({ status }: { status: string }) => status);
      }, TAKEN_OVER)
      .toEqual(Array.from({ length: 5 }, () => 'completed'));
    const { summary } = (await live.call('get_run', { run_id, mode: 'summary' })).run;
    expect(summary).toMatchObject({ contacts_evaluated: 40, errors: 0 });
    const again = model.asked.slice(asked).map(({ said }) => about(said));
    // c0 and c1 are asked about by the other runs too.
    const targeted = again.filter((id) => known.has(id) && id !== 'c0' && id !== 'c1');
    expect(targeted).toEqual([]);
  });

  it('is unknown where it was at work, in the list and to the doctor, and is settled in three ways', async () => {
    const sink = await aSink((_request, response, count) => (count < 3 ? undefined : response.end('ok')));
    const env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host };
    const first = await startServer({ env });
    await first.call('import_contacts', { contacts: ['a', 'b', 'c'].map((id) => ({ id })) });
    const { agent } = await first.call('create_agent', {
      name: 'Poster',
      capabilities: ['webhook'],
      connections: { webhook_url: sink.url() },
      playbook: { rules: [{ name: 'all', propose: [{ type: 'webhook', params: { payload: { n: 1 } } }] }] },
    });
    const { run_id } = await first.call('trigger_agent', { agent_id: agent.id });
    const { review_token } = await first.call('list_pending_actions');
    await first.call('review_actions', { decision: 'approve', review_token });
    await expect.poll(() => sink.requests.length).toBe(3);
    const { run_id: queued } = await first.call('trigger_agent', { agent_id: agent.id, dry_run: true });
    expect(queued).not.toBe(run_id);
    kill(first);
    const reader = await startServer({ home: first.home, env: { ...env, COUNTERSIGN_READ_ONLY: '1' } });
    onTestFinished(() => reader.close());
    const unknown = { status: 'unknown' };
    await expect
      .poll(async () => (await reader.call('list_pending_actions', unknown)).actions, TAKEN_OVER)
      .toMatchObject([0, 1, 2].map(() => ({ ...unknown, attempted_at: expect.stringMatching(/Z$/) })));
    const doctor = spawnSync(process.execPath, [BUNDLE, 'doctor'], { env: baseEnv(first.home, env) });
    expect(doctor.status).toBe(0);
    expect(doctor.stdout.toString()).toMatch(/3 .*unknown/);
    expect(sink.requests).toHaveLength(3);

    const next = await startServer({ home: first.home, env });
    onTestFinished(() => next.close());
    const settle = async (contact_id: string, outcome: string) =>
      (await next.call('settle_action', await next.shown({ run_id, contact_id, action_index: 0, outcome }))).action;
    expect(await settle('a', 'sent')).toMatchObject({ status: 'executed' });
    expect(await settle('b', 'not_sent')).toMatchObject({ status: 'failed' });
    expect(await settle('c', 'retry')).toMatchObject({ status: 'executed', attempted_at: expect.any(String) });
    expect(sink.requests).toHaveLength(4);
    const ids = sink.requests.map(({ headers }) => headers['webhook-id']);
    expect([new Set(ids).size, ids.slice(0, 3).includes(ids[3])]).toEqual([3, true]);
    expect((await next.call('list_pending_actions')).total).toBe(0);
  });
});

describe('a process that may only read', () => {
  it('begins nothing that another left', async () => {
    const { model, home, on, agent_id } = await modelScene({ script: { latencyMs: 250 }, contacts: 25 });
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
    await expect.poll(() => model.asked.length).toBeGreaterThan(4);
    // Closed, it gives its lease back, so that any process could go on at once.
    await on.close();
    const asked = model.asked.length;
    const reader = await startOn(home, model, { COUNTERSIGN_READ_ONLY: '1' });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await reader.call('get_run', { run_id, mode: 'summary' })).toMatchObject({ run: { status: 'running' } });
    expect(model.asked).toHaveLength(asked);
    const next = await startOn(home, model);
    await expect
      .poll(async () => (await next.call('get_run', { run_id, mode: 'summary' })).run.status, TAKEN_OVER)
      .toBe('completed');
  });
});
