import { describe, expect, it } from 'vitest';
import { decided, PRO_ONLY, people, rule } from '../support/backtest-scene.ts';

describe('a backtest by rules', () => {
  it('says of the same version that it proposes the same once more', async () => {
    const { test } = await decided();
    const told = await test();
    expect(told).toMatchObject({
      status: 'completed',
      version: 1,
      baseline: { version: 1, agreement: 1, differs: [] },
      cohort: { evaluations: 12, decided_actions: 12, erased: 0, unreadable: 0, seen: 0, unseen: 12 },
      outcome: { caught: 0, lost: 0, kept_approved: 8, kept_rejected: 4, undecided: { changed: 0, added: 0 } },
      precision: { rate: 0.6667, n: 12 },
      ...{ test: null, verdict: 'too few', cost_usd: 0, examples: [] },
    });
  });

  it('says what a draft catches and loses, with examples, and saves nothing of it', async () => {
    const { call, agent, run_id, test } = await decided();
    const caught = await test({ changes: PRO_ONLY });
    expect(caught.outcome).toMatchObject({ caught: 4, lost: 0, kept_approved: 8, kept_rejected: 0 });
    expect(caught).toMatchObject({ draft: true, test: { b: 4, c: 0, p: 0.125 }, verdict: 'too few' });
    expect(caught.examples).toHaveLength(4);
    const [example] = caught.examples.filter(({ contact_id }: { contact_id: string }) => contact_id === 'p8');
    expect(example).toMatchObject({ run_id, type: 'email_message', kind: 'caught', now: null });
    expect(example.then).toEqual({ subject: 'Hello Name8', message: 'Max greets p8' });
    const free = { playbook: { rules: [rule({ contact: { plan: 'free' } })] } };
    expect(await test({ changes: free })).toMatchObject({
      outcome: { caught: 0, lost: 8, per_type: { email_message: { lost: 8 } } },
      ...{ test: { b: 0, c: 8, p: 0.0078 }, verdict: 'worse' },
    });
    const other = { playbook: { rules: [rule({}, 'Something else altogether, for you')] } };
    expect((await test({ changes: other })).outcome).toMatchObject({ caught: 0, lost: 0, undecided: { changed: 12 } });
    expect((await call('get_agent', { agent_id: agent.id })).agent.version).toBe(1);
  });

  it('does not move by a byte after all that came later', async () => {
    const { call, agent, identity, pass, test } = await decided();
    const plain = ({ run_id: _id, ...told }: Record<string, unknown>) => told;
    const before = plain(await test({ version: 1 }));
    const drafted = plain(await test({ changes: PRO_ONLY }));
    pass(86_400_000);
    const later = people.map((person) => ({ ...person, firstname: 'Renamed', plan: 'gone', do_not_email: true }));
    await call('import_contacts', {
      contacts: later,
      events: people.map(({ id }) => ({ contact_id: id, type: 'page', timestamp: '2026-03-02T09:00:00Z' })),
    });
    await call('save_identity', { identity_id: identity.id, name: 'Moritz', email: 'moritz@example.com' });
    await call('create_agent', {
      name: 'Other',
      capabilities: ['notes'],
      playbook: { rules: [{ name: 'n', when: {}, propose: [{ type: 'note', params: { body: 'x' } }] }] },
    });
    const other = await call('trigger_agent', { agent_id: 'Other', wait_seconds: 30 });
    const { review_token } = await call('list_pending_actions', { run_id: other.run_id });
    await call('review_actions', { decision: 'reject', review_token, reason: 'no' });
    expect(plain(await test({ version: 1 }))).toEqual(before);
    expect(plain(await test({ changes: PRO_ONLY }))).toEqual(drafted);
    await call('update_agent', {
      agent_id: agent.id,
      changes: { playbook: { rules: [rule({ contact: { plan: 'x' } })] } },
    });
    expect(plain(await test({ version: 1 }))).toEqual(before);
    // The newest version writes to nobody: it would have caught all rejections, and lost all approvals.
    expect((await test()).outcome).toMatchObject({ caught: 4, lost: 8 });
  });

  it('leaves out who was erased, and counts them', async () => {
    const { call, test } = await decided();
    const made = await test();
    await call('delete_contact', { contact_id: 'p0' });
    await call('delete_contact', { contact_id: 'p8' });
    const again = await test({ run_id: made.run_id });
    expect(again.cohort).toMatchObject({ evaluations: 10, decided_actions: 10, erased: 2 });
    expect(again.outcome).toMatchObject({ kept_approved: 7, kept_rejected: 3 });
    expect((await test()).cohort).toMatchObject({ evaluations: 10, erased: 2 });
  });

  it('changes nothing but its own run: no decision, cadence, ledger or last run', async () => {
    const { call, agent, test } = await decided();
    const rows = async () => {
      const { agents } = await call('list_agents');
      const contact = await call('get_contact', { contact_id: 'p1' });
      const { summary } = await call('get_agent_insights', { agent_id: agent.id, days: 'all' });
      return { agents, contact, summary };
    };
    const before = await rows();
    const { run_id } = await test({ changes: PRO_ONLY });
    expect(await rows()).toEqual(before);
    const { run } = await call('get_run', { run_id, contact_id: 'p1' });
    expect(run).toMatchObject({ trigger: 'backtest', dry_run: true, backtest: { run_id, outcome: { caught: 4 } } });
    const [{ contact_id, proposed_actions }] = run.contact_results;
    const [{ action_index, digest, status }] = proposed_actions;
    expect(status).toBe('dry_run');
    const ref = { run_id, contact_id, action_index };
    for (const decide of ['approve_action', 'reject_action'])
      await expect(call(decide, { ...ref, expected_digest: digest })).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining('belongs to a backtest'),
      });
    await expect(call('revise_action', { ...ref, feedback: 'Other' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(call('settle_action', { ...ref, outcome: 'retry', expected_digest: digest })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('tells its size and cost before, and asks nobody', async () => {
    const { call, agent, test } = await decided();
    const told = await test({ dry_run: true, limit: 5 });
    expect(told).toEqual({
      agent_id: agent.id,
      cohort: { evaluations: 5, decided_actions: 5, erased: 0, unreadable: 0, seen: 0, unseen: 5 },
      expected_cost_usd: 0,
    });
    expect((await call('list_runs', { agent_id: agent.id })).total).toBe(1);
  });
});
