import { describe, expect, it } from 'vitest';
import { Desk, NOTE } from '../support/desk.ts';

const FILTERS = [{ email: 'Ann@Example.COM' }, { email: '<ann@example.com>' }, { email: { $in: ['ANN@example.com'] } }];

describe.each(FILTERS)('the address in %j', (filter) => {
  it('is the contact’s, for list_contacts, for whom an agent monitors, and for a rule', async () => {
    const desk = new Desk();
    await desk.contact({ email: 'ANN@Example.com' });
    await desk.contact({ id: 'bob', email: 'bob@example.com' });
    const listed = await desk.call('list_contacts', { filter });
    expect(listed.contacts.map(({ id }: { id: string }) => id)).toEqual(['ann']);
    const rule = { name: 'ann', when: { contact: filter }, propose: [NOTE] };
    for (const agent of [{ monitoring: { filter } }, { playbook: { rules: [rule] } }]) {
      const agent_id = await desk.agent(agent, [NOTE]);
      const { run_id } = await desk.call('trigger_agent', { agent_id, wait_seconds: 30 });
      const rows = await desk.rows(run_id);
      expect(rows.map(({ run_id: of, ...row }) => [of === run_id, row])).toMatchObject([[true, { contact_id: 'ann' }]]);
      await desk.call('reject_action', { run_id, contact_id: 'ann', action_index: 0 });
      await desk.contact({ firstname: `Ann${desk.clock}` });
    }
  });
});
