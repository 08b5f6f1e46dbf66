import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIds } from '../../src/domain/ids.ts';
import { createJsonStore } from '../../src/store/json/json-store.ts';
import type { Store } from '../../src/store/store.ts';
import { compiled } from '../support/compiled.ts';

let home: string;
let warnings: string[];
let open: Store[];

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-store-'));
  warnings = [];
  open = [];
});

afterEach(async () => {
  for (const store of open) await store.close();
  fs.rmSync(home, { recursive: true, force: true });
});

function openStore(): Store {
  const now = () => new Date();
  const quiet = () => undefined;
  const log = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (_fields: object, message: string) => warnings.push(message),
  };
  const store = createJsonStore(home, { now, newId: createIds(now), log });
  open.push(store);
  return store;
}

function saveContact(store: Store, id: string): Promise<void> {
  const at = '2026-01-01T00:00:00.000Z';
  const contact = { id, do_not_email: false, do_not_contact: false, created_at: at, updated_at: at };
  return store.commit('test', () => ({ events: [{ type: 'contacts_saved', contacts: [contact] }], value: undefined }));
}

function contactIds(store: Store): Promise<string[]> {
  return store.read((view) => [...view.contacts().byId.keys()]);
}

function segmentFile(): string {
  const log = path.join(home, 'log');
  return path.join(log, fs.readdirSync(log).sort().at(-1) ?? '');
}

/** Starts a writer; gives back how to learn what it had acknowledged when it ended. */
function startWriter(name: string, count: number, filler = 0): { child: ChildProcess; ended: Promise<string[]> } {
  const child = spawn(process.execPath, [compiled('store-worker'), home, name, String(count), String(filler)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<string[]>((resolve) => {
    child.on('close', () =>
      resolve(
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => `${name}-${line}`),
      ),
    );
  });
  return { child, ended };
}

describe('several processes on one home', () => {
  it('loses no write of four processes writing at once, and shows each to all', async () => {
    const reader = openStore();
    const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(name, 150));
    const acknowledged = (await Promise.all(writers.map((writer) => writer.ended))).flat();
    expect(acknowledged).toHaveLength(600);
    expect((await contactIds(reader)).sort()).toEqual(acknowledged.sort());
    expect((await contactIds(openStore())).sort()).toEqual(acknowledged);
    expect(reader.check()).toMatchObject({ commits: 600, faults: [] });
  });

  it('keeps all that was acknowledged by writers that are killed, and goes on at once', async () => {
    const survivor = openStore();
    const acknowledged: string[] = [];
    for (let round = 0; round < 6; round++) {
      const writers = [startWriter(`k${round}`, 5000), startWriter(`l${round}`, 5000)];
      for (const { child } of writers) await new Promise((resolve) => child.stdout?.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 20 + round * 15));
      for (const { child } of writers) child.kill('SIGKILL');
      acknowledged.push(...(await Promise.all(writers.map((writer) => writer.ended))).flat());
      await saveContact(survivor, `s${round}`);
    }
    const there = new Set(await contactIds(openStore()));
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    expect(there.has('s5')).toBe(true);
    expect(survivor.check().faults).toEqual([]);
  });

  it('keeps all of it when the kills fall among sealed segments and their successors', async () => {
    const survivor = openStore();
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      const writers = [startWriter(`m${round}`, 5000, 150_000), startWriter(`n${round}`, 5000, 150_000)];
      for (const { child } of writers) await new Promise((resolve) => child.stdout?.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 60 + round * 17));
      for (const { child } of writers) child.kill('SIGKILL');
      acknowledged.push(...(await Promise.all(writers.map((writer) => writer.ended))).flat());
      await saveContact(survivor, `t${round}`);
    }
    const there = new Set(await contactIds(openStore()));
    expect(fs.readdirSync(path.join(home, 'log')).length).toBeGreaterThan(4);
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    expect(survivor.check().faults).toEqual([]);
  });

  it("reads another store's write at the next call, and decides again over it", async () => {
    const [one, two] = [openStore(), openStore()];
    await saveContact(one, 'first');
    expect(await contactIds(two)).toEqual(['first']);
    const seen: number[] = [];
    await two.commit('test', (view) => {
      seen.push(view.contacts().byId.size);
      return { events: [], value: undefined };
    });
    await saveContact(two, 'second');
    expect(await contactIds(one)).toEqual(['first', 'second']);
    expect(seen).toEqual([1]);
  });
});

describe('races', () => {
  it('has one winner even when two processes write the same in the same instant', async () => {
    const now = () => new Date('2026-03-01T00:00:00.000Z');
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const [one, two] = [1, 2].map(() => createJsonStore(home, { now, newId: createIds(() => new Date()), log }));
    if (!one || !two) throw new Error('two stores are needed');
    open.push(one, two);
    await saveContact(one, 'before');
    await contactIds(two);
    const seen: boolean[] = [];
    const save = (store: Store, meanwhile: () => void) =>
      store.commit('same', (view) => {
        seen.push(view.contacts().byId.has('x'));
        const at = '2026-01-01T00:00:00.000Z';
        const contact = { id: 'x', do_not_email: false, do_not_contact: false, created_at: at, updated_at: at };
        if (seen.length === 1) meanwhile();
        return { events: [{ type: 'contacts_saved', contacts: [contact] }], value: undefined };
      });
    let other: Promise<void> | undefined;
    await save(one, () => {
      other = save(two, () => undefined);
    });
    await other;
    expect(seen).toEqual([false, false, true]);
    expect(one.check()).toMatchObject({ commits: 3, faults: [] });
  });

  it('never brings a refused commit to life that lacked only its line feed', async () => {
    const store = openStore();
    for (const id of ['a', 'b']) await saveContact(store, id);
    await store.close();
    fs.truncateSync(segmentFile(), fs.statSync(segmentFile()).size - 1);
    const again = openStore();
    expect(await contactIds(again)).toEqual(['a']);
    await saveContact(again, 'c');
    expect(await contactIds(openStore())).toEqual(['a', 'c']);
    expect(again.check().faults).toEqual([]);
  });
});

describe('a damaged home', () => {
  it('sets a newest commit that was cut short aside, says so, keeps its bytes, and opens the rest', async () => {
    const store = openStore();
    for (const id of ['a', 'b', 'c']) await saveContact(store, id);
    await store.close();
    const file = segmentFile();
    fs.truncateSync(file, fs.statSync(file).size - 9);

    const again = openStore();
    expect(await contactIds(again)).toEqual(['a', 'b']);
    expect(warnings.join()).toContain('commit 3');
    const [kept = ''] = fs.readdirSync(path.join(home, 'set-aside'));
    expect(fs.readFileSync(path.join(home, 'set-aside', kept), 'utf8')).toContain('"id":"c"');
    await saveContact(again, 'd');
    await again.close();
    expect(await contactIds(openStore())).toEqual(['a', 'b', 'd']);
  });

  it('refuses a damaged older commit, naming its file, and leaves every byte as it was', async () => {
    const store = openStore();
    for (const id of ['a', 'b', 'c']) await saveContact(store, id);
    await store.close();
    const file = segmentFile();
    const damaged = fs.readFileSync(file, 'utf8').replace('"id":"b"', '"id":"x"');
    fs.writeFileSync(file, damaged);

    const again = openStore();
    await expect(contactIds(again)).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining(file),
    });
    await expect(saveContact(again, 'd')).rejects.toMatchObject({ code: 'STORE_ERROR' });
    expect(fs.readFileSync(file, 'utf8')).toBe(damaged);
    expect(again.check().faults.join()).toContain(file);
  });

  it('makes torn and missing snapshots again from the log', async () => {
    const store = openStore();
    for (const id of ['a', 'b']) await saveContact(store, id);
    await store.close();
    const snapshot = path.join(home, 'state', 'contacts.json');
    fs.writeFileSync(snapshot, fs.readFileSync(snapshot, 'utf8').slice(0, 40));
    fs.rmSync(path.join(home, 'state', 'touched.json'));
    expect(await contactIds(openStore())).toEqual(['a', 'b']);
  });

  it('refuses an emptied log rather than opening an empty store', async () => {
    const store = openStore();
    await saveContact(store, 'a');
    await store.close();
    fs.rmSync(segmentFile());
    await expect(contactIds(openStore())).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining('missing'),
    });
  });

  it('refuses a home of a newer version untouched', async () => {
    fs.writeFileSync(path.join(home, 'home.json'), '{"format": 2}');
    await expect(saveContact(openStore(), 'a')).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining('newer'),
    });
    expect(fs.readdirSync(home)).toEqual(['home.json']);
  });
});

describe('a large home', () => {
  it('spreads over sealed segments and reads the same from snapshots and from the log alone', async () => {
    const store = openStore();
    const filler = 'x'.repeat(200_000);
    for (let i = 0; i < 25; i++) {
      await store.commit('test', () => ({
        events: [
          {
            type: 'events_recorded',
            events: [
              {
                contact_id: `c${i % 3}`,
                type: 'page',
                properties: { filler, i },
                timestamp: new Date(i).toISOString(),
              },
            ],
          },
        ],
        value: undefined,
      }));
    }
    const events = (from: Store) =>
      from.read((view) => ['c0', 'c1', 'c2'].map((id) => view.activity(id).events.map((event) => event.properties.i)));
    const expected = await events(store);
    await store.close();
    expect(fs.readdirSync(path.join(home, 'log')).length).toBeGreaterThan(3);
    expect(await events(openStore())).toEqual(expected);
    fs.rmSync(path.join(home, 'state'), { recursive: true });
    expect(await events(openStore())).toEqual(expected);
  });

  it('keeps its folders and files from other users', async () => {
    await saveContact(openStore(), 'a');
    expect(fs.statSync(path.join(home, 'log')).mode & 0o777).toBe(0o700);
    expect(fs.statSync(segmentFile()).mode & 0o777).toBe(0o600);
  });
});
