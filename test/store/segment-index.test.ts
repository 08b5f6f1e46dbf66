import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { rowsBegin } from '../../src/store/json/index/segment-index.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import { readSnapshot, writeSnapshot } from '../../src/store/json/snapshots/snapshot.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact, aHome } from '../support/fixtures.ts';
import { aFullDisk } from '../support/full-disk.ts';
import { commitsIn, foldedAt, indexesIn } from '../support/past.ts';
import { quietStore } from '../support/verified.ts';
import { AT, saved, visited, write } from '../support/writes.ts';

let home: string;
beforeEach(() => {
  home = aHome();
});

const open = (tuning: Partial<Tuning> = {}) => quietStore(home, tuning);
const log = () => path.join(home, 'log');
const segments = () => fs.readdirSync(log()).sort();
const texts = () => indexesIn(home).map((file) => fs.readFileSync(file, 'utf8'));
const sizeOf = (files: string[]) => files.reduce((sum, file) => sum + fs.statSync(file).size, 0);
const ask = (store: Store, commit: number, ...ids: string[]) =>
  store.asOf(ids.map((contact_id) => ({ commit, contact_id })));

/** A home of many segments, closed, and what it tells of some contacts in the middle of its time. */
async function manySegments() {
  const store = open({ segmentBytes: 3_000 });
  for (let i = 0; i < 30; i++)
    await write(store, saved(`c${i % 7}`, { text: 'x'.repeat(i * 50) }), visited('c1', `${i}`));
  const ids = Array.from({ length: 7 }, (_, i) => `c${i}`);
  const told = await ask(store, 20, ...ids);
  await store.close();
  return { ids, told };
}

/** Like an import: many rows and events in few commits. */
function imported(from: number, count: number): Event[] {
  const ids = Array.from({ length: count }, (_, i) => `c${from + i}`);
  const contacts = ids.map((id) => aContact({ id, email: `${id}@example.com`, firstname: 'Ann', lastname: 'Bakker' }));
  const events = ids.map((contact_id) => ({
    ...{ contact_id, type: 'track', name: 'Signed Up', properties: { plan: 'pro' }, timestamp: AT },
  }));
  return [
    { type: 'contacts_saved', contacts },
    { type: 'events_recorded', events },
  ];
}

/** Writes an index as an earlier version of the product might have: whole, of this segment, and without any mention. */
async function relaid(file: string): Promise<void> {
  const { n, data } = readSnapshot<object>(file) ?? { n: 0, data: {} };
  await writeSnapshot(file, path.join(home, 'state', 'tmp'), { n, data: { ...data, layout: 0, rows: [] } });
}

/** The bytes that were read of the log since. */
function readOfLog(): () => number {
  const real = { openSync: fs.openSync, readSync: fs.readSync, readFileSync: fs.readFileSync };
  const handles = new Set<unknown>();
  let bytes = 0;
  onTestFinished(() => {
    Object.assign(fs, real);
  });
  const counting = (name: 'readSync' | 'readFileSync') => {
    Reflect.set(fs, name, (...args: unknown[]) => {
      const read: unknown = Reflect.apply(real[name], fs, args);
      if (handles.has(args[0])) bytes += Buffer.isBuffer(read) ? read.length : Number(read);
      return read;
    });
  };
  Reflect.set(fs, 'openSync', (...args: unknown[]) => {
    const handle: unknown = Reflect.apply(real.openSync, fs, args);
    if (String(args[0]).startsWith(log())) handles.add(handle);
    else handles.delete(handle);
    return handle;
  });
  counting('readSync');
  counting('readFileSync');
  return () => bytes;
}

describe('the index beside a sealed segment', () => {
  it('comes with the first question, one for each sealed segment, and is used by the next', async () => {
    const { ids, told } = await manySegments();
    expect(told).toEqual(foldedAt(commitsIn(home).slice(0, 20), ids));
    expect(indexesIn(home)).toHaveLength(segments().length - 1);
    const store = open();
    await store.read((view) => view.commits());
    const [before, read] = [texts(), readOfLog()];
    expect(await ask(store, 20, 'c1', 'c2')).toEqual(told.slice(1, 3));
    expect(read()).toBeGreaterThan(0);
    expect(read()).toBeLessThan(sizeOf(segments().map((name) => path.join(log(), name))) / 2);
    expect(texts()).toEqual(before);
  });

  it('leaves all but the contacts of a large home unread, and is small', async () => {
    const store = open();
    for (let from = 0; from < 20_000; from += 5_000) await write(store, ...imported(from, 5_000));
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await ask(store, 1, 'c1');
    isOver = true;
    // Other calls of the process got their turn while the indexes were made, for each thousand parts once.
    expect(turns).toBeGreaterThan(40);
    const size = sizeOf(segments().map((name) => path.join(log(), name)));
    expect(sizeOf(indexesIn(home))).toBeLessThan(size * 0.15);
    const read = readOfLog();
    const told = await ask(store, 8, ...Array.from({ length: 100 }, (_, i) => `c${i * 200}`));
    expect(told.map((was) => was?.activity.events.length)).toEqual(Array.from({ length: 100 }, () => 1));
    expect(read()).toBeLessThan(size * 0.02);
    await store.close();
  });

  it.each(['missing', 'emptied', 'torn', 'edited', 'of another segment', 'of another format', 'of an earlier layout'])(
    'that is %s is made again',
    async (way) => {
      const { ids, told } = await manySegments();
      const [before, files] = [texts(), indexesIn(home)];
      for (const [at, file] of files.entries()) {
        const text = before[at] ?? '';
        if (way === 'missing') fs.rmSync(file);
        else if (way === 'emptied') fs.truncateSync(file);
        else if (way === 'torn') fs.truncateSync(file, text.length >> 1);
        else if (way === 'edited')
          fs.writeFileSync(
            file,
            text.replace(/\w(?=\.\w+")/, (digit) => (digit === '7' ? '8' : '7')),
          );
        else if (way === 'of an earlier layout') await relaid(file);
        else if (way === 'of another format') fs.writeFileSync(file, text.replace(/"format": \d+/, '"format": 1'));
        else fs.writeFileSync(file, before[at === 0 ? 1 : at - 1] ?? '');
        expect(fs.existsSync(file) && fs.readFileSync(file, 'utf8')).not.toBe(text);
      }
      expect(await ask(open(), 20, ...ids)).toEqual(told);
      expect(texts()).toEqual(before);
    },
  );

  it('tells contacts apart whose ids have the same hash', async () => {
    const seen = new Map<string, string>();
    let pair: [string, string] | undefined;
    for (let i = 0; !pair; i++) {
      const other = seen.get(rowsBegin(`c${i}`));
      if (other) pair = [other, `c${i}`];
      seen.set(rowsBegin(`c${i}`), `c${i}`);
    }
    const [one, other] = pair;
    const store = open({ segmentBytes: 1 });
    const noted = (contact_id: string): Event => {
      const note = { contact_id, body: 'called', agent_id: 'ag', run_id: 'run', action_index: 0, at: AT };
      return { type: 'note_added', note };
    };
    await write(store, saved(one), visited(one, 'one'), noted(one));
    await write(store, visited(other, 'other'), saved(other));
    await write(store, { type: 'contacts_saved', contacts: [], aliases: [[other, one]] }, noted(other));
    const ids = [one, other];
    for (const commit of [1, 3, 5])
      expect(await ask(store, commit, ...ids)).toEqual(foldedAt(commitsIn(home).slice(0, commit), ids));
    await write(store, { type: 'contact_deleted', contact_id: other, run_ids: [] });
    expect((await ask(store, 5, ...ids)).map((was) => was?.contact.id)).toEqual([one, one]);
    await store.close();
  });

  it('is done without on a full disk', async () => {
    const { ids, told } = await manySegments();
    fs.rmSync(path.join(home, 'state', 'index'), { recursive: true });
    const store = open();
    await store.read((view) => view.commits());
    const disk = aFullDisk('ENOSPC');
    expect(await ask(store, 20, ...ids)).toEqual(told);
    disk.end();
    expect(indexesIn(home)).toEqual([]);
    expect(await ask(store, 20, ...ids)).toEqual(told);
    expect(indexesIn(home).length).toBeGreaterThan(5);
    await store.close();
  });

  it.each(['edited', 'cut', 'missing'])(
    'is no help where a segment is %s: that is told, and nothing changed',
    async (way) => {
      await manySegments();
      const file = path.join(log(), segments()[2] ?? '');
      const bytes = fs.readFileSync(file);
      if (way === 'missing') fs.rmSync(file);
      else if (way === 'cut') fs.truncateSync(file, bytes.lastIndexOf(10, bytes.length - 2) + 1);
      else {
        fs.writeFileSync(file, bytes.toString().replace('"c1"', '"d1"'));
        fs.rmSync(path.join(home, 'state', 'index'), { recursive: true });
      }
      const left = segments().map((name) => fs.readFileSync(path.join(log(), name)));
      await expect(ask(open(), 20, 'c1')).rejects.toMatchObject({
        code: 'STORE_ERROR',
        message: expect.stringContaining('The log is damaged'),
      });
      expect(segments().map((name) => fs.readFileSync(path.join(log(), name)))).toEqual(left);
    },
  );

  it('is refused where a link stands in the place of its folder', async () => {
    const { ids } = await manySegments();
    const folder = path.join(home, 'state', 'index');
    fs.renameSync(folder, `${folder}.elsewhere`);
    fs.symlinkSync(`${folder}.elsewhere`, folder);
    await expect(ask(open(), 20, ...ids)).rejects.toMatchObject({ code: 'STORE_ERROR' });
  });
});
