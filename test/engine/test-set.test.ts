import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.ts';
import { TRUSTING } from '../support/trusting.ts';

const RULE = {
  name: 'came twice',
  when: {
    contact: {
      lifecycle_stage: { $in: ['lead', 'trial'] },
      firstname: { $exists: true },
      // A rule may name a person: that person is left out all the same.
      lastname: 'Okafor',
      plan_ends: { $lt: '2030-01-01' },
      // Numbers and dates that nothing compares by order may be a phone, a place, or who somebody is.
      direct_line: { $exists: true },
      reach_at: { $exists: true },
      customer_no: { $nin: [1, 2] },
      joined: { $exists: true },
      lat: { $gt: 0 },
      seats: { $in: [3, 4] },
      orders: { $exists: true, $not: { $elemMatch: { shop_no: { $gt: 1 } } } },
    },
    events: [{ match: { type: 'page', 'properties.path': '/pricing' }, at_least: 2 }],
    recent_actions: [{ match: { type: 'email_message' }, at_most: 0 }],
  },
  propose: [{ type: 'note', params: { body: 'Ask {{ contact.firstname }} about {{ contact.goal }}' } }],
};
const people = ['ada', 'bo', 'cy'].map((name, at) => ({
  id: `crm-${name}-777`,
  email: `${name}@secret.example`,
  firstname: name,
  lastname: 'Okafor',
  company: 'Northwind Ltd',
  phone: '+31 6 12345678',
  website: 'https://northwind.example',
  lifecycle_stage: 'lead',
  goal: 'wants to leave her job quietly',
  city: 'Utrecht',
  visits: at + 1,
  direct_line: 15558675309 + at,
  reach_at: '2345-67-89',
  customer_no: 778812345 + at,
  joined: '1980-05-01',
  lat: 48.8583701,
  seats: 3,
  orders: [],
  shop_no: 4455667,
  plan_ends: '2027-05-01',
}));
const events = people.flatMap(({ id }) => [
  ...[1, 2].map((day) => ({
    contact_id: id,
    type: 'page',
    name: `Pricing seen by ${id}`,
    properties: { path: '/pricing', url: `https://site.example/pricing?u=${id}` },
    timestamp: `2026-10-0${day}T10:00:00Z`,
  })),
  { contact_id: id, type: 'page', properties: { path: `/me/${id}` }, timestamp: '2026-10-03T10:00:00Z' },
]);

/** Everything that may not leave the home with a test set. */
const PRIVATE =
  /crm-|secret\.example|Okafor|Northwind|12345678|site\.example|quietly|Utrecht|\/me\/|155586|2345-67|778812|1980-05|48\.85|4455667|"(ada|bo|cy)"|Ask /i;

async function decided() {
  const on = inProcess({ env: TRUSTING });
  const { call } = on;
  await call('import_contacts', { contacts: people, events });
  const { agent } = await call('create_agent', {
    name: 'Visitors',
    capabilities: ['notes'],
    playbook: { rules: [RULE] },
    monitoring: { filter: { visits: { $gte: 1 }, city: { $ne: 'Paris' } } },
  });
  const run = await call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  const { actions } = await call('list_pending_actions', { run_id: run.run_id });
  const [first, second, third] = actions;
  const at = ({ run_id, contact_id, action_index, digest }: typeof first) => ({
    ...{ run_id, contact_id, action_index },
    expected_digest: digest,
  });
  await call('approve_action', at(first));
  await call('approve_action', { ...at(second), params: { body: 'Edited for Okafor' } });
  await call('reject_action', { ...at(third), reason: 'Okafor asked us not to' });
  return { ...on, agent_id: agent.id, contact_ids: [first, second, third].map((row) => row.contact_id) };
}

describe('decisions that go with an agent', () => {
  it('are a test set: of each contact only what filter and rules read', async () => {
    const { call, agent_id } = await decided();
    const { payload, not_carried } = await call('export_agent', { agent_id, format: 'countersign', decisions: true });
    const { decisions } = payload;
    expect(decisions.map((each: { decision: string }) => each.decision).sort()).toEqual([
      'approved',
      'edited',
      'rejected',
    ]);
    for (const each of decisions)
      expect(each).toEqual({
        decision: expect.any(String),
        type: 'note',
        rule: 'came twice',
        version: 1,
        at: expect.any(String),
        contact: { visits: expect.any(Number), lifecycle_stage: 'lead', plan_ends: '2027-05-01', seats: 3 },
        events: [
          { type: 'page', properties: { path: '/pricing' }, timestamp: '2026-10-01T10:00:00.000Z' },
          { type: 'page', properties: { path: '/pricing' }, timestamp: '2026-10-02T10:00:00.000Z' },
          { type: 'page', timestamp: '2026-10-03T10:00:00.000Z' },
        ],
        recent_actions: [],
      });
    expect(JSON.stringify(decisions)).not.toMatch(PRIVATE);
    expect(not_carried).toEqual([]);
  });

  it('leave out people who were erased', async () => {
    const { call, agent_id, contact_ids } = await decided();
    await call('delete_contact', { contact_id: contact_ids[0] });
    const { payload } = await call('export_agent', { agent_id, format: 'countersign', decisions: true });
    expect(payload.decisions).toHaveLength(2);
  });

  it('stay behind unless they are asked for, and decide nothing where they come in', async () => {
    const { call, agent_id } = await decided();
    expect((await call('export_agent', { agent_id, format: 'countersign' })).payload).not.toHaveProperty('decisions');
    const { payload } = await call('export_agent', { agent_id, format: 'countersign', decisions: true });
    const to = inProcess();
    const { not_carried } = await to.call('import_agent', { payload });
    expect(not_carried).toEqual([{ path: 'decisions', why: expect.stringContaining('test set') }]);
    expect((await to.call('list_runs')).total).toBe(0);
  });
});
