import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { View } from '../../src/domain/state/view.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';
import { quietStore } from '../support/verified.ts';
import { ids, saved, visited, write } from '../support/writes.ts';

/** The snapshots that say where contacts are kept, as they will be after some more commits. */
async function snapshotsToCome(home: string, ...texts: string[]): Promise<string> {
  const later = path.join(aHome(), 'later');
  fs.cpSync(home, later, { recursive: true });
  const store = quietStore(later);
  for (const text of texts) await write(store, saved('ada', { text }));
  await store.settle();
  await store.close();
  return path.join(later, 'state', 'ids');
}

it('a commit that was overtaken is written, though what overtook it could not be taken in', async () => {
  const home = aHome();
  const [first, faster, slower] = [quietStore(home), quietStore(home), quietStore(home)];
  await write(first, saved('ada'));
  await first.close();
  await faster.read((view) => view.contact('ada'));
  await slower.read((view) => view.commits());
  // Another process has written these already, while the commits that they include are still to be read.
  fs.cpSync(await snapshotsToCome(home, '2', '3'), path.join(home, 'state', 'ids'), { recursive: true });
  let overtaking: Promise<unknown> | undefined;
  await slower.commit('test', () => {
    overtaking ??= Promise.all(['2', '3'].map((text) => write(faster, saved('ada', { text }))));
    return { events: [saved('own')], value: undefined };
  });
  await overtaking;
  expect(await ids(quietStore(home))).toEqual(['ada', 'own']);
  expect(await ids(slower)).toEqual(['ada', 'own']);
  expect(await slower.read((view) => view.contact('ada')?.text)).toBe('3');
});

it('what could not be taken in while a segment was sealed is read again', async () => {
  const home = aHome();
  const [first, faster] = [quietStore(home), quietStore(home)];
  await write(first, saved('ada'));
  await first.close();
  await faster.read((view) => view.contact('ada'));
  const deps = testDeps();
  let looks = 0;
  // The second look at the clock is for the seal.
  const now = () => {
    looks += 1;
    if (looks === 2) for (const event of [saved('ada', { text: '2' }), visited('ada', 'home')]) write(faster, event);
    return deps.now();
  };
  const slower = aStore(home, { ...deps, now }, { segmentBytes: 1 });
  const isThere = (view: View) => view.find.contacts({ limit: 5, offset: 0 }).total;
  expect(await slower.read(isThere)).toBe(1);
  fs.cpSync(await snapshotsToCome(home, '2', '3', '4'), path.join(home, 'state', 'ids'), { recursive: true });
  await write(slower, saved('own'));
  expect(await slower.read((view) => view.contact('ada')?.text)).toBe('2');
  expect(await slower.read((view) => view.activity('ada').events.length)).toBe(1);
});
