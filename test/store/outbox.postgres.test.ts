import { expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { outboxFileName, outboxMark } from '../../src/files/outbox.ts';
import type { SharedOutbox, Store } from '../../src/store/store.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

/** The outbox of a home as two processes have it. */
function twoOutboxes(): [SharedOutbox, SharedOutbox] {
  const home = aHome();
  const deps = { ...testDeps(), newId: createIds(() => new Date()) };
  const open = () => {
    const store: Store = aStore(home, deps);
    onTestFinished(() => store.close());
    if (!store.outbox) throw new Error('this store has no outbox');
    return store.outbox;
  };
  return [open(), open()];
}

const nameOf = (contact_id: string, extension: 'eml' | 'md' = 'eml') =>
  outboxFileName({ run_id: 'run_1', contact_id, action_index: 0 }, extension);

it('keeps every byte, in place of the file of an earlier attempt, for every process', async () => {
  const [one, other] = twoOutboxes();
  const bytes = Buffer.from([...Array(256).keys()]);
  await one.write(nameOf('a'), 'an earlier attempt');
  expect(await one.write(nameOf('a'), bytes)).toMatch(new RegExp(`^postgres://app@.*#outbox/${nameOf('a')}$`));
  expect(await other.read(nameOf('a'))).toEqual(bytes);
  expect(await other.read(nameOf('b'))).toBeUndefined();
  const large = Buffer.alloc(9_000_000, 'wav');
  await one.write('chat-a.wav', large);
  expect((await other.read('chat-a.wav'))?.equals(large)).toBe(true);
});

it('lists what actions have left, the one that was written last first', async () => {
  const [one, other] = twoOutboxes();
  for (const name of [nameOf('a'), 'test-id.eml', nameOf('b', 'md'), 'chat-a.wav', nameOf('c'), nameOf('a')])
    await one.write(name, 'x');
  expect(await other.newest(2)).toEqual([nameOf('a'), nameOf('c')]);
  expect(await other.newest(9)).toEqual([nameOf('a'), nameOf('c'), nameOf('b', 'md')]);
});

it('removes the files of one contact, and tells which there still are', async () => {
  const [one, other] = twoOutboxes();
  for (const name of [nameOf('a'), nameOf('a', 'md'), nameOf('b')]) await one.write(name, 'x');
  await other.removeMarked(outboxMark('a'));
  expect(await one.kept([nameOf('a'), nameOf('a', 'md'), nameOf('b'), 'other'])).toEqual(new Set([nameOf('b')]));
});

it.each(['../a.md', 'a/b.md', '', '.hidden'])('refuses the name %j', async (name) => {
  const [one] = twoOutboxes();
  await expect(one.write(name, 'x')).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(await one.read(name)).toBeUndefined();
});
