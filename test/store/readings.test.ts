import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import { writeLine } from '../../src/store/log/commit.ts';
import { aHome, anAgent } from '../support/fixtures.ts';
import { agentsIn } from '../support/store.ts';
import { CLEAN, quietStore, snapshotsIn, verdictOn } from '../support/verified.ts';
import { AT, ids, saved, visited, write } from '../support/writes.ts';

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
    const [one, two] = [open(), open()];
    let meanwhile: Promise<void> | undefined;
    const seen = await one.commit('test', (view) => {
      const isOvertaken = view.contact('late') !== undefined;
      const value = view.activity(isOvertaken ? 'b' : 'a').events.length;
      meanwhile ??= write(two, saved('late'), visited('b', '2'));
      return { events: [saved('c')], value };
    });
    await meanwhile;
    expect(seen).toBe(2);
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
    await expect.poll(isSaved).toBe(true);
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

  it('is the same one whatever a late writer left behind the seal where snapshots end', async () => {
    const store = open({ segmentBytes: 1 });
    await write(store, saved('a'));
    await store.close();
    const [sealed = ''] = fs.readdirSync(path.join(home, 'log'));
    const events = [saved('never acknowledged', { text: 'x'.repeat(200_000) })];
    const late = writeLine({ n: 2, prev: '', writer: 'late.1', at: AT, by: 'test', events });
    fs.appendFileSync(path.join(home, 'log', sealed), `${late.line}\n`);
    expect(await ids(open())).toEqual(['a']);
    await write(open(), saved('b'));
    expect(await ids(open())).toEqual(['a', 'b']);
    expect(await open().check()).toMatchObject({ faults: [] });
  });
});
