import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import {
  ACTION_STATUSES,
  type Action,
  type ActionStatus,
  emptySummary,
  type Proof,
} from '../../src/domain/runs/run.ts';
import { canBecome } from '../../src/domain/runs/transitions.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { findAction } from '../../src/engine/base/actions.ts';
import type { House } from '../../src/engine/base/house.ts';
import { granting } from '../../src/engine/gate/grant.ts';
import { createHouse } from '../../src/process/house.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact, aHome, anAgent, NOW, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

const REF = { run_id: 'run_1', contact_id: 'ct_sanne', action_index: 0 };
const WAIT = { until: '2026-03-02T09:35:00.000Z', why: 'come back later' };
const BASE = { ...REF, agent_id: 'ag_test', auto_approved: false, at: NOW };

let home: string;
let store: Store;
let house: House;

beforeEach(() => {
  home = aHome();
  const deps = testDeps(home);
  store = aStore(home, deps);
  house = createHouse(store, deps);
});

const write = (...events: Event[]) => store.commit('test', () => ({ events, value: undefined }));
const commit = (...events: Event[]) => house.commit('test', () => ({ events, value: undefined }));
const logged = () =>
  fs
    .readdirSync(path.join(home, 'log'))
    .map((name) => fs.readFileSync(path.join(home, 'log', name), 'utf8'))
    .join('');
const changed = (...changes: ActionChange[]): Event => ({ type: 'actions_changed', changes });

function recorded(action: Partial<Action>, isDry = false): Event {
  const whole: Action = {
    ...{
      action_index: 0,
      type: 'note',
      params: { body: 'x' },
      digest: 'd',
      status: 'pending_approval',
      proposed_at: NOW,
    },
    ...action,
  };
  const result = { contact_id: REF.contact_id, reasoning: '', proposed_actions: [whole], blocked_actions: [] };
  return {
    type: 'results_recorded',
    run_id: REF.run_id,
    agent_id: 'ag_test',
    dry_run: isDry,
    at: NOW,
    results: [result],
  };
}

/** Writes an agent, a contact, a run and one action of that status into the store, without asking the lock. */
async function anAction(
  status: ActionStatus,
  min_proof?: 'elicited' | 'human',
  more: Partial<Action> = {},
): Promise<void> {
  const approval = { require_approval: true, auto_approve: ['note'], ...(min_proof ? { min_proof } : {}) };
  const run = {
    ...{ id: REF.run_id, job_id: 'job_1', agent_id: 'ag_test', agent_version: 1, status: 'running' as const },
    ...{ trigger: 'manual' as const, dry_run: false, created_at: NOW, created_by: 'test', summary: emptySummary() },
  };
  await write(
    { type: 'agent_saved', agent: anAgent({ approval }) },
    { type: 'contacts_saved', contacts: [aContact()] },
    { type: 'run_created', run },
    recorded({ status, ...more }),
  );
}

async function expectRefused(work: Promise<unknown>): Promise<void> {
  const before = logged();
  await expect(work).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(logged()).toBe(before);
}

/** A step that sets everything that a lawful step of this kind sets. */
function step(from: ActionStatus, to: ActionStatus, decided_via: Proof = 'human'): ActionChange {
  const isWait = (from === 'executing' || from === 'approved') && to === 'approved';
  if (isWait) return { ...BASE, from, to, set: { waits: WAIT } };
  return { ...BASE, from, to, set: { decided_at: NOW, decided_by: 'test', decided_via } };
}

const pairs = ACTION_STATUSES.flatMap((from) => ACTION_STATUSES.map((to) => [from, to] as const));

describe('the lock', () => {
  it.each(pairs)('from %s to %s does what the table of lawful steps says', async (from, to) => {
    await anAction(from);
    if (!canBecome(from, to)) return expectRefused(commit(changed(step(from, to))));
    await commit(changed(step(from, to)));
    expect(await house.read((view) => findAction(view, REF)?.status)).toBe(to);
  });

  it('refuses a step from a status that the action does not have', async () => {
    await anAction('rejected');
    await expectRefused(commit(changed(step('pending_approval', 'approved'))));
  });

  it.each(['executing', 'approved'] as const)(
    'lets what is %s wait, but changes nothing else of its yes',
    async (from) => {
      await anAction(from);
      for (const set of [{}, { tries: 1 }, { waits: WAIT, digest: 'e' }, { waits: WAIT, edited_params: { body: 'y' } }])
        await expectRefused(commit(changed({ ...step(from, 'approved'), set })));
      await commit(changed(step(from, 'approved')));
      expect(await house.read((view) => findAction(view, REF))).toMatchObject({ status: 'approved', waits: WAIT });
    },
  );

  it('refuses a step of an action that is not there', async () => {
    await expectRefused(commit(changed(step('pending_approval', 'rejected'))));
  });

  it('takes several steps of one action in one commit as following each other', async () => {
    await anAction('pending_approval');
    await expectRefused(commit(changed(step('pending_approval', 'rejected'), step('pending_approval', 'approved'))));
    await commit(changed(step('pending_approval', 'approved')), changed(step('approved', 'executing')));
    expect(await house.read((view) => findAction(view, REF)?.status)).toBe('executing');
  });

  it.each([
    ['client', undefined, true],
    ['client', 'elicited', false],
    ['elicited', 'elicited', true],
    ['elicited', 'human', false],
    ['human', 'human', true],
    ['policy', undefined, false],
  ] as const)('an approval by %s where the agent needs %s: lawful is %s', async (given, needed, isLawful) => {
    await anAction('pending_approval', needed);
    const approval = commit(changed(step('pending_approval', 'approved', given)));
    if (isLawful) await approval;
    else await expectRefused(approval);
  });

  it('asks the proof of a retry too, and of an approval that is executed in the same commit', async () => {
    await anAction('failed', 'human');
    await expectRefused(commit(changed(step('failed', 'approved', 'client'))));
    const other = { ...step('pending_approval', 'executed', 'client') };
    await write(recorded({ status: 'pending_approval' }));
    await expectRefused(commit(changed(other)));
  });

  it('needs more proof for what an assistant proposed, which could also call the deciding tool', async () => {
    await anAction('pending_approval', undefined, { source: 'assistant' });
    await expectRefused(commit(changed(step('pending_approval', 'approved', 'client'))));
    await commit(changed(step('pending_approval', 'approved', 'elicited')));
  });

  it('refuses an approval that names no proof, but not a rejection', async () => {
    await anAction('pending_approval');
    await expectRefused(
      commit(changed({ ...BASE, from: 'pending_approval', to: 'approved', set: { decided_at: NOW } })),
    );
    await commit(changed({ ...BASE, from: 'pending_approval', to: 'rejected', set: {} }));
  });

  it.each([
    ['pending_approval', {}, true],
    ['approved', {}, false],
    ['approved', { auto_approved: true, decided_via: 'client' }, false],
    ['approved', { auto_approved: true, decided_via: 'policy' }, true],
    ['approved', { auto_approved: true, decided_via: 'policy', type: 'webhook' }, false],
    ['executed', {}, false],
    ['dry_run', {}, false],
  ] as const)('a new action that begins as %s with %j: lawful is %s', async (status, more, isLawful) => {
    await anAction('rejected');
    const begun = commit(recorded({ ...more, status, action_index: 1 }));
    if (isLawful) await begun;
    else await expectRefused(begun);
  });

  it('lets what stands in the place of an action that was sent back begin as waiting only, at a place of its own', async () => {
    await anAction('cancelled', undefined, { revised: true });
    const revision = (action: Partial<Action>): Event => {
      const event = recorded(action);
      return event.type === 'results_recorded' ? { ...event, revises: 0 } : event;
    };
    const unasked = { status: 'approved' as const, auto_approved: true, decided_via: 'policy' as const };
    await expectRefused(commit(revision({ ...unasked, action_index: 1 })));
    await expectRefused(commit(revision({ action_index: 0 })));
    await commit(revision({ action_index: 1 }));
  });

  it('lets no answer to what somebody wrote begin as approved, although its agent may send emails unasked', async () => {
    await anAction('rejected');
    const agent = anAgent({ approval: { require_approval: false, auto_approve: [] }, capabilities: ['email'] });
    await write({ type: 'agent_saved', agent });
    await house.commit('test', (view, { at }) => ({
      events: [granting(view, [agent], { at, by: 'test', via: 'human', newSalt: () => 's', earnedBy: () => [] })],
      value: undefined,
    }));
    const email = { type: 'email_message', auto_approved: true, decided_via: 'policy' as const };
    const begun = (action_index: number, params: Record<string, unknown>) =>
      commit(recorded({ ...email, status: 'approved', action_index, params }));
    await begun(1, { subject: 'Hi', message: 'Hi' });
    await expectRefused(begun(2, { subject: 'Hi', message: 'Hi', in_reply_to: '<ask@example.com>' }));
  });

  it('lets a new action of a dry run begin as dry_run only', async () => {
    await anAction('rejected');
    await expectRefused(commit(recorded({ status: 'pending_approval' }, true)));
    await commit(recorded({ status: 'dry_run' }, true));
  });
});
