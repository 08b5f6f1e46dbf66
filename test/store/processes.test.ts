import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Store } from '../../src/store/store.ts';
import { compiled } from '../support/compiled.ts';
import { aHome } from '../support/fixtures.ts';
import { aStore, contactsIn, ONCE } from '../support/store.ts';
import { quietStore } from '../support/verified.ts';
import { ids, saved, write } from '../support/writes.ts';

let home: string;
beforeEach(() => {
  home = aHome();
});

/** Starts a process that writes. `ended` gives the ids that it had acknowledged. */
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
    const reader = quietStore(home);
    const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(name, 150));
    const acknowledged = (await Promise.all(writers.map((writer) => writer.ended))).flat();
    expect(acknowledged).toHaveLength(600);
    expect((await ids(reader)).sort()).toEqual(acknowledged.sort());
    expect((await ids(quietStore(home))).sort()).toEqual(acknowledged);
    expect(await reader.check()).toMatchObject({ commits: 600, faults: [] });
  });

  it('keeps all that was acknowledged by writers that are killed, and goes on at once', async () => {
    const survivor = quietStore(home);
    const acknowledged: string[] = [];
    for (let round = 0; round < 6; round++) {
      const writers = [startWriter(`k${round}`, 5000), startWriter(`l${round}`, 5000)];
      for (const { child } of writers) await new Promise((resolve) => child.stdout?.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 20 + round * 15));
      for (const { child } of writers) child.kill('SIGKILL');
      acknowledged.push(...(await Promise.all(writers.map((writer) => writer.ended))).flat());
      await write(survivor, saved(`s${round}`));
    }
    const there = new Set(await ids(quietStore(home)));
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    expect(there.has('s5')).toBe(true);
    expect((await survivor.check()).faults).toEqual([]);
  });

  it('keeps all that was acknowledged when writers are killed while segments are sealed', async () => {
    const survivor = quietStore(home);
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      const writers = [startWriter(`m${round}`, 5000, 150_000), startWriter(`n${round}`, 5000, 150_000)];
      for (const { child } of writers) await new Promise((resolve) => child.stdout?.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 60 + round * 17));
      for (const { child } of writers) child.kill('SIGKILL');
      acknowledged.push(...(await Promise.all(writers.map((writer) => writer.ended))).flat());
      await write(survivor, saved(`t${round}`));
    }
    const there = new Set(await ids(quietStore(home)));
    expect(fs.readdirSync(path.join(home, 'log')).length).toBeGreaterThan(4);
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    expect((await survivor.check()).faults).toEqual([]);
  });

  it("reads another store's write at the next call, and decides again over it", async () => {
    const [one, two] = [quietStore(home), quietStore(home, ONCE)];
    await write(one, saved('first'));
    expect(await ids(two)).toEqual(['first']);
    const seen: number[] = [];
    await two.commit('test', (view) => {
      seen.push(contactsIn(view).length);
      return { events: [], value: undefined };
    });
    await write(two, saved('second'));
    expect(await ids(one)).toEqual(['first', 'second']);
    expect(seen).toEqual([1]);
  });
});

describe('races', () => {
  it('has one winner even when two processes write the same in the same instant', async () => {
    const now = () => new Date('2026-03-01T00:00:00.000Z');
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const [one, two] = [1, 2].map(() => aStore(home, { now, newId: createIds(() => new Date()), log }, ONCE));
    if (!one || !two) throw new Error('two stores are needed');
    await write(one, saved('before'));
    await ids(two);
    const seen: boolean[] = [];
    const save = (store: Store, meanwhile: () => void) =>
      store.commit('same', (view) => {
        seen.push(view.contact('x') !== undefined);
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
    expect(await one.check()).toMatchObject({ commits: 3, faults: [] });
  });

  it('never counts a refused commit later, even one that lacked only its line feed', async () => {
    const store = quietStore(home);
    for (const id of ['a', 'b']) await write(store, saved(id));
    await store.close();
    const segment = path.join(home, 'log', '000000000001.jsonl');
    fs.truncateSync(segment, fs.statSync(segment).size - 1);
    const again = quietStore(home);
    expect(await ids(again)).toEqual(['a']);
    await write(again, saved('c'));
    expect(await ids(quietStore(home))).toEqual(['a', 'c']);
    expect((await again.check()).faults).toEqual([]);
  });
});
