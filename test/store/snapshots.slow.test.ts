import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { chained } from '../../src/domain/decisions/decision.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import { aHome, anAgent } from '../support/fixtures.ts';
import { startLife } from '../support/lives.ts';
import { CLEAN, quietStore, snapshotsIn, verdictOn } from '../support/verified.ts';
import { AT, ids, saved, visited, write } from '../support/writes.ts';

let home: string;
beforeEach(() => {
  home = aHome();
});

const open = (tuning: Partial<Tuning> = {}) => quietStore(home, tuning);
const inState = (...names: string[]) => path.join(home, 'state', ...names);

function damaged(bytes: Buffer, way: string): Buffer {
  if (way === 'emptied') return Buffer.alloc(0);
  if (way === 'torn') return bytes.subarray(0, bytes.length >> 1);
  if (way === 'zeroed') return Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length >> 1)]);
  // Changes one letter near the end, so that the text is still JSON.
  const edited = Buffer.from(bytes);
  const at = edited.findLastIndex((byte, index) => index < bytes.length - 30 && byte >= 97 && byte < 122);
  edited[at] = (edited[at] ?? 0) + 1;
  return edited;
}

describe('a snapshot', () => {
  it.each(['missing', 'emptied', 'torn', 'zeroed', 'edited'])('that is %s is made again from the log', async (way) => {
    const life = startLife({ home, name: 'life', seed: 7, count: 60, tuning: { segmentBytes: 8_000 } });
    const { acknowledged } = await life.ended;
    const names = snapshotsIn(home);
    expect(names.length).toBeGreaterThan(30);
    for (const name of names) {
      const bytes = fs.readFileSync(inState(name));
      if (way === 'missing') fs.rmSync(inState(name));
      else fs.writeFileSync(inState(name), damaged(bytes, way));
    }
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
  });

  it('that is the only damaged one is made again too', async () => {
    const { acknowledged } = await startLife({ home, name: 'life', seed: 8, count: 60 }).ended;
    const some = ['ids/', 'addresses/'].flatMap(
      (family) => snapshotsIn(home).find((name) => name.startsWith(family)) ?? [],
    );
    for (const name of ['touched.json', 'contacts.json', 'contacts/1.json', ...some, 'members/runs.json']) {
      fs.writeFileSync(inState(name), damaged(fs.readFileSync(inState(name)), 'torn'));
      expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
    }
  });

  it('of contacts that a long write has left behind is written at once, and of those that find them later', async () => {
    const store = open({ segmentBytes: 4_000, muchBytes: 1_000, memoryBytes: 0, saveAfterMs: 1_000_000 });
    const text = 'x'.repeat(1_000);
    for (let n = 0; n < 40; n++) await write(store, saved(`c${n}`, { text }), visited(`c${n}`, text));
    const names = snapshotsIn(home);
    for (const family of ['contacts/', 'activity/'])
      expect(names.filter((name) => name.startsWith(family)).length).toBeGreaterThan(5);
    expect(names.filter((name) => /^(ids|addresses)\//.test(name))).toEqual([]);
    await write(store, visited('c1', 'late'));
    expect(await store.read((view) => view.activity('c1').events.map(({ properties }) => properties.text))).toEqual([
      text,
      'late',
    ]);
    await store.close();
    const again = open();
    expect(await ids(again)).toHaveLength(40);
    expect(await again.read((view) => view.activity('c1').events)).toHaveLength(2);
  });

  it('of a large document follows only when the log has grown by as much, a small one at once', async () => {
    const store = open();
    await write(store, ...Array.from({ length: 100 }, (_, i) => saved(`c${i}`, { text: 'x'.repeat(1_000) })));
    await store.close();
    const before = fs.statSync(inState('contacts', '1.json'));
    await write(store, saved('late'));
    await store.close();
    expect(fs.statSync(inState('contacts', '1.json')).mtimeMs).toBe(before.mtimeMs);
    expect(await ids(open())).toContain('late');
    await write(store, visited('c1', 'y'.repeat(200_000)), saved('later'));
    await store.close();
    expect(fs.statSync(inState('contacts', '1.json')).mtimeMs).toBeGreaterThan(before.mtimeMs);
  });

  it('that is written while changes go on holds those up to its commit, and no other', async () => {
    const store = open({ saveAfterMs: 1, smallBytes: 1 << 30 });
    const decide = () =>
      store.commit('test', (view) => {
        const draft = { at: AT, decision: 'approved' as const, by: 'x'.repeat(1_000), via: 'client' as const };
        const entry = chained({ ...draft, agent_id: 'a', agent_name: 'A', agent_version: 1 }, view.decisionHead());
        return { events: [{ type: 'decisions_recorded', entries: [entry] }], value: undefined };
      });
    const asOfNow: string[] = [];
    for (let i = 1; i <= 400; i++) {
      await decide();
      await new Promise((resolve) => setImmediate(resolve));
      if (i % 40 === 0) fs.cpSync(home, asOfNow[asOfNow.push(`${aHome()}/home`) - 1] ?? '', { recursive: true });
    }
    await store.close();
    for (const copy of asOfNow) expect(await verdictOn(copy, [])).toMatchObject(CLEAN);
  });

  it('far behind is written by a process that only reads; nothing else is', async () => {
    const store = open({ saveAfterMs: 1_000_000 });
    for (let i = 0; i < 5; i++) await write(store, saved(`c${i}`, { text: 'x'.repeat(100_000) }));
    const reader = open();
    expect(await ids(reader)).toHaveLength(5);
    await reader.close();
    expect(snapshotsIn(home).filter((name) => !name.startsWith('ids/'))).toEqual(['contacts/1.json', 'touched.json']);
    const times = snapshotsIn(home).map((name) => fs.statSync(inState(name)).mtimeMs);
    const again = open();
    await ids(again);
    await again.close();
    expect(snapshotsIn(home).map((name) => fs.statSync(inState(name)).mtimeMs)).toEqual(times);
  });

  it('of a deleted agent is removed, and says nothing of a later agent with the same id', async () => {
    const store = open();
    await write(store, { type: 'agent_saved', agent: anAgent({ id: 'ag_1', name: 'First' }) });
    await store.close();
    const orphan = fs.readFileSync(inState('agents', 'ag_1.json'));
    await write(store, { type: 'agent_deleted', agent_id: 'ag_1', run_ids: [] });
    await store.close();
    expect(fs.existsSync(inState('agents', 'ag_1.json'))).toBe(false);
    fs.writeFileSync(inState('agents', 'ag_1.json'), orphan);
    expect(await open().read((view) => view.agentFile('ag_1').versions)).toEqual([]);
    await write(open(), { type: 'agent_saved', agent: anAgent({ id: 'ag_1', name: 'Second' }) });
    const names = await open().read((view) => view.agentFile('ag_1').versions.map(({ name }) => name));
    expect(names).toEqual(['Second']);
  });
});
