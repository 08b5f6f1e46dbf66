import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { DecisionEntry } from '../../src/domain/decisions/decision.ts';
import type { ActionRef } from '../../src/domain/runs/run.ts';
import { deleteAgent } from '../../src/engine/agents/delete.ts';
import { createAgent, updateAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { decideShown } from '../../src/engine/review/bulk.ts';
import { expireDue } from '../../src/engine/review/expiry.ts';
import { listPending } from '../../src/engine/review/pending.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { settleAction } from '../../src/engine/review/settle.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { asShown } from '../support/as-shown.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

const maya = { user: 'maya', client: 'claude 1.0' };

/** A house with the contacts `c0` to `c<count-1>`, and a clock that the test moves on. */
async function aHouse(count = 1): Promise<{ house: House; home: string; passHours: (hours: number) => void }> {
  const home = aHome();
  let now = Date.parse('2026-03-02T09:30:00.000Z');
  const deps: Deps = { ...testDeps(home), now: () => new Date(now), newId: createIds(() => new Date(now)) };
  const house = createHouse(aStore(home, deps), deps);
  const contacts = Array.from({ length: count }, (_, i) => ({ id: `c${i}`, email: `c${i}@example.com` }));
  await importContacts(house, maya, { contacts });
  return {
    house,
    home,
    passHours(hours) {
      now += hours * 3_600_000;
    },
  };
}

async function proposed(house: House, type: string, params: object, settings: object = {}): Promise<ActionRef> {
  const made = await createAgent(house, maya, {
    name: `Agent for ${type}`,
    capabilities: ['email', 'notes'],
    playbook: { rules: [{ name: 'all', propose: [{ type, params: { ...params } }] }] },
    ...settings,
  });
  const run = await trigger(house, maya, { agent_id: String(made.agent.id) }, undefined);
  await waitForRun(house, run.id, 60);
  return { run_id: run.id, contact_id: 'c0', action_index: 0 };
}

async function logged(house: House): Promise<DecisionEntry[]> {
  const entries: DecisionEntry[] = [];
  for await (const entry of (await house.store.audit()).entries()) entries.push(entry);
  return entries;
}

const email = { subject: 'Hello', message: 'Hi' };

describe('the decision log', () => {
  it('says who approved what, edited or not, by which client, and with which proof', async () => {
    const { house } = await aHouse();
    const ref = await proposed(house, 'note', { body: 'as proposed' });
    await approve(house, maya, await asShown(house, { ...ref, params: { body: 'as edited' }, note: 'better so' }), 1);
    expect(await logged(house)).toEqual([
      expect.objectContaining({
        ...{ seq: 1, decision: 'approved', by: 'maya', client: 'claude 1.0', via: 'client', edited: true },
        ...{ agent_name: 'Agent for note', agent_version: 1, run_id: ref.run_id, action_index: 0, type: 'note' },
        personal: { contact_id: 'c0', reason: 'better so', salt: expect.any(String) },
      }),
    ]);
    expect((await house.store.audit()).faults).toEqual([]);
  });

  it('marks what expired, and what a policy approved, as no decision of a person', async () => {
    const { house, passHours } = await aHouse();
    await proposed(house, 'note', { body: 'waits' }, { approval: { expires_after_hours: 1 } });
    passHours(2);
    await expireDue(house);
    await proposed(house, 'note', { body: 'runs' }, { approval: { auto_approve: ['note'] } });
    expect(await logged(house)).toMatchObject([
      { decision: 'expired', by: 'countersign', via: 'policy' },
      { decision: 'approved', by: 'policy', via: 'policy', personal: { contact_id: 'c0' } },
    ]);
  });

  it('says what a person settled or retried, and that a check sent it back to review', async () => {
    const { house } = await aHouse();
    const ref = await proposed(house, 'email_message', email);
    await reject(house, maya, { ...ref, reason: 'not now' });
    const second = await proposed(house, 'email_message', { ...email, subject: 'Again' });
    const agent_id = await house.read((view) => view.run(second.run_id)?.agent_id ?? '');
    const at = '2026-03-02T09:30:00.000Z';
    const change = { ...second, agent_id, auto_approved: false, at };
    // The state after an attempt whose process died.
    await house.commit('countersign', () => ({
      events: [
        {
          type: 'actions_changed',
          changes: [
            {
              ...change,
              from: 'pending_approval',
              to: 'approved',
              set: { decided_at: at, decided_by: 'maya', decided_via: 'client' },
            },
            { ...change, from: 'approved', to: 'executing', set: { attempted_at: at } },
            { ...change, from: 'executing', to: 'unknown', set: {} },
          ],
        },
      ],
      value: undefined,
    }));
    await settleAction(house, maya, { ...second, outcome: 'not_sent' });
    await importContacts(house, maya, { contacts: [{ id: 'c0', do_not_email: true }] });
    await settleAction(house, maya, { ...(await asShown(house, second)), outcome: 'retry' });
    expect((await logged(house)).map(({ decision, by }) => `${decision} by ${by}`)).toEqual([
      'rejected by maya',
      'approved by countersign',
      'settled_not_sent by maya',
      'retried by maya',
      'returned by countersign',
    ]);
    expect((await house.store.audit()).faults).toEqual([]);
  });

  it('has an entry for each permission to act unasked and each weaker demand, and none for a change that allows less', async () => {
    const { house } = await aHouse();
    const made = await createAgent(house, maya, { name: 'A', playbook: { playbook_md: 'Be kind.' } });
    const id = String(made.agent.id);
    const unversioned = { restore_version: undefined, expected_version: undefined };
    const update = { ...unversioned, clear: [], via: 'elicited' as const };
    await updateAgent(house, maya, id, { ...update, changes: { description: 'kinder' } });
    await updateAgent(house, maya, id, { ...update, changes: { capabilities: ['notes', 'email'] } });
    const unasked = { require_approval: false, min_proof: 'elicited' as const };
    await updateAgent(house, maya, id, { ...update, changes: { approval: unasked } });
    await updateAgent(house, maya, id, { ...update, changes: { approval: { require_approval: true } } });
    await updateAgent(house, maya, id, { ...update, changes: {}, clear: ['approval.min_proof'] });
    expect(await logged(house)).toMatchObject([
      {
        decision: 'granted',
        agent_version: 4,
        via: 'elicited',
        loosened: [expect.stringContaining('without asking: email')],
      },
      { decision: 'loosened', agent_version: 6, loosened: [expect.stringContaining('a plain call')] },
    ]);
  });

  it('has an entry for the end of an agent that demanded a proof, with the proof that was given for it', async () => {
    const { house } = await aHouse();
    const playbook = { playbook_md: 'Be kind.' };
    await createAgent(house, maya, { name: 'Free', playbook });
    await createAgent(house, maya, { name: 'Strict', playbook, approval: { min_proof: 'elicited' } });
    await deleteAgent(house, maya, 'Free');
    await expect(deleteAgent(house, maya, 'Strict', 'client')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await deleteAgent(house, maya, 'Strict', 'elicited');
    expect(await logged(house)).toMatchObject([
      { decision: 'loosened', agent_name: 'Strict', via: 'elicited', loosened: [expect.stringContaining('deleted')] },
    ]);
    expect((await house.store.audit()).faults).toEqual([]);
    const commits = fs.readdirSync(path.join(house.deps.env.COUNTERSIGN_HOME ?? '', 'log'));
    const text = commits.map((name) =>
      fs.readFileSync(path.join(house.deps.env.COUNTERSIGN_HOME ?? '', 'log', name), 'utf8'),
    );
    expect(text.join('')).toContain('"run_ids":[],"via":"elicited"');
  });

  it('spans many documents, in one chain that a new process continues', async () => {
    const { house, home } = await aHouse(1200);
    const ref = await proposed(house, 'note', { body: 'x' }, { monitoring: { max_contacts_per_run: 1200 } });
    const waiting = () => listPending(house, maya, { run_id: ref.run_id, detail: 'brief' }, { limit: 1000, offset: 0 });
    for (let page = await waiting(); page.review_token !== undefined; page = await waiting())
      await decideShown(house, maya, { decision: 'reject', review_token: page.review_token });
    await house.store.close();
    const again = createHouse(aStore(home, house.deps), house.deps);
    const head = await again.read((view) => view.decisionHead());
    expect(head.seq).toBe(1200);
    await proposed(again, 'note', { body: 'y' }, { approval: { auto_approve: ['note'] } });
    const { faults, trail } = await again.store.audit();
    expect(faults).toEqual([]);
    expect(trail.entries).toBe(1200 + 25);
    await again.store.close();
  });
});
