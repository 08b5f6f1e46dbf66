import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.ts';
import { TRUSTING } from '../support/trusting.ts';

const DAY = 86_400_000;
const people = (n: number, from = 0) =>
  Array.from({ length: n }, (_, at) => ({ id: `p${from + at}`, email: `p${from + at}@example.com` }));
const noting = (body: string, type = 'note') => [
  { name: 'all', when: {}, propose: [{ type, params: type === 'note' ? { body } : { fields: { stage: body } } }] },
];

/** An agent by rules whose proposals for all contacts wait, and a clock that can be moved. */
async function waiting(
  n: number,
  { type = 'note', env = TRUSTING }: { type?: string; env?: Record<string, string> } = {},
) {
  let at = Date.parse('2026-03-01T10:00:00.000Z');
  const on = inProcess({ env, now: () => new Date(at) });
  const { call } = on;
  await call('import_contacts', { contacts: people(n) });
  const { agent } = await call('create_agent', {
    name: 'Watch',
    capabilities: ['notes', 'crm_sync'],
    playbook: { rules: noting('Hello {{ contact.id }}', type) },
    monitoring: { max_contacts_per_run: 1_000 },
  });
  const propose = async () => {
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
    return run_id as string;
  };
  const rows = async () => {
    const { actions } = await call('list_pending_actions', { agent_id: agent.id, limit: 1_000 });
    return actions as Record<string, never>[];
  };
  const refOf = ({ run_id, contact_id, action_index, digest }: Record<string, unknown>) => ({
    ...{ run_id, contact_id, action_index },
    expected_digest: digest,
  });
  const insights = (days = '30') => call('get_agent_insights', { agent_id: agent.id, days });
  const pass = (ms: number) => {
    at += ms;
  };
  return { on, call, agent, propose, rows, refOf, insights, pass };
}

describe('insights of an agent', () => {
  it('are null where nothing was decided, and say how many cases there were', async () => {
    const { insights, agent } = await waiting(1);
    const told = await insights('all');
    expect(told).toMatchObject({
      agent_id: agent.id,
      period: { days: 'all', from: agent.created_at },
      summary: { decisions: 0, by_proof: { client: 0, elicited: 0, human: 0, signed: 0 } },
      metrics: {
        approval_rate: { rate: null, n: 0, low: null, high: null, trend: null },
        edit_distance: { median: null, share_over_20: null, n: 0 },
        time_to_decide: { median_s: null, p90_s: null, n: 0 },
        sentiment: { average: null, distribution: null, why: expect.any(String) },
        cost_per_approved: { usd: null, priced: 0, total: 0 },
        oldest_pending_s: null,
      },
      ...{ versions: [], compare: null, drift: null, top_issues: [], recommendations: [] },
    });
    expect(told.trust).toEqual([{ type: 'crm_update', n: 0, misses: 0, needed: 58 }]);
  });

  it('count what a person first said of each action, by proof, with edits and the time that it took', async () => {
    const { call, propose, rows, refOf, insights, pass } = await waiting(5);
    await propose();
    pass(60_000);
    const [first, second, third, fourth] = await rows();
    await call('approve_action', refOf(first ?? {}));
    await call('approve_action', { ...refOf(second ?? {}), params: { body: 'Hello p1!' } });
    await call('reject_action', { ...refOf(third ?? {}), reason: 'Too long' });
    pass(60_000);
    await call('reject_action', { ...refOf(fourth ?? {}), reason: 'too long!' });
    pass(1);
    const { summary, metrics, top_issues } = await insights();
    expect(summary).toMatchObject({ decisions: 4, approved: 1, edited: 1, rejected: 2, executed: 2, blocked: 0 });
    expect(summary.by_proof).toEqual({ client: 4, elicited: 0, human: 0, signed: 0 });
    expect(metrics).toMatchObject({
      approval_rate: { rate: 0.5, n: 4, low: 0.15, high: 0.85, trend: null },
      clean_rate: { rate: 0.25, n: 4 },
      edit_distance: { median: 0.1111, share_over_20: 0, n: 1 },
      time_to_decide: { median_s: 60, p90_s: 120, n: 4 },
      cost_per_approved: { usd: 0, at_least_usd: 0, priced: 5, total: 5 },
      oldest_pending_s: 120,
    });
    expect(top_issues).toEqual([
      { issue: 'too long!', frequency: 2, impact: 'high', quotes: ['too long!', 'Too long'] },
    ]);
  });

  it('speak of a whole period, and of the one before it', async () => {
    const { call, propose, rows, refOf, insights, pass } = await waiting(4);
    await propose();
    const [first, second, third, fourth] = await rows();
    await call('reject_action', refOf(first ?? {}));
    await call('reject_action', refOf(second ?? {}));
    pass(8 * DAY);
    await call('approve_action', refOf(third ?? {}));
    await call('approve_action', refOf(fourth ?? {}));
    // What was decided at this very moment isn't in a period that ends now.
    expect((await insights('7')).summary.decisions).toBe(0);
    pass(1);
    const week = await insights('7');
    expect(week.metrics.approval_rate).toMatchObject({ rate: 1, n: 2, trend: { change: 1 } });
    expect((await insights('30')).metrics.approval_rate).toMatchObject({ rate: 0.5, n: 4, trend: null });
    pass(7 * DAY);
    expect((await insights('7')).metrics.approval_rate).toMatchObject({ rate: null, n: 0, trend: null });
  });

  it('keep counts of an erased contact, and none of its words', async () => {
    const { call, propose, rows, refOf, insights, pass } = await waiting(2);
    await propose();
    const [first, second] = await rows();
    await call('reject_action', { ...refOf(first ?? {}), reason: 'A secret matter of p0' });
    await call('approve_action', refOf(second ?? {}));
    await call('delete_contact', { contact_id: 'p0' });
    await call('delete_contact', { contact_id: 'p1' });
    pass(1);
    const told = await insights('all');
    expect(told.summary).toMatchObject({ decisions: 2, approved: 1, rejected: 1, executed: 1 });
    expect(told.metrics.time_to_decide.n).toBe(0);
    expect(told.metrics.cost_per_approved).toMatchObject({ usd: 0, priced: 2, total: 2 });
    expect(JSON.stringify(told)).not.toContain('secret matter');
  });

  it('compare versions, and offer trust at its bound, which plain calls do not earn', async () => {
    const earn = async (env: Record<string, string>, n: number) => {
      const { call, propose, insights, pass } = await waiting(n, { type: 'crm_update', env });
      await propose();
      const { review_token } = await call('list_pending_actions', { detail: 'brief', limit: 1_000 });
      await call('review_actions', { decision: 'approve', review_token });
      pass(1);
      return (await insights('all')).trust;
    };
    expect(await earn({}, 58)).toEqual([{ type: 'crm_update', n: 0, misses: 0, needed: 58 }]);
    expect(await earn(TRUSTING, 57)).toEqual([{ type: 'crm_update', n: 57, misses: 0, needed: 1 }]);
    const [offered] = await earn(TRUSTING, 58);
    expect(offered).toMatchObject({ n: 58, misses: 0, needed: 0, offer: expect.stringContaining('auto_approve') });
  });
});
