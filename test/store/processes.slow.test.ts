import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Store } from '../../src/store/store.ts';
import { compiled } from '../support/compiled.ts';
import { aHome } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';
import { quietStore } from '../support/verified.ts';
import { ids, saved, write } from '../support/writes.ts';

let home: string;
beforeEach(() => {
  home = aHome();
});

type Life = { count: number; filler?: number; killedAfter?: number };

/**
 * A process that writes so many contacts, or until it is killed: at whatever it does once so many of its writes were
 * acknowledged. Gives what it had acknowledged when it ended.
 */
function startWriter(name: string, { count, filler = 0, killedAfter = Number.POSITIVE_INFINITY }: Life) {
  const child = spawn(process.execPath, [compiled('store-worker'), home, name, String(count), String(filler)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let lines: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const pieces = (rest + chunk.toString()).split('\n');
    rest = pieces.pop() ?? '';
    lines = [...lines, ...pieces];
    if (lines.length >= killedAfter) child.kill('SIGKILL');
  });
  return new Promise<string[]>((resolve) => {
    child.on('close', () => resolve(lines.map((line) => `${name}-${line}`)));
  });
}

describe('several processes on one home', () => {
  it('loses no write of four processes writing at once, and shows each to all', async () => {
    const reader = quietStore(home);
    const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(name, { count: 150 }));
    const acknowledged = (await Promise.all(writers)).flat();
    expect(acknowledged).toHaveLength(600);
    expect((await ids(reader)).sort()).toEqual(acknowledged.sort());
    expect((await ids(quietStore(home))).sort()).toEqual(acknowledged);
    expect(await reader.check()).toMatchObject({ commits: 600, faults: [] });
  });

  it('keeps all that was acknowledged by writers that are killed, and goes on at once', async () => {
    const survivor = quietStore(home);
    const acknowledged: string[] = [];
    for (let round = 0; round < 6; round++) {
      const life = { count: 5_000, killedAfter: 3 + round * 4 };
      const writers = [startWriter(`k${round}`, life), startWriter(`l${round}`, life)];
      acknowledged.push(...(await Promise.all(writers)).flat());
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
      const life = { count: 5_000, filler: 150_000, killedAfter: 8 + round };
      const writers = [startWriter(`m${round}`, life), startWriter(`n${round}`, life)];
      acknowledged.push(...(await Promise.all(writers)).flat());
      await write(survivor, saved(`t${round}`));
    }
    const there = new Set(await ids(quietStore(home)));
    expect(fs.readdirSync(path.join(home, 'log')).length).toBeGreaterThan(4);
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    expect((await survivor.check()).faults).toEqual([]);
  });
});

describe('races', () => {
  it('has one winner even when two processes write the same in the same instant', async () => {
    const now = () => new Date('2026-03-01T00:00:00.000Z');
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const [one, two] = [1, 2].map(() => aStore(home, { now, newId: createIds(() => new Date()), log }));
    if (!one || !two) throw new Error('two stores are needed');
    await write(one, saved('before'));
    await ids(two);
    const save = (store: Store, meanwhile: () => void) =>
      store.commit('same', (view) => {
        const at = '2026-01-01T00:00:00.000Z';
        const contact = { id: 'x', do_not_email: false, do_not_contact: false, created_at: at, updated_at: at };
        meanwhile();
        return { events: [{ type: 'contacts_saved', contacts: [contact] }], value: view.contact('x') !== undefined };
      });
    let other: Promise<boolean> | undefined;
    const wasThere = await save(one, () => {
      other ??= save(two, () => undefined);
    });
    expect([await other, wasThere]).toEqual([false, true]);
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
