import { describe, expect, it, onTestFinished } from 'vitest';
import { about, modelScene, startOn } from '../support/model-scene.ts';
import { noting } from '../support/model-server.ts';
import { type Connection, startServer } from '../support/server.ts';
import { TRUSTING } from '../support/trusting.ts';

/** How often to look at what comes about once a lease of 15 s has run out. */
const TAKEN_OVER = { interval: 250 };

type Facts = Awaited<ReturnType<Connection['call']>>;

/** Has an agent propose for so many contacts, and decides: yes for those with an even number, no for the others. */
async function decideAll(on: Connection, agent_id: string, contacts: number) {
  for (const [odd, decision] of ['approve', 'reject'].entries()) {
    const contact_ids = Array.from({ length: contacts / 2 }, (_, n) => `c${2 * n + odd}`);
    const { run_id } = await on.call('trigger_agent', { agent_id, contact_ids, wait_seconds: 30 });
    for (let left = contacts / 2; left > 0; ) {
      const { review_token, actions } = await on.call('list_pending_actions', {
        run_id,
        detail: 'brief',
        limit: 1_000,
      });
      await on.call('review_actions', { decision, review_token });
      left -= actions.length;
    }
  }
}

/** What a backtest came to, without the names of its run. */
function plain({ run_id: _id, next: _next, ...told }: Facts): Facts {
  return told;
}

/** Waits on another process until a backtest is over. */
async function over(on: Connection, agent_id: string, run_id: string): Promise<Facts> {
  const read = () => on.call('backtest_agent', { agent_id, run_id, wait_seconds: 0 });
  await expect.poll(async () => (await read()).status, TAKEN_OVER).toBe('completed');
  return read();
}

/** The results of a backtest, one a contact: the evaluations that each of them replayed. */
async function contactsOf(on: Connection, run_id: string): Promise<string[]> {
  const found: string[] = [];
  for (let offset = 0; ; ) {
    const { run, has_next } = await on.call('get_run', { run_id, offset, limit: 25 });
    found.push(...run.contact_results.map(({ contact_id }: { contact_id: string }) => contact_id));
    offset += run.contact_results.length;
    if (!has_next) return found;
  }
}

describe('a backtest whose process is killed', () => {
  it('by rules goes on in the next process, with the result of one that nobody killed', async () => {
    const CONTACTS = 400;
    const rules = (body: string) => [{ name: 'all', when: {}, propose: [{ type: 'note', params: { body } }] }];
    const first = await startServer({ env: TRUSTING });
    const contacts = Array.from({ length: CONTACTS }, (_, n) => ({ id: `c${n}`, email: `c${n}@example.com` }));
    await first.call('import_contacts', { contacts });
    const { agent } = await first.call('create_agent', {
      name: 'Noter',
      capabilities: ['notes'],
      playbook: { rules: rules('Hello {{ contact.id }}') },
      monitoring: { max_contacts_per_run: CONTACTS },
    });
    await decideAll(first, agent.id, CONTACTS);
    const some = { name: 'some', when: { contact: { id: { $regex: '[02468]$' } } } };
    const changes = { playbook: { rules: [{ ...rules('Hello {{ contact.id }}')[0], ...some }] } };
    const args = { agent_id: agent.id, changes, limit: 1_000 };
    let done = 0;
    const testing = first.raw('backtest_agent', { ...args, wait_seconds: 30 }, ({ progress }) => {
      done = progress;
      if (progress > 0 && first.pid !== undefined) process.kill(first.pid, 'SIGKILL');
    });
    await expect(testing).rejects.toThrow();
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(CONTACTS);

    const next = await startServer({ home: first.home, env: TRUSTING });
    onTestFinished(() => next.close());
    const [{ id: run_id }] = (await next.call('list_runs', { agent_id: agent.id })).runs;
    const told = await over(next, agent.id, run_id);
    expect(told).toMatchObject({ cohort: { evaluations: CONTACTS }, outcome: { caught: 200, kept_approved: 200 } });
    const replayed = await contactsOf(next, run_id);
    expect([replayed.length, new Set(replayed).size]).toEqual([CONTACTS, CONTACTS]);
    expect(plain(await next.call('backtest_agent', { ...args, wait_seconds: 30 }))).toEqual(plain(told));
  });

  it('by a model goes on, asks about nobody who has a result, and costs what each answer cost', async () => {
    const CONTACTS = 16;
    const { model, home, on, agent_id } = await modelScene({
      script: { latencyMs: 60, reply: ({ said }) => ({ text: noting(`Seen ${about(said)}`) }) },
      contacts: CONTACTS,
      env: TRUSTING,
      agent: { monitoring: { max_contacts_per_run: CONTACTS } },
      llm: { concurrency: 1 },
    });
    await decideAll(on, agent_id, CONTACTS);
    const live = await startOn(home, model, TRUSTING);
    const changes = { description: 'the same mind' };
    const { run_id } = await on.call('backtest_agent', { agent_id, changes, wait_seconds: 0 });
    const evaluated = async () => (await live.call('get_run', { run_id, mode: 'summary' })).run.summary;
    await expect.poll(async () => (await evaluated()).contacts_evaluated).toBeGreaterThan(4);
    if (on.pid !== undefined) process.kill(on.pid, 'SIGKILL');
    const known = new Set(await contactsOf(live, run_id));
    expect(known.size).toBeLessThan(CONTACTS);
    const asked = model.asked.length;

    const told = await over(live, agent_id, run_id);
    expect(told).toMatchObject({ baseline: { agreement: 1 }, outcome: { kept_approved: 8, kept_rejected: 8 } });
    // Whom the killed process was about may be asked about once more; nobody with a result is.
    const again = model.asked.slice(asked).map(({ said }) => about(said));
    expect(again.filter((id) => known.has(id))).toEqual([]);
    const counted = again.filter((id, at) => again.indexOf(id) === at);
    expect(counted.length + known.size).toBe(CONTACTS);
    expect(
      plain(await over(live, agent_id, (await live.call('backtest_agent', { agent_id, changes })).run_id)),
    ).toEqual(plain(told));
  });
});
