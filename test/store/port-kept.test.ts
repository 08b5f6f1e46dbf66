import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { passTime, SharedHome } from '../support/port.ts';
import { ids, saved } from '../support/writes.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const HOUR_MS = 3_600_000;
const TOKEN = `rev_${'a1'.repeat(12)}`;
const OTHER = `rev_${'b2'.repeat(12)}`;

describe('a kept value', () => {
  it('is found by any store, as it was kept last', async () => {
    const [store, other] = [home.open(), home.open()];
    await store.keep(TOKEN, 'one');
    await other.keep(TOKEN, 'two "2"\n');
    await store.keep(OTHER, 'another');
    expect([await store.recall(TOKEN), await other.recall(TOKEN)]).toEqual(['two "2"\n', 'two "2"\n']);
    await home.closeAll();
    expect(await home.open().recall(TOKEN)).toBe('two "2"\n');
  });

  it('that nobody kept is not there, whatever is asked for', async () => {
    const store = home.open();
    for (const token of [TOKEN, '', '../home', 'rev_']) {
      expect(await store.recall(token)).toBeUndefined();
      expect(await store.take(token)).toBeUndefined();
    }
  });

  it('is no part of the state', async () => {
    await home.open().keep(TOKEN, 'one');
    expect(await home.told((view) => view.commits())).toBe(0);
  });

  it('is given to the first who takes it, and to nobody after', async () => {
    const stores = [home.open(), home.open(), home.open()];
    await home.open().keep(TOKEN, 'one');
    const taken = await Promise.all(stores.map((store) => store.take(TOKEN)));
    expect(taken.filter((value) => value !== undefined)).toEqual(['one']);
    expect(await Promise.all(stores.map((store) => store.recall(TOKEN)))).toEqual([undefined, undefined, undefined]);
    expect(await Promise.all(stores.map((store) => store.take(TOKEN)))).toEqual([undefined, undefined, undefined]);
  });

  it('goes after a day', async () => {
    await home.open().keep(TOKEN, 'one');
    passTime(23 * HOUR_MS);
    const later = home.open();
    await later.keep(OTHER, 'two');
    expect(await later.recall(TOKEN)).toBe('one');
    passTime(2 * HOUR_MS);
    const latest = home.open();
    await latest.keep(OTHER, 'three');
    expect(await latest.recall(TOKEN)).toBeUndefined();
    expect(await latest.recall(OTHER)).toBe('three');
  });
});

describe('the secret', () => {
  it('has 32 bytes, the same for every store of the home from the first on', async () => {
    const stores = [home.open(), home.open()];
    const [one, two] = await Promise.all(stores.map((store) => store.secret()));
    expect(one).toHaveLength(32);
    expect(two).toEqual(one);
    await home.closeAll();
    expect(await home.open().secret()).toEqual(one);
    expect(await new SharedHome().open().secret()).not.toEqual(one);
  });
});

describe('changes', () => {
  /** The numbers that come after a commit, until so many came. */
  async function follow(store: Store, since: number, count: number, meanwhile: () => Promise<void>): Promise<number[]> {
    const stop = new AbortController();
    const seen: number[] = [];
    const begun = meanwhile();
    for await (const commits of store.changes(since, stop.signal)) {
      seen.push(commits);
      if (seen.length === count) stop.abort();
    }
    await begun;
    return seen;
  }
  const nothing = async () => undefined;

  it('tells at once of what was committed before, and ends with its signal', async () => {
    const [store, other] = [home.open(), home.open()];
    await home.write(saved('a'));
    await home.write(saved('b'));
    expect(await follow(store, -1, 1, nothing)).toEqual([2]);
    expect(await follow(other, 1, 1, nothing)).toEqual([2]);
  });

  it('tells of a commit of another store, and nothing while there is none', async () => {
    const [store, other] = [home.open(), home.open()];
    await home.write(saved('a'));
    const iterator = other.changes(1, new AbortController().signal)[Symbol.asyncIterator]();
    const next = iterator.next();
    await store.commit('test', () => ({ events: [], value: undefined }));
    await store.commit('test', () => ({ events: [saved('b')], value: undefined }));
    expect(await next).toEqual({ done: false, value: 2 });
    expect(await ids(other)).toEqual(['a', 'b']);
  });

  it('ends while it waits, and at once where the signal came before', async () => {
    const store = home.open();
    const stop = new AbortController();
    const iterator = store.changes(0, stop.signal)[Symbol.asyncIterator]();
    const next = iterator.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await store.changes(-1, stop.signal)[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });
});

describe('a check', () => {
  it('counts the commits of a whole home, and finds nothing to say', async () => {
    const store = home.open();
    expect(await store.check()).toMatchObject({ commits: 0, faults: [], warnings: [] });
    for (const id of ['a', 'b', 'c']) await home.write(saved(id));
    expect(await store.check()).toMatchObject({ commits: 3, faults: [], warnings: [] });
    await home.closeAll();
    expect(await home.open().check()).toMatchObject({ commits: 3, faults: [], warnings: [] });
  });
});
