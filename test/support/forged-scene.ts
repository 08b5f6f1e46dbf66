import { createAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { recipientOf } from '../../src/engine/gate/digest.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { asShown } from './as-shown.ts';
import { aHome, testDeps } from './fixtures.ts';
import { aStore } from './store.ts';

/** A home in which three emails were decided on: to p0 and p1 approved, to p2 rejected. `head`: the head of its log then. */
export async function decidedHome(): Promise<{ home: string; head: string }> {
  const home = aHome();
  const house = houseIn(home);
  const contacts = ['p0', 'p1', 'p2'].map((id) => ({ id, email: `${id}@example.com` }));
  for (const contact of contacts) await importContacts(house, 'test', { contacts: [contact] });
  const params = { subject: 'Hello', message: 'As agreed.' };
  const rules = [{ name: 'all', propose: [{ type: 'email_message', params }] }];
  const made = await createAgent(house, 'test', { name: 'A', capabilities: ['email'], playbook: { rules } });
  const { id } = await trigger(house, 'test', { agent_id: String(made.agent.id) }, undefined);
  await waitForRun(house, id, 5);
  for (const contact_id of ['p0', 'p1'])
    await approve(house, 'test', await asShown(house, { run_id: id, contact_id, action_index: 0 }), 5);
  await reject(house, 'test', { run_id: id, contact_id: 'p2', action_index: 0 });
  await house.store.close();
  return { home, head: String((await auditOf(home)).head) };
}

export function houseIn(home: string): House {
  const deps = testDeps(home);
  return createHouse(aStore(home, deps), deps);
}

export function auditOf(home: string, expectHead?: string) {
  return aStore(home, testDeps(home)).audit({ recipientOf, expectHead });
}
