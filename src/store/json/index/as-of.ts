import { setImmediate as turn } from 'node:timers/promises';
import { invalid } from '../../../domain/base/errors.ts';
import type { Event } from '../../../domain/state/events.ts';
import { activityKind, contactsKind, ledgerKind } from '../../../domain/state/fold-contacts.ts';
import type { AsItWas, PastContact } from '../../store.ts';
import { type ContactPart, PartReading, Replaced } from './parts.ts';
import type { SegmentIndexes } from './segment-index.ts';

type Parts = ReadonlyMap<string, readonly ContactPart[]>;

/** So many contacts are folded before other calls of the process get their turn. */
const AT_ONCE = 100;

function demandCommits(wanted: readonly PastContact[], newest: number): void {
  const wrong = wanted.find(({ commit }) => !Number.isInteger(commit) || commit < 1 || commit > newest);
  if (!wrong) return;
  const known = newest === 0 ? 'this home has none yet' : `the newest is ${newest}. Name one from 1 to ${newest}`;
  throw invalid(`There is no commit ${wrong.commit}: ${known}.`, { commit: wrong.commit });
}

/** The commit that deleted a contact last; 0 where none did. */
function deletedAt(id: string, parts: Parts): number {
  return parts.get(id)?.findLast(({ event }) => event.type === 'contact_deleted')?.n ?? 0;
}

/** The contact that an alias stands for, where a part tells of one. */
function targetOf({ event }: ContactPart): string | undefined {
  return event.type === 'contacts_saved' ? event.aliases?.[0]?.[1] : undefined;
}

function targetsOf(id: string, parts: Parts): string[] {
  return (parts.get(id) ?? []).flatMap((part) => targetOf(part) ?? []);
}

/**
 * What happened to some contacts up to a commit, in the log's order, without whoever was deleted after it: as after an
 * erasure, also where that is still to come.
 */
function eventsUpTo(commit: number, ids: ReadonlySet<string>, parts: Parts): Event[] {
  const left = [...ids].flatMap((id) =>
    (parts.get(id) ?? []).filter((part) => part.n <= commit && deletedAt(targetOf(part) ?? id, parts) <= commit),
  );
  const events: Event[] = [];
  for (const { event } of left.sort((one, other) => one.n - other.n || one.at - other.at)) {
    const last = events.at(-1);
    // One fold of many events gives the same as a fold of each, which would sort each time.
    if (event.type === 'events_recorded' && last?.type === 'events_recorded') last.events.push(...event.events);
    else events.push(event.type === 'events_recorded' ? { ...event, events: [...event.events] } : event);
  }
  return events;
}

/** The contact as a look at the commit would have found it by this id, its own or another one. */
function asItWas({ commit, contact_id }: PastContact, parts: Parts): AsItWas | undefined {
  const [book, activity, ledger] = [contactsKind.empty(), activityKind.empty(), ledgerKind.empty()];
  for (const event of eventsUpTo(commit, new Set([contact_id, ...targetsOf(contact_id, parts)]), parts)) {
    contactsKind.fold(book, event, '');
    activityKind.fold(activity, event, '');
    ledgerKind.fold(ledger, event, '');
  }
  const contact = book.byId.get(contact_id) ?? book.byId.get(book.aliases.get(contact_id) ?? '');
  if (!contact) return undefined;
  const done = activity.get(contact.id) ?? { events: [], notes: [] };
  return { contact, activity: done, ledger: ledger.get(contact.id) ?? [] };
}

/** What the log says of the contacts, and of those that their ids are aliases of. */
async function readParts(directory: string, indexes: SegmentIndexes, wanted: readonly PastContact[]): Promise<Parts> {
  const ids = new Set(wanted.map(({ contact_id }) => contact_id));
  const until = wanted.reduce((latest, { commit }) => Math.max(latest, commit), 0);
  for (;;) {
    const reading = new PartReading(directory, indexes, until);
    try {
      const parts = await reading.partsOf(ids);
      const targets = new Set([...ids].flatMap((id) => targetsOf(id, parts)).filter((id) => !parts.has(id)));
      if (targets.size > 0) for (const [id, own] of await reading.partsOf(targets)) parts.set(id, own);
      reading.demandInPlace();
      return parts;
    } catch (error) {
      if (!(error instanceof Replaced)) throw error;
    }
  }
}

/**
 * Contacts as they were at commits that are over, in the order in which they are wanted. `newest` is the number of the
 * newest commit.
 *
 * @throws AppError VALIDATION_ERROR for a commit that there isn't, STORE_ERROR where the log is damaged
 */
export async function contactsAsOf(
  { log, newest }: { log: string; newest: number },
  indexes: SegmentIndexes,
  wanted: readonly PastContact[],
): Promise<(AsItWas | undefined)[]> {
  demandCommits(wanted, newest);
  if (wanted.length === 0) return [];
  const parts = await readParts(log, indexes, wanted);
  const found: (AsItWas | undefined)[] = [];
  for (const one of wanted) {
    found.push(asItWas(one, parts));
    if (found.length % AT_ONCE === 0) await turn();
  }
  return found;
}
