import fs from 'node:fs';
import path from 'node:path';
import { createIds } from '../../src/domain/base/ids.ts';
import { canonical } from '../../src/domain/base/json.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import { walkLog } from '../../src/store/json/log/walk.ts';
import type { Store } from '../../src/store/store.ts';
import { lapse } from './lapse.ts';
import { aStore, contactsIn as everyContact } from './store.ts';
import { differences, miscounted } from './whole.ts';

/** What a check of a home found. Every list should be empty. */
export type Verdict = {
  commits: number;
  faults: string[];
  lost: string[];
  duplicates: string[];
  differing: string[];
  miscounted: string[];
  misread: string[];
  /** Deleted contacts that the log still names. */
  remembered: string[];
  /** Contacts that are told otherwise as of the newest commit than now. */
  otherwise: string[];
};

/** The lists of a verdict that found nothing wrong. */
export const CLEAN = {
  faults: [],
  lost: [],
  duplicates: [],
  differing: [],
  miscounted: [],
  misread: [],
  remembered: [],
  otherwise: [],
};

export function quietStore(home: string, tuning: Partial<Tuning> = {}): Store {
  const quiet = () => undefined;
  const now = () => new Date();
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  return aStore(home, { now, newId: createIds(now), log }, tuning);
}

/** The snapshots of a home, by their names below `state`. */
export function snapshotsIn(home: string): string[] {
  const names = fs.readdirSync(path.join(home, 'state'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.json')).sort();
}

function* eventsOf(home: string): Generator<Event> {
  for (const step of walkLog(path.join(home, 'log'))) if ('commit' in step) yield* step.commit.events;
}

export function namesIn(event: Event): string[] {
  if (event.type === 'contacts_saved') return event.contacts.map((contact) => contact.id);
  if (event.type === 'agent_saved') return [event.agent.id];
  return event.type === 'run_created' ? [event.run.id] : [];
}

function contactsIn(event: Event): string[] {
  if (event.type === 'contacts_saved') return event.contacts.map((contact) => contact.id);
  if (event.type === 'note_added') return [event.note.contact_id];
  if (event.type === 'events_recorded') return event.events.map((item) => item.contact_id);
  if (event.type === 'run_started') return event.targets ?? [];
  if (event.type === 'results_recorded') return event.results.map((result) => result.contact_id);
  if (event.type === 'actions_changed') return event.changes.map((change) => change.contact_id);
  return event.type === 'contact_deleted' ? [event.contact_id] : [];
}

function repeated(items: readonly string[]): string[] {
  return items.filter((item, index) => items.indexOf(item) !== index);
}

/** A copy of the home with its log, but without snapshots. */
function withoutSnapshots(home: string): string {
  const bare = `${home}-bare`;
  fs.mkdirSync(bare);
  fs.cpSync(path.join(home, 'log'), path.join(bare, 'log'), { recursive: true });
  fs.copyFileSync(path.join(home, 'home.json'), path.join(bare, 'home.json'));
  return bare;
}

/** The contacts of which the log alone, by its indexes, tells something else than the state. */
async function toldOtherwise(store: Store, ids: readonly string[]): Promise<string[]> {
  const [commit, now] = await store.read((view) => [
    view.commits(),
    ids.map((id) => {
      const contact = view.contact(id);
      return contact && { contact, activity: view.activity(id), ledger: view.ledger(id) };
    }),
  ]);
  const then = await store.asOf(ids.map((contact_id) => ({ commit, contact_id })));
  return ids.filter((_, at) => canonical(then[at] ?? null) !== canonical(now[at] ?? null));
}

/**
 * Checks a home from a process that had no part in it: everything acknowledged is there once, the snapshots tell what
 * the log tells, and every change was made on the state that the change before it left.
 */
export async function verdictOn(home: string, acknowledged: readonly string[]): Promise<Verdict> {
  await lapse(home);
  const store = quietStore(home);
  await store.forget('verdict');
  const { commits, faults } = await store.check();
  const bare = withoutSnapshots(home);
  const other = quietStore(bare);
  const events = [...eventsOf(home)];
  const named = [...new Set(events.flatMap(namesIn))];
  const keys = events.flatMap((event) => (event.type === 'key_used' ? [event.key] : []));
  const there = new Set(keys);
  const misread = await store.read((view) =>
    named.filter((id) => view.activity(id).notes.some((note, index) => note.body !== String(index + 1))),
  );
  const known = await store.read((view) => new Set(everyContact(view).map(({ id }) => id)));
  const told = new Set(events.flatMap(contactsIn).filter((id) => id.startsWith('ct_')));
  const verdict = {
    commits,
    faults,
    lost: acknowledged.filter((id) => !there.has(id)),
    duplicates: repeated(keys),
    differing: await differences(store, other, named),
    miscounted: await store.read(miscounted),
    misread,
    remembered: [...told].filter((id) => !known.has(id)),
    otherwise: await toldOtherwise(store, [...told]),
  };
  await store.close();
  await other.close();
  fs.rmSync(bare, { recursive: true });
  return verdict;
}
