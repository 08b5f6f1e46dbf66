import { describe, expect, it } from 'vitest';
import { actionDigest } from '../../src/engine/gate/digest.ts';
import { approvalQuestion } from '../../src/engine/review/questions.ts';
import { Desk } from '../support/desk.ts';
import { aContact, anAgent } from '../support/fixtures.ts';

const CONTACT = { 'Deal Stage': 'open', lead_source: 'web', 'Do Not Call': 'no' };

async function aDesk(fields: Record<string, unknown> = CONTACT): Promise<Desk> {
  const desk = new Desk();
  await desk.contact(fields);
  return desk;
}

/** A run of a new agent that proposes a change of these fields, and what came of it. */
async function proposes(desk: Desk, ...updates: Record<string, unknown>[]) {
  const agent_id = await desk.agent(
    {},
    updates.map((fields) => ({ type: 'crm_update', params: { fields } })),
  );
  const run_id = await desk.run(agent_id);
  const { run } = await desk.call('get_run', { run_id });
  const [{ proposed_actions, blocked_actions }] = run.contact_results;
  return { run_id, proposed: proposed_actions, blocked: blocked_actions };
}

async function contactOf(desk: Desk) {
  return (await desk.call('get_contact', { contact_id: 'ann' })).contact;
}

describe('a change of fields', () => {
  it.each([
    ['deal_stage', 'Deal Stage'],
    ['DEAL-STAGE', 'Deal Stage'],
    ['dealStage', 'Deal Stage'],
    ['Lead Source', 'lead_source'],
    ['First Name', 'firstname'],
    ['Lifecycle-Stage', 'lifecycle_stage'],
    ['do not call', 'Do Not Call'],
    ['Deal Stage', 'Deal Stage'],
    ['deal_size', 'deal_size'],
  ])('writes the field that is there: %s is %s, as the row shows it', async (named, field) => {
    const desk = await aDesk();
    const { run_id, proposed } = await proposes(desk, { [named]: 'x' });
    const [row] = await desk.rows(run_id);
    expect(row).toMatchObject({ params: { fields: { [field]: 'x' } } });
    expect(proposed).toMatchObject([{ params: { fields: { [field]: 'x' } } }]);
    const before = await contactOf(desk);
    await desk.approveNow(run_id);
    const { updated_at: _, ...after } = await contactOf(desk);
    expect(after).toEqual({ ...before, [field]: 'x', updated_at: undefined });
  });

  it('is one change however its field is written', async () => {
    const desk = await aDesk();
    const first = await proposes(desk, { deal_stage: 'won' });
    const second = await proposes(desk, { 'Deal-Stage': 'Won' });
    expect(second.blocked).toMatchObject([
      { reason: `the same action is pending_approval already (run ${first.run_id})` },
    ]);
  });

  it('writes the field that came there while it waited, and its digest and form say so', async () => {
    const desk = await aDesk({});
    const { run_id } = await proposes(desk, { deal_stage: 'won' });
    const before = await desk.row(run_id);
    await desk.contact({ 'Deal Stage': 'open' });
    const row = await desk.row(run_id);
    expect(row).toMatchObject({ params: { fields: { 'Deal Stage': 'won' } } });
    expect(row.digest).not.toBe(before.digest);
    const ref = { run_id, contact_id: 'ann', action_index: 0 };
    const { text } = await approvalQuestion(desk.on.house, { ...ref, expected_digest: row.digest });
    expect(text).toContain('"Deal Stage": "won"');
    await desk.approve(run_id, row.digest);
    const contact = await contactOf(desk);
    expect(contact).toMatchObject({ 'Deal Stage': 'won' });
    expect(contact).not.toHaveProperty('deal_stage');
    expect((await desk.on.house.store.audit()).faults).toEqual([]);
  });

  it('is what a decision binds to by the field that it writes', () => {
    const digestOf = (name: string, contact: Record<string, unknown>) =>
      actionDigest(
        'crm_update',
        { fields: { [name]: 'won' } },
        { agent: anAgent(), contact: aContact(contact), identity: undefined },
        undefined,
      );
    expect(digestOf('deal_stage', CONTACT)).toBe(digestOf('Deal Stage', CONTACT));
    expect(digestOf('deal_stage', {})).not.toBe(digestOf('Deal Stage', {}));
  });

  it('writes one field for two changes that name a new one in two ways', async () => {
    const desk = await aDesk({});
    const { run_id } = await proposes(desk, { 'Deal Stage': 'open' }, { deal_stage: 'won' });
    await desk.approveNow(run_id);
    const next = await desk.row(run_id);
    await desk.approve(run_id, next.digest, 1);
    const contact = await contactOf(desk);
    expect(contact).toMatchObject({ 'Deal Stage': 'won' });
    expect(contact).not.toHaveProperty('deal_stage');
  });

  it('writes the field that is there after a person’s edit too', async () => {
    const desk = await aDesk();
    const { run_id } = await proposes(desk, { deal_stage: 'won' });
    const { digest } = await desk.row(run_id);
    const params = { fields: { LEAD_SOURCE: 'fair' } };
    const ref = { run_id, contact_id: 'ann', action_index: 0, expected_digest: digest };
    const { action } = await desk.call('approve_action', { ...ref, params });
    expect(action).toMatchObject({ status: 'executed', edited_params: { fields: { lead_source: 'fair' } } });
    expect(await contactOf(desk)).toMatchObject({ lead_source: 'fair', 'Deal Stage': 'open' });
  });

  it('is blocked where two of its names mean one field, or one name may mean two', async () => {
    const desk = await aDesk({ 'Deal Stage': 'open', deal_stage: 'old' });
    const { blocked } = await proposes(desk, { plan: 'a', PLAN: 'b' }, { New: 1, new_: 2 }, { DEALSTAGE: 'won' });
    expect(blocked.map(({ reason }: { reason: string }) => reason)).toEqual([
      expect.stringContaining('"plan" and this name mean one field'),
      expect.stringContaining('"New" and this name mean one field'),
      expect.stringContaining('"DEALSTAGE" may mean one of the contact\'s fields "Deal Stage", "deal_stage"'),
    ]);
    const exact = await proposes(desk, { deal_stage: 'won' });
    expect(exact.proposed).toMatchObject([{ params: { fields: { deal_stage: 'won' } } }]);
  });

  it.each<[string, unknown]>([
    ['E-Mail', 'new@example.com'],
    ['Email Address', 'new@example.com'],
    ['E-Mail-Adresse', 'new@example.com'],
    ['ID', 'x'],
    ['Do Not Email', false],
    ['do-not-contact', 'no'],
    ['Unsubscribed', 'no'],
    ['Email Opt Out', true],
    ['HasOptedOutOfEmail', null],
    ['Bounced', false],
    ['bounced at', null],
    ['Created At', '2020-01-01'],
    ['updatedAt', '2020-01-01'],
    ['Consent Sources', []],
    ['consent-lifted-at', null],
  ])('never writes id, address, consent or times: %s', async (name, value) => {
    const desk = await aDesk({ do_not_email: true });
    const { blocked } = await proposes(desk, { [name]: value });
    expect(blocked).toMatchObject([{ reason: expect.stringContaining("crm_update can't change ") }]);
  });

  it.each<[string, unknown]>([
    ['complaint_type', 'billing'],
    ['subscription_plan', 'team'],
    ['Do Not Call', 'yes'],
    ['Work Email', 'ann@work.example'],
  ])('writes a field that only sounds like one: %s', async (name, value) => {
    const desk = await aDesk({});
    expect((await proposes(desk, { [name]: value })).proposed).toMatchObject([
      { params: { fields: { [name]: value } } },
    ]);
  });
});
