import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { chained } from '../../src/domain/decision.ts';
import type { Event } from '../../src/domain/events.ts';
import { createIds } from '../../src/domain/ids.ts';
import { createJsonStore } from '../../src/store/json/json-store.ts';
import type { Tuning } from '../../src/store/json/tuning.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact, aHome, anAgent } from '../support/fixtures.ts';
import { startLife } from '../support/lives.ts';
import { verdictOn } from '../support/verified.ts';

const CLEAN = { faults: [], lost: [], duplicates: [], differing: [], miscounted: [], misread: [], remembered: [] };
const AT = '2026-01-01T00:00:00.000Z';

let home: string;
beforeEach(() => {
  home = aHome();
});

function open(tuning: Partial<Tuning> = {}): Store {
  const now = () => new Date();
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  return createJsonStore(home, { now, newId: createIds(now), log }, tuning);
}

const write = (store: Store, ...events: Event[]) => store.commit('test', () => ({ events, value: undefined }));
const saved = (id: string, more: object = {}): Event => ({
  type: 'contacts_saved',
  contacts: [aContact({ id, email: `${id}@example.com`, ...more })],
});
const visited = (contact_id: string, text: string): Event => ({
  type: 'events_recorded',
  events: [{ contact_id, type: 'page', properties: { text }, timestamp: AT }],
});
const ids = (store: Store) => store.read((view) => [...view.contacts().byId.keys()]);
const inState = (...names: string[]) => path.join(home, 'state', ...names);

function snapshots(): string[] {
  const names = fs.readdirSync(inState(), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.json')).sort();
}

function damaged(bytes: Buffer, way: string): Buffer {
  if (way === 'emptied') return Buffer.alloc(0);
  if (way === 'torn') return bytes.subarray(0, bytes.length >> 1);
  if (way === 'zeroed') return Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length >> 1)]);
  // A digit, or a letter, in the middle of a text: it is still JSON.
  const edited = Buffer.from(bytes);
  const at = edited.findLastIndex((byte, index) => index < bytes.length - 30 && byte >= 97 && byte < 122);
  edited[at] = (edited[at] ?? 0) + 1;
  return edited;
}

describe('a snapshot', () => {
  it.each(['missing', 'emptied', 'torn', 'zeroed', 'edited'])('that is %s is made again from the log', async (way) => {
    const life = startLife({ home, name: 'life', seed: 7, count: 60, tuning: { segmentBytes: 8_000 } });
    const { acknowledged } = await life.ended;
    const names = snapshots();
    expect(names.length).toBeGreaterThan(30);
    for (const name of names) {
      const bytes = fs.readFileSync(inState(name));
      if (way === 'missing') fs.rmSync(inState(name));
      else fs.writeFileSync(inState(name), damaged(bytes, way));
    }
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
  });

  it('that is alone in being damaged is made again too', async () => {
    const { acknowledged } = await startLife({ home, name: 'life', seed: 8, count: 60 }).ended;
    for (const name of ['touched.json', 'contacts.json', 'members/runs.json']) {
      fs.writeFileSync(inState(name), damaged(fs.readFileSync(inState(name)), 'torn'));
      expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
    }
  });

  it('of a large document follows only when the log has grown by as much, a small one at once', async () => {
    const store = open();
    await write(store, ...Array.from({ length: 100 }, (_, i) => saved(`c${i}`, { text: 'x'.repeat(1_000) })));
    await store.close();
    const before = fs.statSync(inState('contacts.json'));
    await write(store, saved('late'));
    await store.close();
    expect(fs.statSync(inState('contacts.json')).mtimeMs).toBe(before.mtimeMs);
    expect(await ids(open())).toContain('late');
    await write(store, visited('c1', 'y'.repeat(200_000)), saved('later'));
    await store.close();
    expect(fs.statSync(inState('contacts.json')).mtimeMs).toBeGreaterThan(before.mtimeMs);
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
    expect(snapshots()).toEqual(['contacts.json', 'touched.json']);
    const times = snapshots().map((name) => fs.statSync(inState(name)).mtimeMs);
    const again = open();
    await ids(again);
    await again.close();
    expect(snapshots().map((name) => fs.statSync(inState(name)).mtimeMs)).toEqual(times);
  });

  it('of a deleted agent goes, and tells nothing of one that comes under its name', async () => {
    const store = open();
    await write(store, { type: 'agent_saved', agent: anAgent({ id: 'ag_1', name: 'First' }) });
    await store.close();
    const orphan = fs.readFileSync(inState('agents', 'ag_1.json'));
    await write(store, { type: 'agent_deleted', agent_id: 'ag_1', run_ids: [] });
    await store.close();
    expect(fs.existsSync(inState('agents', 'ag_1.json'))).toBe(false);
    fs.writeFileSync(inState('agents', 'ag_1.json'), orphan);
    expect(await open().read((view) => view.agent('ag_1').versions)).toEqual([]);
    await write(open(), { type: 'agent_saved', agent: anAgent({ id: 'ag_1', name: 'Second' }) });
    const names = await open().read((view) => view.agent('ag_1').versions.map(({ name }) => name));
    expect(names).toEqual(['Second']);
  });
});

describe('a reading', () => {
  it('that is repeated over newer commits sees them in documents that it had not asked for before', async () => {
    const store = open();
    await write(store, saved('a'), visited('a', '1'), visited('b', '1'));
    fs.rmSync(inState(), { recursive: true, force: true });
    const [one, two] = [open(), open()];
    const seen: number[] = [];
    let tries = 0;
    let meanwhile: Promise<void> | undefined;
    await one.commit('test', (view) => {
      tries += 1;
      seen.push(view.activity(tries === 1 ? 'a' : 'b').events.length);
      if (tries === 1) meanwhile = write(two, visited('b', '2'));
      return { events: [saved('c')], value: undefined };
    });
    await meanwhile;
    expect(seen).toEqual([1, 2]);
  });

  it('opens nothing but what it asks for', async () => {
    const store = open();
    await write(store, saved('a'), visited('a', '1'), { type: 'agent_saved', agent: anAgent() });
    await store.close();
    for (const name of snapshots())
      if (!/^(touched|agents|desk)\.json$/.test(name)) fs.writeFileSync(inState(name), '?');
    const opened: string[] = [];
    const real = fs.openSync;
    fs.openSync = (file, ...rest) => {
      opened.push(path.relative(home, String(file)));
      return real(file, ...rest);
    };
    try {
      await open().read((view) => [view.agents(), view.desk().waiting]);
    } finally {
      fs.openSync = real;
    }
    expect(opened.filter((file) => file.startsWith('state')).sort()).toEqual([
      'state/agents.json',
      'state/touched.json',
    ]);
  });

  it('brings memory back down once what it needed is not in use', async () => {
    const store = open({ saveAfterMs: 1, memoryBytes: 100_000 });
    for (let i = 0; i < 200; i++) await write(store, visited(`c${i}`, 'x'.repeat(3_000)));
    const isSaved = () => /"n": 200,/.test(fs.readFileSync(inState('touched.json'), 'utf8'));
    await expect.poll(isSaved, { timeout: 10_000 }).toBe(true);
    const opened: string[] = [];
    const real = fs.openSync;
    fs.openSync = (file, ...rest) => {
      opened.push(String(file));
      return real(file, ...rest);
    };
    try {
      await store.read((view) => Array.from({ length: 200 }, (_, i) => view.activity(`c${i}`).events.length));
    } finally {
      fs.openSync = real;
    }
    const read = opened.filter((file) => file.includes(inState('activity'))).length;
    expect(read).toBeGreaterThan(20);
    await store.close();
    expect(await verdictOn(home, [])).toMatchObject(CLEAN);
  });
});

describe('a log', () => {
  it('of another home is refused together with these snapshots, and nothing is changed', async () => {
    const store = open();
    for (const id of ['a', 'b']) await write(store, saved(id));
    await store.close();
    const mine = home;
    home = aHome();
    const other = open();
    for (const id of ['x', 'y', 'z']) await write(other, saved(id));
    await other.close();
    fs.cpSync(path.join(home, 'log'), path.join(mine, 'log'), { recursive: true });
    home = mine;
    await expect(ids(open())).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining('were not made from the log'),
    });
    fs.renameSync(inState(), `${inState()}-old`);
    expect(await ids(open())).toEqual(['x', 'y', 'z']);
  });

  it('with a large import at its end is opened where the snapshots left it, damage behind included', async () => {
    const store = open();
    await write(store, saved('first'));
    await write(store, ...Array.from({ length: 30 }, (_, i) => saved(`c${i}`, { text: 'x'.repeat(100_000) })));
    await write(store, saved('last'));
    await store.close();
    const after = open();
    await write(after, saved('after'));
    expect(await ids(open())).toHaveLength(33);
    const segments = fs.readdirSync(path.join(home, 'log')).sort();
    expect(segments).toHaveLength(2);
    const newest = path.join(home, 'log', segments.at(-1) ?? '');
    fs.truncateSync(newest, fs.statSync(newest).size - 5);
    expect(await ids(open())).toHaveLength(32);
  });
});

describe('an address', () => {
  it('is kept by the oldest contact that has it, however it came to it', async () => {
    const store = open();
    const email = 'same@example.com';
    const born = (day: number) => ({ created_at: `2026-01-0${day}T00:00:00.000Z` });
    await write(store, saved('c', { ...born(3), email }), saved('a', born(1)), saved('b', { ...born(2), email }));
    const holder = (from: Store) => from.read((view) => view.contacts().byEmail.get(email));
    expect(await holder(store)).toBe('b');
    await write(store, saved('a', { ...born(1), email: 'SAME@example.com' }));
    expect(await holder(store)).toBe('a');
    await write(store, { type: 'contact_deleted', contact_id: 'a', run_ids: [] });
    expect(await holder(store)).toBe('b');
    await store.close();
    expect(await holder(open())).toBe('b');
    await write(open(), saved('b', { ...born(2), email: 'other@example.com' }));
    expect(await holder(open())).toBe('c');
  });
});
