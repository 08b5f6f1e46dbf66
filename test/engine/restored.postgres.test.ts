import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { mandateDigest } from '../../src/domain/agents/mandate.ts';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { ActionRef } from '../../src/domain/runs/run.ts';
import { currentAgent } from '../../src/domain/state/view.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import { findAction } from '../../src/engine/base/actions.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { mandateNow } from '../../src/engine/gate/grant.ts';
import { setBrake } from '../../src/engine/review/set-brake.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { freshFolder } from '../support/folders.ts';
import { aRestorable } from '../support/postgres/restorable.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { aDatabaseStore } from '../support/store.ts';

const RESTORED = 'restored from an older state';
const PERSON = { user: 'ann' };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
});
afterAll(() => server.remove());

/** A process on a database, with a folder of its own unless it is named. */
function aProcess(url: string, home = aHome()): House {
  const now = () => new Date();
  const deps: Deps = { ...testDeps(home), now, newId: createIds(now) };
  const house = createHouse(aDatabaseStore(url, deps, {}, { home, writes: true }), deps);
  onTestFinished(() => closeHouse(house));
  return house;
}

/** An email that waits for a person, and would be written to the outbox. */
async function pendingEmail(house: House, approval: object = {}): Promise<ActionRef> {
  await importContacts(house, PERSON, { contacts: [{ id: 'a', email: 'a@example.com' }] });
  const rules = [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 'Hello', message: 'Hi' } }] }];
  const input = { name: 'Mailer', capabilities: ['email'], playbook: { rules }, approval };
  const { agent } = await createAgent(house, PERSON, input);
  const run = await trigger(house, PERSON, { agent_id: String(agent.id) }, undefined);
  await waitForRun(house, run.id, 5);
  return { run_id: run.id, contact_id: 'a', action_index: 0 };
}

/** Approves an action, and begins nothing. */
async function approve(house: House, ref: ActionRef): Promise<void> {
  await house.commit(PERSON, (view, { at }) => {
    const agent_id = view.run(ref.run_id)?.agent_id ?? '';
    const set = { decided_by: 'ann', decided_at: at, decided_via: 'client' as const };
    const change = { ...ref, agent_id, from: 'pending_approval' as const, to: 'approved' as const, set };
    return {
      events: [{ type: 'actions_changed', changes: [{ ...change, auto_approved: false, at }] }],
      value: undefined,
    };
  });
}

/** Lets an agent act unasked. */
async function grant(house: House, agent_id: string): Promise<void> {
  await house.commit(PERSON, (view, { at }) => {
    const agent = currentAgent(view, agent_id);
    const mandate = agent ? mandateNow(view, agent) : {};
    const grants = [{ agent_id, mandate, digest: mandateDigest(mandate) }];
    return { events: [{ type: 'mandate_granted', grants, at, by: 'ann', via: 'human' }], value: undefined };
  });
}

async function work(house: House): Promise<void> {
  await recover(house).catch(() => undefined);
  await house.executing;
}

const actionIn = (house: House, ref: ActionRef) => house.read((view) => findAction(view, ref));
const brakeIn = (house: House) => house.read((view) => view.brake());
const commitsIn = (house: House) => house.read((view) => view.commits());

/** A database with an approved email, as a copy has it, which a process has executed since. */
async function executedSince() {
  const database = await aRestorable(server);
  const home = aHome();
  const first = aProcess(database.url, home);
  const ref = await pendingEmail(first);
  await approve(first, ref);
  const restore = await database.backUp();
  const atCopy = await commitsIn(first);
  await work(first);
  expect((await actionIn(first, ref))?.status).toBe('executed');
  return { ...database, home, first, ref, restore, atCopy };
}

describe('a database that is restored under living processes', () => {
  it('is noticed by all of them, who hand everything over once', async () => {
    const { url, first, ref, restore, atCopy } = await executedSince();
    const other = aProcess(url);
    await other.read(() => undefined);
    await restore();
    await Promise.all([work(first), work(other), work(first)]);
    for (const house of [first, other])
      expect(await actionIn(house, ref)).toMatchObject({ status: 'pending_approval', reason: RESTORED });
    expect(await actionIn(first, ref)).not.toHaveProperty('decided_via');
    expect(await brakeIn(first)).toMatchObject({ on: true, by: 'countersign', restored: [expect.any(String)] });
    expect(await commitsIn(other)).toBe(atCopy + 1);
    expect(await first.store.audit()).toMatchObject({ faults: [], commits: atCopy + 1 });
  });

  it('refuses the call of somebody who had seen what is lost, and does what they want once they have looked', async () => {
    const { first, ref, restore } = await executedSince();
    await restore();
    await expect(setBrake(first, PERSON, { on: true, via: 'client' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('restored from an older state'),
    });
    await approve(first, ref);
    expect(await actionIn(first, ref)).toMatchObject({ status: 'approved', decided_by: 'ann' });
  });

  it('is noticed where others went on from it, beyond what was lost', async () => {
    const { url, first, ref, restore, atCopy } = await executedSince();
    const seen = await commitsIn(first);
    await restore();
    const unaware = aProcess(url);
    await setBrake(unaware, PERSON, { on: true, via: 'client' });
    while ((await commitsIn(unaware)) <= seen) {
      await setBrake(unaware, PERSON, { on: false, via: 'human' });
      await setBrake(unaware, PERSON, { on: true, via: 'client' });
    }
    expect(seen).toBeGreaterThan(atCopy);
    expect(await actionIn(unaware, ref)).toMatchObject({ status: 'approved' });
    expect(await actionIn(first, ref)).toMatchObject({ status: 'pending_approval', reason: RESTORED });
    expect(await first.store.audit()).toMatchObject({ faults: [] });
  });

  it('is not mistaken for another home in its place', async () => {
    const { url, first, replace, home } = await executedSince();
    await replace();
    await expect(first.read(() => undefined)).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining('another home'),
    });
    const next = aProcess(url, home);
    await pendingEmail(next);
    expect(await brakeIn(next)).toEqual({ on: false });
  });
});

describe('a database whose connections break while much is written', () => {
  it('is taken for an older state by nobody', async () => {
    const { url, breakConnections } = await aRestorable(server);
    const houses = [aProcess(url), aProcess(url)];
    for (const house of houses) await setBrake(house, PERSON, { on: false, via: 'human' });
    const writing = houses.map(async (house) => {
      for (let n = 0; n < 60; n++) await setBrake(house, PERSON, { on: n % 2 === 0, via: 'human' });
    });
    const looking = houses.map(async (house) => {
      for (let n = 0; n < 60; n++) await Promise.all([commitsIn(house), commitsIn(house), commitsIn(house)]);
    });
    const all = Promise.all([...writing, ...looking]).then(() => true);
    while (!(await Promise.race([all, wait(50)]))) await breakConnections();
    for (const house of houses) expect(await brakeIn(house)).not.toHaveProperty('restored');
  });
});

describe('a process that starts on a restored database', () => {
  it('knows of what a killed one began, though that had no time to say more', async () => {
    const { url, home, ref, restore } = await executedSince();
    await restore();
    const next = aProcess(url, home);
    await work(next);
    expect(await actionIn(next, ref)).toMatchObject({ status: 'pending_approval', reason: RESTORED });
  });

  it('does not hand over again what a person has decided on since, but does after the next restoring', async () => {
    const { url, first, ref, restore } = await executedSince();
    const away = aHome();
    const absent = aProcess(url, away);
    await absent.read(() => undefined);
    await closeHouse(absent);
    await restore();
    await first.read(() => undefined);
    await approve(first, ref);
    await setBrake(first, PERSON, { on: false, via: 'human' });
    await work(first);
    expect((await actionIn(first, ref))?.status).toBe('executed');
    const before = await commitsIn(first);
    const late = aProcess(url, away);
    await work(late);
    expect(await brakeIn(late)).toMatchObject({ on: false });
    expect(await commitsIn(late)).toBe(before);
    await closeHouse(late);
    await restore();
    const again = aProcess(url, away);
    await work(again);
    expect(await actionIn(again, ref)).toMatchObject({ status: 'pending_approval', reason: RESTORED });
  });

  it('notices it under another name, and has the database of before as it was', async () => {
    const { url, home, ref, restore } = await executedSince();
    const elsewhere = await restore('elsewhere');
    const there = aProcess(elsewhere, home);
    expect(await actionIn(there, ref)).toMatchObject({ status: 'pending_approval', reason: RESTORED });
    expect(await brakeIn(there)).toMatchObject({ on: true });
    const here = aProcess(url, home);
    expect(await actionIn(here, ref)).toMatchObject({ status: 'executed' });
    expect(await brakeIn(here)).toEqual({ on: false });
  });

  it('learns nothing from a file in the folder that holds anything else', async () => {
    const { url } = await aRestorable(server);
    const home = aHome();
    const folder = path.join(home, 'seen');
    fs.mkdirSync(folder, { recursive: true });
    const broken = ['', '{', '{}', 'null', '[]', '{"n":7}', '{"first":1,"n":"x","sha":null,"restored":{}}'];
    for (const [n, text] of broken.entries()) fs.writeFileSync(path.join(folder, `${'a'.repeat(20)}-${n}.json`), text);
    const house = aProcess(url, home);
    await pendingEmail(house);
    expect(await brakeIn(house)).toEqual({ on: false });
  });

  it('lets no agent act unasked until a person says so again', async () => {
    const database = await aRestorable(server);
    const home = aHome();
    const first = aProcess(database.url, home);
    await pendingEmail(first);
    const playbook = { playbook_md: 'Post something.' };
    const asked = { name: 'Unasked', playbook, capabilities: ['webhook'], approval: { require_approval: false } };
    const { agent } = await createAgent(first, PERSON, asked);
    await grant(first, String(agent.id));
    const isUnasked = (house: House) => house.read((view) => view.standing(String(agent.id))?.grant !== undefined);
    expect(await isUnasked(first)).toBe(true);
    const restore = await database.backUp();
    await setBrake(first, PERSON, { on: true, via: 'client' });
    await closeHouse(first);
    await restore();
    const next = aProcess(database.url, home);
    expect(await isUnasked(next)).toBe(false);
    const changes = await next.read((view) => view.changes());
    expect(changes).toMatchObject([{ agent_id: agent.id, what: [expect.stringContaining('without asking')] }]);
  });
});
