import { afterEach, describe, expect, it, vi } from 'vitest';
import { notFound } from '../../src/domain/base/errors.ts';
import { createWatcher } from '../../src/mcp/subscriptions/watcher.ts';
import { createHouse } from '../../src/process/house.ts';
import { aHome, NOW, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

afterEach(() => {
  vi.useRealTimers();
});

async function aHouse() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const deps = testDeps();
  const house = createHouse(aStore(aHome(), deps), deps);
  const change = () =>
    house.commit('test', () => ({
      events: [
        { type: 'note_added', note: { contact_id: 'c', body: '', agent_id: '', run_id: '', action_index: 0, at: NOW } },
      ],
      value: undefined,
    }));
  const second = () => vi.advanceTimersByTimeAsync(1_000);
  return { house, watcher: createWatcher(house), change, second };
}

describe('the watcher', () => {
  it('has a timer only while something is watched', async () => {
    const { watcher, second } = await aHouse();
    expect(vi.getTimerCount()).toBe(0);
    const stops = [watcher.watch(async () => '', vi.fn()), watcher.watch(async () => '', vi.fn())];
    await second();
    expect(vi.getTimerCount()).toBe(1);
    stops[0]?.stop();
    await second();
    expect(vi.getTimerCount()).toBe(1);
    stops[1]?.stop();
    await second();
    expect(vi.getTimerCount()).toBe(0);
    watcher.watch(async () => '', vi.fn()).stop();
    await second();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes fingerprints only after a commit, and calls back only where the fingerprint changed', async () => {
    const { watcher, change, second } = await aHouse();
    let now = 'a';
    const fingerprint = vi.fn(async () => now);
    const onChange = vi.fn();
    watcher.watch(fingerprint, onChange);
    await second();
    const looks = fingerprint.mock.calls.length;
    await second();
    await second();
    expect(fingerprint).toHaveBeenCalledTimes(looks);
    await change();
    await second();
    expect(fingerprint).toHaveBeenCalledTimes(looks + 1);
    expect(onChange).not.toHaveBeenCalled();
    now = 'b';
    await change();
    await second();
    await second();
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('calls back when something is deleted, and waits while the store can’t be read', async () => {
    const { watcher, change, second } = await aHouse();
    let state: () => string = () => 'a';
    const onChange = vi.fn();
    watcher.watch(async () => state(), onChange);
    await second();
    state = () => {
      throw new Error('disk');
    };
    await change();
    await second();
    expect(onChange).not.toHaveBeenCalled();
    state = () => 'b';
    await second();
    expect(onChange).toHaveBeenCalledTimes(1);
    state = () => {
      throw notFound('gone');
    };
    await change();
    await second();
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  it('goes on after the store could not be read', async () => {
    const { house, watcher, change, second } = await aHouse();
    let now = 'a';
    const onChange = vi.fn();
    watcher.watch(async () => now, onChange);
    await second();
    const { changes } = house.store;
    house.store.changes = () => {
      throw new Error('no');
    };
    await second();
    await second();
    house.store.changes = changes;
    now = 'b';
    await change();
    await second();
    expect(onChange).toHaveBeenCalledTimes(1);
  });
});
