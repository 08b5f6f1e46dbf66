import { expect } from 'vitest';
import type { AgentChanges } from '../../src/domain/agents/agent.ts';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { KeptCall } from '../../src/domain/state/kept-change.ts';
import { currentAgent } from '../../src/domain/state/view.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { keepCall } from '../../src/engine/changes/keep.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { aHome, testDeps } from './fixtures.ts';
import { aStore } from './store.ts';

export const maya = { user: 'maya', client: 'claude 1.0' };
export const DAY = 24 * 3_600_000;

/** A house with one contact, and a clock that the test moves on. */
export async function aHouse(env: Deps['env'] = {}) {
  const home = aHome();
  let now = Date.parse('2026-03-02T09:30:00.000Z');
  const base = testDeps(home);
  const clock = () => new Date(now);
  const deps: Deps = { ...base, env: { ...base.env, ...env }, now: clock, newId: createIds(clock) };
  const store = aStore(home, deps);
  const house = createHouse(store, deps);
  await importContacts(house, maya, { contacts: [{ id: 'c0', email: 'c0@example.com' }] });
  const passDays = (days: number) => {
    now += days * DAY;
  };
  return { house, store, passDays };
}

/** An agent that proposes one action for everybody; `waits`: it has proposed it. */
export async function anActor(house: House, propose: object, settings: object = {}, waits = false): Promise<string> {
  const made = await createAgent(house, maya, {
    name: 'Ada',
    capabilities: ['email', 'notes', 'webhook'],
    playbook: { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'x' }, ...propose }] }] },
    ...settings,
  });
  const id = String(made.agent.id);
  if (!waits) return id;
  const run = await trigger(house, maya, { agent_id: id }, undefined);
  await waitForRun(house, run.id, 5);
  return id;
}

export const HOOK = { type: 'webhook', params: { payload: {} } };
export const EMAIL = { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } };
export const update = (agent_id: string, changes: AgentChanges): KeptCall => ({
  tool: 'update_agent',
  agent_id,
  update: { changes, clear: [] },
});
export const agentOf = (house: House, id: string) => house.read((view) => currentAgent(view, id));
export const allow = (house: House, change_id: string, via: 'elicited' | 'human' = 'human') =>
  decideChange(house, maya, { change_id, decision: 'approve', via });

/** Keeps a call, and gives the id of the change; fails where the call needs nobody. */
export async function kept(house: House, call: KeptCall): Promise<string> {
  const change = await keepCall(house, maya, call);
  expect(change).toBeDefined();
  return change?.id ?? '';
}
