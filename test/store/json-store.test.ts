import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Store } from '../../src/store/store.ts';
import { aStore, contactsIn } from '../support/store.ts';

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
  const store = aStore(home, { now, newId: createIds(now), log });
  open.push(store);
  return store;
}

function saveContact(store: Store, id: string): Promise<void> {
  const at = '2026-01-01T00:00:00.000Z';
  const contact = { id, do_not_email: false, do_not_contact: false, created_at: at, updated_at: at };
  return store.commit('test', () => ({ events: [{ type: 'contacts_saved', contacts: [contact] }], value: undefined }));
}

function contactIds(store: Store): Promise<string[]> {
  return store.read((view) => contactsIn(view).map(({ id }) => id));
}

function segmentFile(): string {
  const log = path.join(home, 'log');
  return path.join(log, fs.readdirSync(log).sort().at(-1) ?? '');
}

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
    expect((await again.check()).faults.join()).toContain(file);
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
    fs.writeFileSync(path.join(home, 'home.json'), '{"format": 3}');
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
