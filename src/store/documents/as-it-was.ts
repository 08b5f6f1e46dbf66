import { invalid } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import { activityKind, contactsKind, ledgerKind } from '../../domain/state/fold-contacts.ts';
import type { AsItWas, PastContact } from '../store.ts';

/**
 * What the log says of one contact in one place: what is left of the event of commit `n` without anybody else. Of the
 * parts of one commit, that with the higher `at` comes later.
 */
export type ContactPart = { n: number; at: number; event: Event };
/** The parts about some contacts, by the id or the other id that they name. */
export type PartsByName = ReadonlyMap<string, readonly ContactPart[]>;

/** Throws AppError VALIDATION_ERROR for a commit that there isn't. */
export function demandCommits(wanted: readonly PastContact[], newest: number): void {
  const wrong = wanted.find(({ commit }) => !Number.isInteger(commit) || commit < 1 || commit > newest);
  if (!wrong) return;
  const known = newest === 0 ? 'this home has none yet' : `the newest is ${newest}. Name one from 1 to ${newest}`;
  throw invalid(`There is no commit ${wrong.commit}: ${known}.`, { commit: wrong.commit });
}

/** The commit that deleted a contact last; 0 where none did. */
function deletedAt(id: string, parts: PartsByName): number {
  return parts.get(id)?.findLast(({ event }) => event.type === 'contact_deleted')?.n ?? 0;
}

/** The contact that an alias stands for, where a part tells of one. */
function targetOf({ event }: ContactPart): string | undefined {
  return event.type === 'contacts_saved' ? event.aliases?.[0]?.[1] : undefined;
}

/** The contacts of which an id was another one. */
export function aliasedIn(id: string, parts: PartsByName): string[] {
  return (parts.get(id) ?? []).flatMap((part) => targetOf(part) ?? []);
}

/**
 * What happened to some contacts up to a commit, in the log's order, without whoever was deleted after it: as after an
 * erasure, also where that is still to come.
 */
function eventsUpTo(commit: number, ids: ReadonlySet<string>, parts: PartsByName): Event[] {
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
export function asItWas({ commit, contact_id }: PastContact, parts: PartsByName): AsItWas | undefined {
  const [book, activity, ledger] = [contactsKind.empty(), activityKind.empty(), ledgerKind.empty()];
  for (const event of eventsUpTo(commit, new Set([contact_id, ...aliasedIn(contact_id, parts)]), parts)) {
    contactsKind.fold(book, event, '');
    activityKind.fold(activity, event, '');
    ledgerKind.fold(ledger, event, '');
  }
  const contact = book.byId.get(contact_id) ?? book.byId.get(book.aliases.get(contact_id) ?? '');
  if (!contact) return undefined;
  const done = activity.get(contact.id) ?? { events: [], notes: [] };
  return { contact, activity: done, ledger: ledger.get(contact.id) ?? [] };
}
