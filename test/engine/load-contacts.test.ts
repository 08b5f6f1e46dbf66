import { expect, it } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { View } from '../../src/domain/state/view.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

const MANY = 700;
/** The most contacts that a run takes together. */
const TOGETHER = 250;

/** A house that notes of how many contacts each look and each decision reads the fields, the doings and the proposals. */
function watched(house: House) {
  const counts: number[] = [];
  const counted = (view: View): View => {
    const ids = new Set<string>();
    const at = counts.push(0) - 1;
    const note = <T>(id: string, value: T): T => {
      counts[at] = ids.add(id).size;
      return value;
    };
    return {
      ...view,
      contact: (id) => note(id, view.contact(id)),
      activity: (id) => note(id, view.activity(id)),
      ledger: (id) => note(id, view.ledger(id)),
      want: (wanted) => {
        for (const id of [...(wanted.activity ?? []), ...(wanted.ledger ?? [])]) note(id, undefined);
        view.want(wanted);
      },
    };
  };
  const read: House['read'] = (look) => house.read((view, moment) => look(counted(view), moment));
  const commit: House['commit'] = (author, decide) =>
    house.commit(author, (view, moment) => decide(counted(view), moment));
  return { house: { ...house, read, commit }, most: () => Math.max(...counts) };
}

it.each([
  ['found by a filter', false],
  ['named by the caller', true],
])('a run over many contacts reads few of them at a time, where they are %s', async (_how, areNamed) => {
  const home = aHome();
  const deps: Deps = { ...testDeps(home), newId: createIds(() => new Date()) };
  const plain = createHouse(aStore(home, deps), deps);
  const ids = Array.from({ length: MANY }, (_, n) => `c${n}`);
  await importContacts(plain, 'maya', { contacts: ids.map((id) => ({ id })) });
  const playbook = { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'Hello' } }] }] };
  const monitoring = { max_contacts_per_run: MANY };
  const made = { name: 'A', capabilities: ['notes'], playbook, monitoring };
  const { agent } = await createAgent(plain, 'maya', made);
  const { house, most } = watched(plain);
  const named = areNamed ? { contact_ids: ids } : {};
  const run = await trigger(house, 'maya', { agent_id: String(agent.id), ...named }, undefined);
  const { status, summary } = await waitForRun(house, run.id, 30);
  expect({ status, ...summary }).toMatchObject({ status: 'completed', contacts_targeted: MANY });
  expect(most()).toBeLessThanOrEqual(TOGETHER);
  await house.store.close();
});
