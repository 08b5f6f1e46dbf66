import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { nextEvaluation, submitEvaluation } from '../../src/engine/runs/assistant.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

/** A run that awaits the evaluation of one contact, with a clock that the test moves on. */
async function awaiting() {
  const home = aHome();
  let now = Date.parse('2026-03-02T09:30:00.000Z');
  const deps: Deps = { ...testDeps(home), now: () => new Date(now), newId: createIds(() => new Date(now)) };
  const house = createHouse(aStore(home, deps), deps);
  await importContacts(house, 'maya', { contacts: [{ id: 'c' }] });
  const playbook = { playbook_md: 'Note something.' };
  const { agent } = await createAgent(house, 'maya', { name: 'A', capabilities: ['notes'], playbook });
  const run = await trigger(house, 'maya', { agent_id: String(agent.id) }, undefined);
  await waitForRun(house, run.id, 5);
  const pass = (minutes: number) => {
    now += minutes * 60_000;
  };
  return { house, run_id: run.id, pass };
}

describe('a contact that was handed to an assistant', () => {
  it('is given to another assistant after ten minutes, and the late answer is a CONFLICT', async () => {
    const { house, run_id, pass } = await awaiting();
    const first = await nextEvaluation(house, 'one', run_id);
    pass(9.9);
    expect(await nextEvaluation(house, 'two', run_id)).toEqual({ done: false, remaining: 1 });
    pass(0.2);
    const second = await nextEvaluation(house, 'two', run_id);
    expect(second.evaluation?.contact_id).toBe('c');
    const answer = (evaluation_id: string) =>
      submitEvaluation(house, 'one', { run_id, evaluation_id, reasoning: 'r', proposed_actions: [] });
    await expect(answer(first.evaluation?.evaluation_id ?? '')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await answer(second.evaluation?.evaluation_id ?? '')).toMatchObject({ done: true, remaining: 0 });
  });

  it('can’t be answered after ten minutes, even if no other assistant has taken it', async () => {
    const { house, run_id, pass } = await awaiting();
    const { evaluation } = await nextEvaluation(house, 'one', run_id);
    pass(10.1);
    const args = { run_id, evaluation_id: evaluation?.evaluation_id ?? '', reasoning: 'r', proposed_actions: [] };
    await expect(submitEvaluation(house, 'one', args)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await nextEvaluation(house, 'one', run_id)).evaluation?.contact_id).toBe('c');
  });
});
