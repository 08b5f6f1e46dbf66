import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { nextEvaluation, submitEvaluation } from '../../src/engine/runs/assistant.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import type { Store } from '../../src/store/store.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

/** A store in which one search is held up once it has found its contacts, as a search through very many may be. */
function slowlySearched(store: Store, which: number) {
  const signs = new EventTarget();
  const found = once(signs, 'found');
  const released = once(signs, 'released');
  let searches = 0;
  const targets: Store['find']['targets'] = async (query) => {
    searches += 1;
    const isHeld = searches === which;
    const result = await store.find.targets(query);
    if (isHeld) signs.dispatchEvent(new Event('found'));
    if (isHeld) await released;
    return result;
  };
  return {
    store: { ...store, find: { ...store.find, targets } },
    found,
    release: () => signs.dispatchEvent(new Event('released')),
  };
}

it('a queued run whose search began before the run in front of it ended goes on with the next contacts', async () => {
  const home = aHome();
  const deps: Deps = { ...testDeps(home), newId: createIds(() => new Date()) };
  // Each run is searched for twice: for what its trigger says of it, and when it is about to start.
  const { store, found, release } = slowlySearched(aStore(home, deps), 4);
  const house = createHouse(store, deps);
  await importContacts(house, 'maya', { contacts: ['a', 'b', 'c', 'd'].map((id) => ({ id })) });
  const monitoring = { max_contacts_per_run: 2 };
  const made = { name: 'A', capabilities: ['notes'], playbook: { playbook_md: 'Note something.' }, monitoring };
  const { agent } = await createAgent(house, 'maya', made);
  const agent_id = String(agent.id);
  const { id: run_id } = await trigger(house, 'maya', { agent_id }, undefined);
  await waitForRun(house, run_id, 5);
  const next = await trigger(house, 'maya', { agent_id }, undefined);
  await found;
  let { evaluation } = await nextEvaluation(house, 'maya', run_id);
  while (evaluation) {
    const { evaluation_id } = evaluation;
    const given = { run_id, evaluation_id, reasoning: 'r', proposed_actions: [] };
    ({ evaluation } = await submitEvaluation(house, 'maya', given));
  }
  release();
  await waitForRun(house, next.id, 5);
  const targets = await house.read((view) => view.results(next.id).targets);
  expect(targets).toEqual(['c', 'd']);
});
