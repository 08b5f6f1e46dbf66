import { describe, expect, it } from 'vitest';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { A_CALL, decided, modelled, people } from '../support/backtest-scene.ts';

describe('a backtest by the assistant', () => {
  it('hands out each contact as it was then, and counts what the assistant would propose now', async () => {
    const { call, agent, pass, test } = await decided();
    const later = people.map((person) => ({ ...person, firstname: 'Renamed' }));
    await call('import_contacts', { contacts: later });
    await call('update_agent', {
      agent_id: agent.id,
      changes: { playbook: { playbook_md: 'Write to who is on the plan pro.' }, llm_config: { provider: 'assistant' } },
    });
    pass(1000);
    const { run_id, ...begun } = await test();
    expect(begun).toMatchObject({
      status: 'awaiting_evaluation',
      version: 2,
      next: expect.stringContaining('next_evaluation'),
      // It isn't over, so it has nothing to say yet.
      verdict: "can't tell",
    });
    // It keeps no run of its agent waiting, and waits for none.
    const beside = await call('trigger_agent', { agent_id: agent.id, contact_ids: ['p0'] });
    expect(beside.status).toBe('awaiting_evaluation');
    let handed = await call('next_evaluation', { run_id });
    for (let steps = 0; !handed.done && steps < 20; steps++) {
      const { evaluation_id, contact } = handed.evaluation;
      expect(contact.firstname).toMatch(/^Name/);
      const params = { subject: `Hello ${contact.firstname}`, message: `Max greets ${contact.id}` };
      const proposed_actions = contact.plan === 'pro' ? [{ type: 'email_message', params }] : [];
      handed = await call('submit_evaluation', { run_id, evaluation_id, reasoning: 'r', proposed_actions });
    }
    expect(await test({ run_id })).toMatchObject({
      ...{ status: 'completed', version: 2, baseline: { version: 1, agreement: null } },
      cohort: { evaluations: 12, seen: 12, unseen: 0 },
      outcome: { caught: 4, lost: 0, kept_approved: 8, kept_rejected: 0 },
    });
    expect((await call('list_pending_actions')).total).toBe(0);
  });
});

describe('a backtest by a model', () => {
  it('asks the model about each contact as it was then, and says what that cost', async () => {
    const { call, model, changes, test } = await modelled();
    await call('import_contacts', { contacts: people.map((person) => ({ ...person, firstname: 'Renamed' })) });
    const told = await test({ changes });
    expect(told.outcome).toMatchObject({ caught: 4, lost: 0 });
    expect(told).toMatchObject({ status: 'completed', draft: true, baseline: { agreement: 1 }, cost_usd: 0.024 });
    expect(model.asked).toHaveLength(12);
    expect(model.asked.map(({ said }) => said).join()).not.toContain('Renamed');
  });

  it('says before what it is likely to cost: for the draft, and for the model of then where that is asked once more', async () => {
    const { asked, changes, test } = await modelled({}, { byModel: true });
    const expected = async (more: object) => (await test({ changes: more, dry_run: true })).expected_cost_usd;
    const decisions = 8;
    expect(await expected(changes)).toBeCloseTo(2 * decisions * A_CALL, 9);
    const llm_config = { ...changes.llm_config, model: 'm-2' };
    expect(await expected({ ...changes, llm_config })).toBeCloseTo(decisions * A_CALL, 9);
    expect(asked()).toBe(0);
  });

  it('ends at its cap, with what was replayed until then', async () => {
    const { model, changes, test } = await modelled({ max_cost_usd_per_run: 0.0079 });
    const told = await test({ changes });
    expect(told).toMatchObject({
      status: 'failed',
      verdict: "can't tell",
      next: expect.stringContaining('max_cost_usd_per_run'),
    });
    expect(model.asked.length).toBeLessThan(4);
  });

  it.each(['run', 'day', 'month'])(
    'counts all that it paid where the cap of a %s is reached within a contact',
    async (cap) => {
      const paid = cap === 'run' ? 0 : 12 * A_CALL;
      const { asked, changes, spent, test } = await modelled(
        { [`max_cost_usd_per_${cap}`]: paid + 3.5 * A_CALL },
        { byModel: true },
      );
      const before = await spent();
      expect(before.today_usd).toBeCloseTo(12 * A_CALL, 9);
      const told = await test({ changes });
      // Both minds of the first contact, and the one of then for the second.
      expect(asked()).toBe(3);
      expect(told).toMatchObject({ status: 'failed', verdict: "can't tell" });
      expect(told.cost_usd).toBeCloseTo(3 * A_CALL, 9);
      const now = await spent();
      expect([now.today_usd, now.month_usd].map((usd) => usd.toFixed(6))).toEqual(['0.030000', '0.030000']);
    },
  );

  it('goes on where it was stopped, and asks about no contact twice', async () => {
    const { on, model, changes, test } = await modelled();
    const { run_id } = await test({ changes, wait_seconds: 0 });
    await expect.poll(() => model.asked.length).toBeGreaterThan(3);
    const going = on.house.runs.get(run_id);
    going?.stop.abort();
    await going?.done;
    const done = await on.house.read((view) => [...view.results(run_id).results.keys()]);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(12);
    await recover(on.house);
    expect(await test({ run_id })).toMatchObject({ status: 'completed', outcome: { caught: 4, lost: 0 } });
    const asked = model.asked.flatMap(({ said }) => said.match(/p\d+@example/)?.[0].replace('@example', '') ?? []);
    // The one in flight may be asked about once more; none with a result is.
    for (const id of done) expect(asked.filter((each) => each === id)).toEqual([id]);
    expect(new Set(asked).size).toBe(12);
  });
});
