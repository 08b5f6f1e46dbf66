import { rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { countersign, temporaryFolder, using } from '../homes.mjs';
import { CONTACT_COLUMNS, contactAt, eventAt, peakMb, timedBesides, writeLines } from '../many.mjs';
import { storeFile } from './committing.mjs';

/** An import takes at most so many rows. */
const MOST_ROWS = 1_000_000;
const EVENTS_EACH = 10;
/** The store is given the events of so many contacts in a commit, and so many commits at once. */
const CONTACTS_A_COMMIT = 200;
const COMMITS_AT_ONCE = 4;

/** A process of Countersign on a database, with a folder of its own. */
export const onDatabase = (url, env = {}) =>
  countersign(temporaryFolder('postgres'), { COUNTERSIGN_DATABASE_URL: url, ...env });

const quiet = () => undefined;

async function imported(url, { what, from = 0, to, file, tell }) {
  await using(onDatabase(url, { COUNTERSIGN_ALLOW_DIRS: path.dirname(file) }), async (server) => {
    const { ms, slowest, result } = await timedBesides(server, 'import_contacts', { path: file });
    if (result.created + result.events_recorded < to - from) throw new Error(`${what}: ${JSON.stringify(result)}`);
    tell(`import of ${(to - from).toLocaleString('en-US')} ${what}`, ms / 1_000, 's');
    tell('its rows a second', (to - from) / (ms / 1_000), '');
    tell('its peak memory', peakMb(server), 'MB');
    tell('slowest other call meanwhile', slowest, 'ms');
  });
  rmSync(file);
}

/** By the number of a contact, the number of its first event. */
function firstEvents(count) {
  const first = new Uint32Array(count);
  for (let i = 0; i < count; i++) first[(i * 7_919) % count] = i;
  return first;
}

function storedEvent(i, contacts) {
  const { userId, event, messageId, type, properties, timestamp } = JSON.parse(eventAt(i, contacts));
  return { contact_id: userId, type, name: event, properties, message_id: messageId, timestamp };
}

/** Commits the events behind the first `done` as an import does that has those of a contact together. */
async function commitRest(url, count, done) {
  const { createPostgresStore, createIds } = await import(pathToFileURL(storeFile()).href);
  const now = () => new Date();
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const store = createPostgresStore(url, { now, newId: createIds(now), log });
  const first = firstEvents(count);
  let next = 0;
  const one = async () => {
    while (next < count) {
      const contacts = first.subarray(next, Math.min(count, next + CONTACTS_A_COMMIT));
      next += contacts.length;
      const events = [];
      for (const at of contacts)
        for (let i = at; i < EVENTS_EACH * count; i += count) if (i >= done) events.push(storedEvent(i, count));
      await store.commit('bench', () => ({ events: [{ type: 'events_recorded', events }], value: undefined }));
    }
  };
  await Promise.all(Array.from({ length: COMMITS_AT_ONCE }, one));
  await store.close();
}

/**
 * Fills a database with so many contacts, and ten events for each. Contacts and the first million events come by `import_contacts`, a million
 * rows at a time; the other events are committed by the store, those of a contact together.
 */
export async function load(url, count, tell) {
  const folder = temporaryFolder('million-data');
  for (let from = 0; from < count; from += MOST_ROWS) {
    const to = Math.min(count, from + MOST_ROWS);
    const lines = { header: CONTACT_COLUMNS, lineAt: contactAt, from, to };
    const file = await writeLines(path.join(folder, 'contacts.csv'), lines);
    await imported(url, { what: 'contacts', from, to, file, tell });
  }
  const done = Math.min(MOST_ROWS, count);
  const lines = { lineAt: (i) => eventAt(i, count), to: done };
  const file = await writeLines(path.join(folder, 'events.jsonl'), lines);
  await imported(url, { what: 'events', to: done, file, tell });
  const began = performance.now();
  await commitRest(url, count, done);
  const seconds = (performance.now() - began) / 1_000;
  tell(`the other ${(EVENTS_EACH * count - done).toLocaleString('en-US')} events, by the store`, seconds, 's');
}
