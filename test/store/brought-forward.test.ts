import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ALL } from '../../src/domain/state/queries.ts';
import { errorCode } from '../../src/files/durable.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import type { Store } from '../../src/store/store.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';
import { quietStore, snapshotsIn } from '../support/verified.ts';
import { saved, visited, write } from '../support/writes.ts';

let home: string;
beforeEach(() => {
  home = aHome();
});

const SMALL: Partial<Tuning> = { segmentBytes: 2_000 };
const FORWARD: Partial<Tuning> = { ...SMALL, farBytes: 0 };
const open = (tuning: Partial<Tuning> = {}) => quietStore(home, tuning);
const pageOf = (store: Store) => store.read((view) => view.find.contacts({ limit: 50, offset: 0 }));
const pages = (store: Store, id: string) => store.read((view) => view.activity(id).events.length);

/** Snapshots as the versions before had them: one of all contacts, and shards by number. */
function leaveOldSnapshots(): string[] {
  return ['contacts', 'activity/00', 'activity/01', 'activity/1', 'ledger/17'].map((name) => {
    const file = path.join(home, 'state', `${name}.json`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, '{"format": 6, "n": 3, "data": [\n["vera",{"events":[],"notes":[]}]\n],\n"crc": 1}\n');
    return file;
  });
}

async function erase(store: Store): Promise<void> {
  const stand_in = await store.read((view) => view.standIn('vera', 'erased_1'));
  await write(store, { type: 'contact_deleted', contact_id: 'vera', run_ids: [], stand_in });
  expect(await store.forget('test')).toBe(true);
}

describe('a home that is brought forward', () => {
  it('holds each event once, where its snapshots were far behind', async () => {
    const store = open(SMALL);
    await write(store, saved('ada'));
    await store.settle();
    for (let i = 0; i < 40; i++) await write(store, visited('ada', `${i}`.repeat(100)));
    const other = open(FORWARD);
    expect(await pages(other, 'ada')).toBe(40);
  });

  it('counts nobody away who was erased before', async () => {
    const store = open();
    await write(store, saved('ada'), saved('vera'));
    await erase(store);
    await store.close();
    fs.rmSync(path.join(home, 'state'), { recursive: true });
    const other = open(FORWARD);
    expect(await other.read((view) => view.find.contacts(ALL).total)).toBe(1);
    expect((await pageOf(other)).rows.map(({ id }) => id)).toEqual(['ada']);
  });

  it('is read again from the start where an erasure took what was read', async () => {
    const store = open(SMALL);
    await write(store, saved('ada'));
    for (let i = 0; i < 4; i++) await write(store, visited('ada', `${i}`.repeat(600_000)));
    const said: string[] = [];
    const deps = testDeps();
    const log = { ...deps.log, info: (_: object, message: string) => void said.push(message) };
    const other = aStore(home, { ...deps, log }, FORWARD);
    const seen = Promise.all([1, 2, 3].map(() => pages(other, 'ada')));
    const tmp = path.join(home, 'state', 'tmp');
    const isSaving = () => fs.existsSync(tmp) && fs.readdirSync(tmp).some((name) => name.endsWith('.tmp'));
    while (!isSaving()) await new Promise((resolve) => setImmediate(resolve));
    // As an erasure of another process does it.
    for (const name of fs.readdirSync(tmp)) fs.rmSync(path.join(tmp, name), { recursive: true });
    expect(await seen).toEqual([4, 4, 4]);
    expect(said.filter((message) => message.startsWith('the home is being'))).toHaveLength(2);
    expect(await pages(other, 'ada')).toBe(4);
    await other.close();
    expect(snapshotsIn(home)).toContain('activity/1.json');
    expect(fs.readdirSync(tmp)).toEqual([]);
  });

  it('is read again also where an erasure took what was read between two saves', async () => {
    const store = open(SMALL);
    for (let i = 0; i < 40; i++) await write(store, saved(`c${i}`, { text: 'x'.repeat(200) }));
    const said: string[] = [];
    const deps = testDeps();
    const log = { ...deps.log, info: (_: object, message: string) => void said.push(message) };
    const total = aStore(home, { ...deps, log }, FORWARD).read((view) => view.find.contacts(ALL).total);
    const tmp = path.join(home, 'state', 'tmp');
    while (!fs.existsSync(tmp)) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    for (const name of fs.readdirSync(tmp)) fs.rmSync(path.join(tmp, name), { recursive: true });
    expect(await total).toBe(40);
    expect(said.filter((message) => message.startsWith('the home is being'))).toHaveLength(2);
  });

  it('leaves nothing behind of what was read, where the log turns out to be damaged', async () => {
    const store = open(SMALL);
    for (let i = 0; i < 40; i++) await write(store, saved(`c${i}`, { text: 'x'.repeat(200) }));
    const log = path.join(home, 'log');
    const middle = path.join(log, fs.readdirSync(log).sort()[3] ?? '');
    fs.writeFileSync(middle, fs.readFileSync(middle, 'utf8').replace('xxx', 'xyx'));
    await expect(pages(open(FORWARD), 'c1')).rejects.toThrow('damaged');
    expect(fs.readdirSync(path.join(home, 'state', 'tmp'))).toEqual([]);
  });

  it('keeps no snapshots that an earlier version made of contacts', async () => {
    const store = open(SMALL);
    for (let i = 0; i < 10; i++) await write(store, saved(`c${i}`), visited(`c${i}`, 'x'.repeat(500)));
    const old = leaveOldSnapshots();
    await pages(open(FORWARD), 'c1');
    expect(old.filter((file) => fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes('"vera"'))).toEqual([]);
  });
});

describe('an erasure', () => {
  it('takes away the snapshots that an earlier version made of contacts', async () => {
    const store = open();
    await write(store, saved('ada'), saved('vera'), visited('ada', 'hello'), visited('vera', 'hello'));
    await store.settle();
    const old = leaveOldSnapshots();
    await erase(store);
    const files = fs.readdirSync(home, { recursive: true, encoding: 'utf8' }).map((name) => path.join(home, name));
    const naming = files.filter(
      (file) => fs.statSync(file).isFile() && fs.readFileSync(file, 'utf8').includes('"vera"'),
    );
    expect(naming).toEqual([]);
    expect(old.length).toBe(5);
    await store.close();
    expect((await pageOf(open())).rows.map(({ id }) => id)).toEqual(['ada']);
  });
});

describe('an erasure while another process brings the home forward', () => {
  afterEach(() => vi.restoreAllMocks());

  it('takes its folder away at once, so that nothing is written there while it is emptied', async () => {
    const store = open();
    await write(store, saved('ada'), saved('vera'));
    await store.settle();
    const folder = path.join(home, 'state', 'tmp', 'of-another-process');
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'begun.json'), 'vera');
    const lateWrites: unknown[] = [];
    const remove = fs.rmSync;
    vi.spyOn(fs, 'rmSync').mockImplementation((file, options) => {
      if (options?.recursive)
        try {
          fs.writeFileSync(path.join(folder, 'late.json'), 'vera');
          lateWrites.push('written');
        } catch (error) {
          lateWrites.push(errorCode(error));
        }
      remove(file, options);
    });
    await erase(store);
    expect(lateWrites).toEqual(['ENOENT']);
    expect(fs.readdirSync(path.join(home, 'state', 'tmp'))).toEqual([]);
  });
});
