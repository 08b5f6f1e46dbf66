import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { aContact, aHome } from '../support/fixtures.ts';
import { ForgetfulDisk } from '../support/forgetful-disk.ts';
import { contactsIn } from '../support/store.ts';
import { quietStore } from '../support/verified.ts';

let home: string;
let disk: ForgetfulDisk;
beforeEach(() => {
  home = aHome();
  disk = new ForgetfulDisk(path.join(home, 'log'));
});
afterEach(() => disk.end());

const save = (store: Store, id: string, filler = 0) =>
  store.commit('test', () => ({
    events: [
      { type: 'contacts_saved', contacts: [aContact({ id, email: `${id}@x.example`, text: 'x'.repeat(filler) })] },
    ],
    value: undefined,
  }));
const contacts = (store: Store) => store.read((view) => contactsIn(view).map(({ id }) => id));

/** The contacts after a power cut. Snapshots are never synced, so they are gone too. */
async function afterPowerCut(): Promise<string[]> {
  disk.cutPower();
  fs.rmSync(path.join(home, 'state'), { recursive: true, force: true });
  return contacts(quietStore(home));
}

describe('a sync that failed once', () => {
  it.each([
    ['the same process', false],
    ['another process', true],
  ])('is reported, and %s then acknowledges nothing that depends on bytes the disk forgot', async (_who, isAnother) => {
    const store = quietStore(home);
    await save(store, 'a');
    disk.failNextSync();
    // The line is longer than a page of the disk, so that the next line isn't synced together with all of it.
    await expect(save(store, 'b', 20_000)).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringMatching(/did not confirm.*read before you repeat/s),
    });
    const next = isAnother ? quietStore(home) : store;
    await save(next, 'c');
    expect(await afterPowerCut()).toEqual(['a', 'b', 'c']);
  });

  it('and fails again acknowledges nothing, and loses nothing from before', async () => {
    const store = quietStore(home);
    await save(store, 'a');
    for (const id of ['b', 'c']) {
      disk.failNextSync();
      await expect(save(store, id)).rejects.toMatchObject({ code: 'STORE_ERROR' });
    }
    expect(await afterPowerCut()).toEqual(['a']);
    await save(quietStore(home), 'd');
    expect(await contacts(quietStore(home))).toEqual(['a', 'd']);
  });

  it('of a seal is repaired by the process that begins the next segment', async () => {
    const store = quietStore(home);
    disk.failSyncOf('"seal":true');
    await save(store, 'a', 1 << 20);
    await save(store, 'b');
    expect(fs.readdirSync(path.join(home, 'log'))).toHaveLength(2);
    expect(await afterPowerCut()).toEqual(['a', 'b']);
  });
});
