import { describe, expect, it } from 'vitest';
import { chunkOf } from '../../src/domain/decisions/decision.ts';
import { inProcess } from '../support/in-process.ts';
import { TRUSTING } from '../support/trusting.ts';

const stage = (body: string) => [
  { name: 'all', when: {}, propose: [{ type: 'crm_update', params: { fields: { stage: body } } }] },
];

/** An agent with so many approvals of its changes of fields, and one that can propose for `wave` after `wave` of contacts. */
async function approved(n: number) {
  const on = inProcess({ env: TRUSTING });
  const { call } = on;
  let waves = 0;
  const { agent } = await call('create_agent', {
    name: 'Stager',
    capabilities: ['crm_sync'],
    playbook: { rules: stage('warm') },
    monitoring: { max_contacts_per_run: 1_000 },
  });
  const propose = async (count: number) => {
    waves += 1;
    const contacts = Array.from({ length: count }, (_, at) => ({ id: `w${waves}_${at}` }));
    await call('import_contacts', { contacts });
    const contact_ids = contacts.map(({ id }) => id);
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids, wait_seconds: 30 });
    return (await call('get_run', { run_id, mode: 'summary', wait_seconds: 30 })).run;
  };
  const decideAll = async (decision: 'approve' | 'reject') => {
    const { review_token } = await call('list_pending_actions', { detail: 'brief', limit: 1_000 });
    await call('review_actions', { decision, review_token });
  };
  await propose(n);
  await decideAll('approve');
  const grant = () =>
    call('update_agent', { agent_id: agent.id, changes: { approval: { auto_approve: ['crm_update'] } } });
  const unasked = async () => (await call('get_agent', { agent_id: agent.id })).agent.approval.unasked;
  const trust = async () => (await call('get_agent_insights', { agent_id: agent.id, days: 'all' })).trust[0];
  return { ...on, agent, propose, decideAll, grant, unasked, trust };
}

describe('earned trust', () => {
  it('lets what was offered and granted happen, but for one in ten, until the first rejection', async () => {
    const { call, house, agent, propose, grant, unasked, trust } = await approved(58);
    expect(await trust()).toMatchObject({ type: 'crm_update', n: 58, offer: expect.any(String) });
    await grant();
    expect(await unasked()).toMatchObject({ types: ['crm_update'], granted: true, earned: ['crm_update'] });
    expect(await trust()).toMatchObject({ granted: true });

    const { summary } = await propose(200);
    expect(summary.actions_auto_approved + summary.actions_pending_approval).toBe(200);
    expect(summary.actions_pending_approval).toBeGreaterThan(4);
    expect(summary.actions_pending_approval).toBeLessThan(45);

    const { actions } = await call('list_pending_actions', { agent_id: agent.id, limit: 1 });
    const [{ run_id, contact_id, action_index }] = actions;
    const { warnings } = await call('get_agent', { agent_id: agent.id });
    expect(warnings.join()).toContain('One in ten');
    await call('reject_action', { run_id, contact_id, action_index, reason: 'Not this one' });
    expect(await unasked()).toMatchObject({ types: [], earned: [] });
    expect((await propose(20)).summary).toMatchObject({ actions_auto_approved: 0, actions_pending_approval: 20 });
    // A further miss needs more decisions than the first offer did.
    expect(await trust()).toMatchObject({ misses: 1, needed: 92 - 59 });
    const kinds = await house.read((view) => view.decisions(chunkOf(1)).map(({ decision }) => decision));
    expect(kinds.filter((kind) => kind === 'trust_ended')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'granted')).toHaveLength(1);
    expect((await house.store.audit()).faults).toEqual([]);
  });

  it('samples nothing of what was granted without an offer', async () => {
    const { propose, grant, unasked } = await approved(20);
    await grant();
    expect(await unasked()).toMatchObject({ types: ['crm_update'], granted: true, earned: [] });
    expect((await propose(100)).summary).toMatchObject({ actions_auto_approved: 100, actions_pending_approval: 0 });
  });

  it('begins anew with another playbook', async () => {
    const { call, agent, trust } = await approved(58);
    await call('update_agent', { agent_id: agent.id, changes: { description: 'x' } });
    expect(await trust()).toMatchObject({ n: 58, needed: 0 });
    await call('update_agent', { agent_id: agent.id, changes: { playbook: { rules: stage('hot') } } });
    expect(await trust()).toEqual({ type: 'crm_update', n: 0, misses: 0, needed: 58 });
  });

  it('counts an edit of an amount as a miss, however few letters were changed with it', async () => {
    const { call, agent, propose, trust } = await approved(1);
    const note = 'A long text of which a single letter is changed, so that the edit is a slight one.';
    const fields = (amount: number, end: string) => ({ fields: { amount, note: `${note}${end}` } });
    const rules = [{ name: 'all', when: {}, propose: [{ type: 'crm_update', params: fields(100, '') }] }];
    await call('update_agent', { agent_id: agent.id, changes: { playbook: { rules } } });
    await propose(2);
    const { actions } = await call('list_pending_actions', { agent_id: agent.id });
    for (const [at, params] of [fields(100, '!'), fields(900, '!')].entries()) {
      const { run_id, contact_id, action_index, digest } = actions[at];
      await call('approve_action', { run_id, contact_id, action_index, expected_digest: digest, params });
    }
    expect(await trust()).toMatchObject({ n: 2, misses: 1 });
  });
});
