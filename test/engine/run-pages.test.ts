import { expect, it } from 'vitest';
import { inProcess } from '../support/in-process.ts';

it('get_run gives 25 contacts a page, which is also the most that it takes', async () => {
  const { call } = inProcess();
  await call('import_contacts', { contacts: Array.from({ length: 30 }, (_, n) => ({ id: `p${n}` })) });
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'x' } }] }];
  const monitoring = { max_contacts_per_run: 30 };
  const made = { name: 'Many', capabilities: ['notes'], playbook: { rules }, monitoring };
  const { agent } = await call('create_agent', made);
  const { run_id } = await call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  const page = await call('get_run', { run_id });
  expect(page).toMatchObject({ total: 30, limit: 25, offset: 0, has_next: true });
  expect(page.run.contact_results).toHaveLength(25);
  expect((await call('get_run', { run_id, offset: 25 })).run.contact_results).toHaveLength(5);
  expect((await call('get_run', { run_id, limit: 3 })).run.contact_results).toHaveLength(3);
  await expect(call('get_run', { run_id, limit: 26 })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
});
