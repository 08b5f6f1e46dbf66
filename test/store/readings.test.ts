import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import type { Store } from '../../src/store/store.ts';
import { aHome, anAgent } from '../support/fixtures.ts';
import { agentsIn, ONCE } from '../support/store.ts';
import { CLEAN, quietStore, snapshotsIn, verdictOn } from '../support/verified.ts';
import { ids, saved, visited, write } from '../support/writes.ts';

let home: string;
beforeEach(() => {
  home = aHome();
});

const open = (tuning: Partial<Tuning> = {}) => quietStore(home, tuning);
const inState = (...names: string[]) => path.join(home, 'state', ...names);

describe('a reading', () => {
  it('that is repeated over newer commits sees them in documents that it had not asked for before', async () => {
    const store = open();
    await write(store, saved('a'), visited('a', '1'), visited('b', '1'));
    fs.rmSync(inState(), { recursive: true, force: true });
    const [one, two] = [open(ONCE), open()];
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
    for (const name of snapshotsIn(home))
      if (!/^(touched|agents|desk)\.json$/.test(name)) fs.writeFileSync(inState(name), '?');
    const opened: string[] = [];
    const real = fs.openSync;
    fs.openSync = (file, ...rest) => {
      opened.push(path.relative(home, String(file)));
      return real(file, ...rest);
    };
    try {
      await open().read((view) => [agentsIn(view), view.waiting()]);
    } finally {
      fs.openSync = real;
    }
    expect(opened.filter((file) => file.startsWith('state')).sort()).toEqual([
      'state/agents.json',
      'state/touched.json',
    ]);
  });

  it('drops documents from memory once they are not in use', async () => {
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

  it('with a large import at its end is read on from where the snapshots end, even where its end is damaged', async () => {
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
  it('belongs to the oldest contact that has it, whenever that contact got it', async () => {
    const store = open();
    const email = 'same@example.com';
    const born = (day: number) => ({ created_at: `2026-01-0${day}T00:00:00.000Z` });
    await write(store, saved('c', { ...born(3), email }), saved('a', born(1)), saved('b', { ...born(2), email }));
    const holder = (from: Store) => from.read((view) => view.contactAt(email)?.id);
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
