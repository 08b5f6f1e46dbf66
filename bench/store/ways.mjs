import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the file holds beside the counter: about 1 MB. */
const OTHERS = Array.from({ length: 1_000 }, (_, i) => ({ id: `c${i}`, text: 'x'.repeat(1_000) }));

/** lowdb with its own file adapter. */
async function lowdb(folder) {
  const { JSONFileSyncPreset } = await import('lowdb/node');
  const open = () => JSONFileSyncPreset(path.join(folder, 'db.json'), { count: 0, keys: [], others: OTHERS });
  return {
    bump(key) {
      const db = open();
      db.data.count += 1;
      db.data.keys.push(key);
      db.write();
    },
    read: () => open().data,
  };
}

async function writeFileAtomic(folder) {
  const { default: write } = await import('write-file-atomic');
  const file = path.join(folder, 'db.json');
  const read = () =>
    fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { count: 0, keys: [], others: OTHERS };
  return {
    bump(key) {
      const data = read();
      data.count += 1;
      data.keys.push(key);
      write.sync(file, JSON.stringify(data));
    },
    read,
  };
}

/** One file for each commit. A writer claims the file by `link`, which fails where another writer was first. */
async function linked(folder) {
  let state = { count: 0, keys: [] };
  const fileOf = (n) => path.join(folder, `${String(n).padStart(12, '0')}.json`);
  const catchUp = () => {
    for (;;) {
      try {
        const { key } = JSON.parse(fs.readFileSync(fileOf(state.count + 1), 'utf8'));
        state = { count: state.count + 1, keys: [...state.keys, key] };
      } catch (error) {
        if (error.code === 'ENOENT') return;
        throw error;
      }
    }
  };
  const sync = (file) => {
    const fd = fs.openSync(file, 'r');
    fs.fsyncSync(fd);
    fs.closeSync(fd);
  };
  return {
    bump(key) {
      const temporary = path.join(folder, `${key}.tmp`);
      fs.writeFileSync(temporary, JSON.stringify({ key }), { flush: true });
      for (let isClaimed = false; !isClaimed; ) {
        catchUp();
        try {
          fs.linkSync(temporary, fileOf(state.count + 1));
          isClaimed = true;
        } catch (error) {
          if (error.code !== 'EEXIST') throw error;
        }
      }
      sync(folder);
      fs.rmSync(temporary);
    },
    read() {
      catchUp();
      return state;
    },
  };
}

const quiet = () => undefined;

/** The store of Countersign, compiled. */
async function ours(folder) {
  const { createJsonStore, createIds } = await import(pathToFileURL(process.env.BENCH_STORE).href);
  const now = () => new Date();
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const store = createJsonStore(folder, { now, newId: createIds(now), log });
  const at = '2026-01-01T00:00:00.000Z';
  const plain = { do_not_email: false, do_not_contact: false, created_at: at, updated_at: at };
  const [first] = OTHERS;
  // Each writing is one commit, so the next number is free; that of a seal stays without a key.
  const keysOf = (view) =>
    Array.from({ length: view.commits() }, (_, index) => view.key('bench', String(index + 1))?.id).filter(Boolean);
  return {
    async bump(key) {
      await store.commit('bench', (view) => {
        const events = [{ type: 'key_used', tool: 'bench', key: String(view.commits() + 1), digest: '', id: key, at }];
        if (!view.contact(first.id))
          events.push({ type: 'contacts_saved', contacts: OTHERS.map((contact) => ({ ...contact, ...plain })) });
        return { events, value: undefined };
      });
    },
    async read() {
      const keys = await store.read(keysOf);
      return { count: keys.length, keys };
    },
    look: () => store.read((view) => view.key('bench', '1')?.id),
    close: () => store.close(),
  };
}

export const WAYS = {
  'lowdb as it comes': lowdb,
  'write-file-atomic': writeFileAtomic,
  'a file a commit, claimed by `link`': linked,
  'Countersign: appended lines': ours,
};
