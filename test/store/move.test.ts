import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { folderToFill } from '../../src/store/json/move/folder-to-fill.ts';
import { homeToMove } from '../../src/store/json/move/moving-home.ts';
import { moveHome } from '../../src/store/move/move-home.ts';
import type { MoveTarget } from '../../src/store/move/place.ts';
import type { Store } from '../../src/store/store.ts';
import { filesOf } from '../support/damage.ts';
import { freshFolder } from '../support/folders.ts';
import { printOf, type Scene, sceneIn, storeOf } from '../support/lived-home.ts';
import { aStore, contactsIn } from '../support/store.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];
const quiet = () => undefined;
const now = () => new Date();
const deps = { now, newId: createIds(now), log: { debug: quiet, info: quiet, warn: quiet, error: quiet } };

let root: string;
let open: Store[];

beforeEach(() => {
  root = freshFolder('move');
  open = [];
});

afterEach(async () => {
  for (const store of open) await store.close();
  fs.rmSync(root, { recursive: true, force: true });
});

const there = () => path.join(root, 'there');
const logOf = (home: string) => filesOf(path.join(home, 'log'));
const move = (home: string, target = folderToFill(there(), quiet)) => moveHome(homeToMove(home, deps), target, quiet);

function opened(home: string): Store {
  const store = aStore(home, deps);
  open.push(store);
  return store;
}

function save(store: Store, id: string): Promise<void> {
  const at = '2026-01-01T00:00:00.000Z';
  const contact = { id, do_not_email: false, do_not_contact: false, created_at: at, updated_at: at };
  return store.commit('test', () => ({ events: [{ type: 'contacts_saved', contacts: [contact] }], value: undefined }));
}

/**
 * What a process finds in a home: its head, and a print of all that it tells of what was there at the scene's end. A scene
 * decides things in ways that no engine would, so an audit has its faults, the same in both places.
 */
async function toldOf(home: string, { moments }: Scene) {
  const store = storeOf(home);
  const { head, commits, warnings, ...audit } = await store.audit();
  const faults = audit.faults.map((fault) => fault.replace(home, ''));
  const print = await store.read((view) => printOf(view, moments.at(-1)?.names ?? []));
  const secret = await store.secret();
  await store.close();
  return { head, commits, faults, warnings, print, secret };
}

describe('a home that moves', () => {
  it.each(SEEDS)('is the same there, byte for byte, with all it tells and its head: life %i', async (seed) => {
    const scene = await sceneIn(root, seed);
    const home = scene.homes.closed;
    const store = storeOf(home);
    await store.forget('test');
    await store.close();
    const before = await toldOf(home, scene);
    const log = logOf(home);
    expect((await move(home)).wasComplete).toBe(false);
    expect(logOf(there())).toEqual(log);
    expect(logOf(home)).toEqual(log);
    expect(await toldOf(there(), scene)).toEqual(before);
  });

  it('brings what is kept for a day', async () => {
    const store = opened(path.join(root, 'home'));
    await save(store, 'a');
    await store.keep('rev_abcdefghij', 'a value');
    await move(path.join(root, 'home'));
    expect(await opened(there()).take('rev_abcdefghij')).toBe('a value');
  });

  it('says so where nothing is left to be done, also once the home went on there', async () => {
    const home = path.join(root, 'home');
    await save(opened(home), 'a');
    await move(home);
    await save(opened(there()), 'b');
    expect(await move(home)).toEqual({ commits: 1, wasComplete: true });
  });

  it('refuses a place that is not empty, and goes on where it is', async () => {
    const home = path.join(root, 'home');
    await save(opened(home), 'a');
    await save(opened(there()), 'x');
    await expect(move(home)).rejects.toThrow("isn't empty");
    await save(opened(home), 'b');
    fs.rmSync(there(), { recursive: true });
    fs.mkdirSync(there());
    fs.writeFileSync(path.join(there(), 'letter.txt'), 'mine');
    await expect(move(home)).rejects.toThrow("isn't empty");
  });

  it('refuses a second place, and one that another home begins to fill', async () => {
    const [home, other] = [path.join(root, 'home'), path.join(root, 'other')];
    await save(opened(home), 'a');
    await save(opened(other), 'a');
    await expect(move(home, failing(folderToFill(there(), quiet), 3))).rejects.toThrow('struck');
    await expect(move(other)).rejects.toThrow(`filled from ${home}`);
    await move(home);
    await expect(move(home, folderToFill(path.join(root, 'third'), quiet))).rejects.toThrow(`has moved to ${there()}`);
  });
});

describe('a home that has moved', () => {
  it('is only read, by processes that had it open and by new ones, and names the new place', async () => {
    const home = path.join(root, 'home');
    const running = opened(home);
    await save(running, 'a');
    await move(home);
    for (const store of [running, opened(home)]) {
      const refused = { code: 'STORE_ERROR', message: expect.stringContaining(there()) };
      await expect(save(store, 'b')).rejects.toMatchObject(refused);
      expect(await store.read((view) => contactsIn(view).map(({ id }) => id))).toEqual(['a']);
      expect((await store.check()).faults).toEqual([]);
    }
    expect(logOf(home)).toEqual(logOf(there()));
  });
});

/** A place where every call fails from the given one on, as if the process that moves the home had ended there. */
function failing(target: MoveTarget, at: number): MoveTarget {
  let calls = 0;
  const struck =
    <A extends unknown[], T>(work: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      calls += 1;
      if (calls >= at) throw new Error('struck');
      return work(...given);
    };
  return {
    ...target,
    state: struck(target.state),
    begin: struck(target.begin),
    newest: struck(target.newest),
    has: struck(target.has),
    write: struck(target.write),
    ready: struck(target.ready),
    complete: struck(target.complete),
  };
}

describe('a move that was struck', () => {
  it('leaves one side usable unless it had to stop there, and the same call goes on', async () => {
    for (let at = 1; ; at++) {
      const folder = path.join(root, String(at));
      const home = path.join(folder, 'home');
      const goal = path.join(folder, 'there');
      await save(opened(home), 'a');
      const struck = await move(home, failing(folderToFill(goal, quiet), at)).catch((error: Error) => error.message);
      const isStopped = struck === 'struck' && (await homeToMove(home, deps).movedTo()) !== undefined;
      if (struck === 'struck' && !isStopped) await save(opened(home), 'b');
      await move(home, folderToFill(goal, quiet));
      await save(opened(goal), 'c');
      const contacts = await opened(goal).read((view) => contactsIn(view).map(({ id }) => id));
      expect(contacts).toEqual(isStopped || struck !== 'struck' ? ['a', 'c'] : ['a', 'b', 'c']);
      if (struck !== 'struck') return;
    }
  });
});
