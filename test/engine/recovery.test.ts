import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSchemas } from '../../src/checks/schemas.ts';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { ActionRef } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { deleteAgent } from '../../src/engine/agents/delete.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import { findAction } from '../../src/engine/base/actions.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { listPending } from '../../src/engine/review/pending.ts';
import { settleAction } from '../../src/engine/review/settle.ts';
import { getRun, waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { ownFilesOf } from '../../src/files/own-files.ts';
import { createHouse } from '../../src/process/house.ts';
import { asShown } from '../support/as-shown.ts';
import { noFetch } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

let home: string;
let house: House;

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-recovery-'));
  house = openHouse();
});

afterEach(async () => {
  await house.store.close();
  fs.rmSync(home, { recursive: true, force: true });
});

function openHouse(): House {
  const now = () => new Date();
  const quiet = () => undefined;
  const deps: Deps = {
    now,
    newId: createIds(now),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    env: {},
    fetch: noFetch,
    openSocket: () => Promise.reject(new Error('no socket is opened here')),
    schemas: createSchemas(),
    ...ownFilesOf(home),
  };
  return createHouse(aStore(home, deps), deps);
}

/** One email that waits for a person. */
async function pendingEmail(): Promise<ActionRef> {
  await importContacts(house, 'test', { contacts: [{ id: 'a', email: 'a@example.com' }] });
  const rules = [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 'Hello', message: 'Hi' } }] }];
  const { agent } = await createAgent(house, 'test', { name: 'Mailer', capabilities: ['email'], playbook: { rules } });
  const run = await trigger(house, 'test', { agent_id: String(agent.id) }, undefined);
  await waitForRun(house, run.id, 5);
  return { run_id: run.id, contact_id: 'a', action_index: 0 };
}

/** Leaves the state of a process that died between `executing` and the outcome. */
async function leaveExecuting(ref: ActionRef, holder = 'proc_0000000000dead'): Promise<void> {
  await house.commit('test', (view) => {
    const action = findAction(view, ref);
    const agent_id = view.run(ref.run_id)?.agent_id ?? '';
    const change = { ...ref, agent_id, auto_approved: false, at: '2026-03-01T10:00:00.000Z' };
    const approved = {
      ...change,
      from: action?.status ?? 'pending_approval',
      to: 'approved' as const,
      set: { decided_by: 'test', decided_at: change.at, decided_via: 'client' as const },
    };
    const executing = {
      ...change,
      from: 'approved' as const,
      to: 'executing' as const,
      set: { attempted_at: change.at, holder },
    };
    return { events: [{ type: 'actions_changed', changes: [approved, executing] }], value: undefined };
  });
}

async function statusOf(ref: ActionRef) {
  return house.read((view) => findAction(view, ref));
}

describe('an attempt whose process died', () => {
  it('becomes unknown, keeps its time, is shown to the person, and is not repeated', async () => {
    const ref = await pendingEmail();
    await leaveExecuting(ref);
    await recover(house);
    expect(await statusOf(ref)).toMatchObject({
      status: 'unknown',
      attempted_at: '2026-03-01T10:00:00.000Z',
      error: { message: expect.stringContaining('2026-03-01T10:00') },
    });
    await recover(house);
    expect(fs.existsSync(path.join(home, 'outbox'))).toBe(false);
    const shown = await listPending(house, 'maya', { detail: 'full' }, { limit: 20, offset: 0 });
    expect(shown.rows).toMatchObject([{ status: 'unknown' }]);
    expect(shown).not.toHaveProperty('review_token');
    const { run } = await getRun(house, { run_id: ref.run_id, mode: 'summary' }, { limit: 1, offset: 0 });
    expect(run.summary).toMatchObject({
      actions_proposed: 1,
      actions_approved: 1,
      actions_unknown: 1,
      actions_pending_approval: 0,
    });
  });

  it('is settled by a person, and retried where the person says so', async () => {
    const ref = await pendingEmail();
    await leaveExecuting(ref);
    await recover(house);
    expect(await settleAction(house, 'pat', { ...ref, outcome: 'not_sent' })).toMatchObject({ status: 'failed' });
    const done = await settleAction(house, 'pat', { ...(await asShown(house, ref)), outcome: 'retry' });
    expect(done).toMatchObject({ status: 'executed', decided_by: 'pat', result: { channel: 'outbox' } });
    expect(fs.readdirSync(path.join(home, 'outbox'))).toHaveLength(1);
    const { run } = await getRun(house, { run_id: ref.run_id, mode: 'summary' }, { limit: 1, offset: 0 });
    expect(run.summary).toMatchObject({
      actions_approved: 1,
      actions_executed: 1,
      actions_unknown: 0,
      actions_failed: 0,
    });
  });

  it('keeps its agent from being deleted until a person has settled it', async () => {
    const ref = await pendingEmail();
    await leaveExecuting(ref);
    await recover(house);
    const agent_id = await house.read((view) => view.run(ref.run_id)?.agent_id ?? '');
    await expect(deleteAgent(house, 'pat', agent_id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/status "unknown".*settle_action/),
    });
    await settleAction(house, 'pat', { ...ref, outcome: 'sent', note: 'seen among the sent mail' });
    // A plain call may be the assistant's own, so nothing says that a person said it.
    const note = 'It was settled as sent: seen among the sent mail';
    expect(await statusOf(ref)).toMatchObject({ status: 'executed', result: { channel: 'settled', note } });
    expect(await deleteAgent(house, 'pat', agent_id)).toMatchObject({ runs_deleted: 1, actions_cancelled: 0 });
  });

  it('is left alone while its process lives', async () => {
    const ref = await pendingEmail();
    const other = openHouse();
    await other.store.renew();
    await leaveExecuting(ref, other.store.holder);
    await recover(house);
    expect((await statusOf(ref))?.status).toBe('executing');
    await other.store.close();
    await recover(house);
    expect((await statusOf(ref))?.status).toBe('unknown');
  });
});

/** Leaves the state of a process that died after an approval, before the attempt. */
function leaveApproved(ref: ActionRef): Promise<void> {
  return house.commit('test', (view, { at }) => {
    const digest = findAction(view, ref)?.digest ?? '';
    const agent_id = view.run(ref.run_id)?.agent_id ?? '';
    const moved = { from: 'pending_approval' as const, to: 'approved' as const, auto_approved: false, at };
    const change = {
      ...ref,
      agent_id,
      ...moved,
      set: { digest, decided_by: 'test', decided_at: at, decided_via: 'client' as const },
    };
    return { events: [{ type: 'actions_changed', changes: [change] }], value: undefined };
  });
}

async function settledStatus(ref: ActionRef) {
  await expect.poll(async () => (await statusOf(ref))?.status).not.toMatch(/^(approved|executing)$/);
  return statusOf(ref);
}

describe('an approved action that was not executed', () => {
  it('is executed once, by the first process that finds it', async () => {
    const ref = await pendingEmail();
    await leaveApproved(ref);
    const other = openHouse();
    await Promise.all([recover(house), recover(other)]);
    expect((await settledStatus(ref))?.status).toBe('executed');
    const late = await asShown(house, ref);
    expect(await approve(house, 'late', late, 1).catch((error: { code: string }) => error.code)).toBe('CONFLICT');
    await other.store.close();
  });

  it('goes back to review when its recipient or consent changed since the approval', async () => {
    const changes: [string, () => Promise<unknown>][] = [
      ['recipient', () => importContacts(house, 'test', { contacts: [{ id: 'a', email: 'new@example.com' }] })],
      ['do_not_email', () => importContacts(house, 'test', { contacts: [{ id: 'a', do_not_email: true }] })],
    ];
    for (const [reason, change] of changes) {
      await house.store.close();
      fs.rmSync(home, { recursive: true, force: true });
      house = openHouse();
      const ref = await pendingEmail();
      await leaveApproved(ref);
      await change();
      await recover(house);
      const action = await settledStatus(ref);
      expect(action).toMatchObject({ status: 'pending_approval', reason: expect.stringContaining(reason) });
      expect(action).not.toHaveProperty('decided_by');
      expect(fs.existsSync(path.join(home, 'outbox'))).toBe(false);
      const { run } = await getRun(house, { run_id: ref.run_id, mode: 'summary' }, { limit: 1, offset: 0 });
      expect(run.summary).toMatchObject({ actions_pending_approval: 1, actions_approved: 0 });
    }
  });
});

it('an erasure whose process died is completed: outbox and log keep nothing of the contact', async () => {
  const ref = await pendingEmail();
  await approve(house, 'test', await asShown(house, ref), 5);
  const texts = (folder: string) =>
    fs.readdirSync(path.join(home, folder)).map((name) => fs.readFileSync(path.join(home, folder, name), 'utf8'));
  expect(texts('outbox')).toHaveLength(1);
  await house.commit('test', (view, { newId }) => {
    const stand_in = view.standIn('a', newId('erased'));
    const deleted: Event = { type: 'contact_deleted', contact_id: 'a', stand_in, run_ids: [ref.run_id] };
    return { events: [deleted], value: undefined };
  });
  await recover(house);
  expect(texts('outbox')).toEqual([]);
  expect(texts('log').join()).not.toContain('a@example.com');
});
