import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { compiled } from '../support/compiled.ts';
import { EACH_IN_TURN, reportDeaths, stepOf } from '../support/every.ts';
import { aHome } from '../support/fixtures.ts';
import { lapse } from '../support/lapse.ts';
import type { LifeOptions } from '../support/life-worker.ts';
import { startLife } from '../support/lives.ts';
import { commitsIn, foldedAt, indexesIn, indexesOf } from '../support/past.ts';
import { CLEAN, namesIn, quietStore, verdictOn } from '../support/verified.ts';
import { saved, visited, write } from '../support/writes.ts';

const SMALL = { segmentBytes: 3_000, saveAfterMs: 20 };
let home: string;
beforeEach(() => {
  home = aHome();
});

/** Every contact as of every tenth commit is what a fresh fold of the log gives. */
async function expectTold(): Promise<void> {
  const commits = commitsIn(home);
  const ids = [...new Set(commits.flat().flatMap(namesIn))];
  const store = quietStore(home);
  for (let n = 10; n <= commits.length; n += 10) {
    const told = await store.asOf(ids.map((contact_id) => ({ commit: n, contact_id })));
    expect([n, ...told]).toEqual([n, ...foldedAt(commits.slice(0, n), ids)]);
  }
  await store.close();
}

/** Has something happen right before a file is opened to be read for the first time. */
function beforeReading(isIt: (file: string) => boolean, happens: () => void): void {
  const real = fs.openSync;
  let isOver = false;
  onTestFinished(() => {
    fs.openSync = real;
  });
  fs.openSync = (file, ...rest) => {
    if (!isOver && isIt(String(file))) {
      isOver = true;
      happens();
    }
    return real(file, ...rest);
  };
}

/** The other process deletes the only contact, and erases it everywhere. */
function eraseElsewhere(): void {
  const options: LifeOptions = { home, name: 'other', seed: 1, count: 1, isErasing: true, tuning: SMALL };
  execFileSync(process.execPath, [compiled('life-worker'), JSON.stringify(options)], { stdio: 'ignore' });
}

describe('indexes', () => {
  it('do no harm, wherever the process that makes them is killed', EACH_IN_TURN, async () => {
    const before = await startLife({ home, name: 'before', seed: 3, count: 60, tuning: SMALL }).ended;
    const acknowledged = [...before.acknowledged];
    let deaths = 0;
    for (let at = 1; at < 60; at += stepOf(9)) {
      fs.rmSync(path.join(home, 'state', 'index'), { recursive: true, force: true });
      const fault = { at, what: at % 2 === 0 ? ('kill' as const) : ('half' as const), within: '/state/' };
      const end = await startLife({ home, name: `dies${at}`, seed: at, count: 2, isAsking: true, fault, tuning: SMALL })
        .ended;
      acknowledged.push(...end.acknowledged);
      if (end.isKilled) deaths += 1;
      await lapse(home);
    }
    reportDeaths(deaths);
    expect(deaths).toBeGreaterThan(4);
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
    await expectTold();
  });

  it('and erasures by several processes at once leave nothing of who is gone', async () => {
    await startLife({ home, name: 'before', seed: 5, count: 80, tuning: SMALL }).ended;
    const people = [...new Set(commitsIn(home).flat().flatMap(namesIn))].filter((id) => id.startsWith('ct_'));
    const ends = await Promise.all([
      ...[1, 2].map(
        (seed) => startLife({ home, name: `asks${seed}`, seed, count: 20, isAsking: true, tuning: SMALL }).ended,
      ),
      ...[3, 4].map(
        (seed) =>
          startLife({ home, name: `erases${seed}`, seed, count: 3, isErasing: true, isAsking: true, tuning: SMALL })
            .ended,
      ),
    ]);
    expect(ends.map(({ said }) => said.replace(/operations \d+\n/, ''))).toEqual(ends.map(() => ''));
    await lapse(home);
    const store = quietStore(home);
    expect(await store.forget('test')).toBe(true);
    const left = await store.read((view) => people.filter((id) => view.contact(id)));
    await store.close();
    const gone = people.filter((id) => !left.includes(id));
    expect(gone.length).toBeGreaterThan(1);
    expect(gone.flatMap((id) => indexesOf(home, id))).toEqual([]);
    await expectTold();
  });

  // The erasure goes by between two segments that are read: behind one that says who the contact is.
  it.each([3, 5, 7])('are read again where an erasure went by meanwhile, before segment %i', async (at) => {
    const store = quietStore(home, SMALL);
    await write(store, saved('ct_1', { firstname: 'Ann' }));
    for (let i = 0; i < 30; i++) await write(store, visited('ct_1', 'x'.repeat(700)));
    const commit = await store.read((view) => view.commits());
    expect(await store.asOf([{ commit, contact_id: 'ct_1' }])).toMatchObject([{ contact: { firstname: 'Ann' } }]);
    const segment = fs.readdirSync(path.join(home, 'log')).sort()[at] ?? '';
    beforeReading((file) => file.endsWith(`log/${segment}`), eraseElsewhere);
    expect(await store.asOf([{ commit, contact_id: 'ct_1' }])).toEqual([undefined]);
    expect(JSON.stringify(commitsIn(home))).not.toContain('ct_1');
    expect(indexesIn(home).length).toBeGreaterThan(at);
    expect(indexesOf(home, 'ct_1')).toEqual([]);
    await store.close();
  });

  it('that were made of a segment while it was rewritten do not stay', async () => {
    const store = quietStore(home, { ...SMALL, saveAfterMs: 60_000 });
    await write(store, saved('ct_1', { firstname: 'Ann' }));
    for (let i = 0; i < 30; i++) await write(store, visited('ct_1', 'x'.repeat(700)));
    const commit = await store.read((view) => view.commits());
    let isErased = false;
    let left: string[] | undefined;
    // The first segment has been read, and its index is about to be written: the erasure removes what there is before.
    beforeReading(
      (file) => file.includes('/state/tmp/'),
      () => {
        eraseElsewhere();
        isErased = true;
      },
    );
    beforeReading(
      (file) => isErased && file.endsWith('.jsonl'),
      () => {
        left = indexesOf(home, 'ct_1');
      },
    );
    expect(await store.asOf([{ commit, contact_id: 'ct_1' }])).toEqual([undefined]);
    expect(left).toEqual([]);
    expect(JSON.stringify(commitsIn(home))).not.toContain('ct_1');
    expect(indexesOf(home, 'ct_1')).toEqual([]);
    await store.close();
  });
});
