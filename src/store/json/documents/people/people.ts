import { addressKey } from '../../../../domain/contacts/address.ts';
import type { Activity, Contact } from '../../../../domain/contacts/contact.ts';
import { isOlder } from '../../../../domain/state/fold-contacts.ts';
import type { LedgerEntry } from '../../../../domain/state/state.ts';
import { shardOf, strayOf } from '../../../documents/shards.ts';
import type { Sieve, Sifted } from '../../snapshots/sieve.ts';
import { type Addresses, idsAt } from './addresses.ts';
import type { Births } from './births.ts';
import type { Headcount } from './headcount.ts';
import type { Places } from './places.ts';

/** What a store knows of contacts, wherever it keeps it. */
export type People = {
  contact: (id: string) => Contact | undefined;
  /** Whether there is such a contact; its own document isn't read for that. */
  has: (id: string) => boolean;
  aliasOf: (id: string) => string | undefined;
  /** Where a contact is kept that has this id, or for which an import used it; undefined where there is none. */
  placeOf: (id: string) => string | undefined;
  /** Where a contact is kept that has an address or had it before. */
  placeAt: (email: string) => string | undefined;
  /** The contacts that have an address or had it before, the oldest first. */
  everAt: (email: string) => readonly Contact[];
  activity: (contactId: string) => Activity;
  ledger: (contactId: string) => readonly LedgerEntry[];
  total: () => number;
  /** Where all contacts lie, in the order in which they came: one stretch of them for each place. */
  stretches: () => readonly Stretch[];
  /** The contacts of a stretch, in the order in which they came. `isPassing`: nobody will ask for them again soon. */
  stretch: (name: string, isPassing?: boolean) => readonly Contact[];
  /**
   * The contacts of a stretch that a sieve lets pass, each in its place; undefined in the place of any other, unless the
   * stretch is in memory as a whole. They are read in passing.
   */
  sifted: (name: string, sieve: Sieve) => Readonly<Sifted<Contact>>;
  /** The last commit that changed a contact of a stretch. */
  changedAt: (name: string) => number | undefined;
  /** Reads what finds the contacts of a shard of ids and of addresses. Each takes a while where there are very many. */
  warm: (shard: string) => void;
  /** Says what will be read next. */
  want: (activity: readonly string[], ledger: readonly string[]) => void;
};

/** Contacts that lie together, and how many there are. */
export type Stretch = { name: string; count: number };

type Family<S> = { get: (id?: string) => S };
type PeopleDocuments = {
  contacts: Family<Map<string, Contact>> & {
    isLoaded: (id: string) => boolean;
    forget: (id: string) => void;
    sift: (id: string, sieve: Sieve) => Sifted<Contact> | null;
    touchedAt: (id: string) => number | undefined;
  };
  ids: Family<Births>;
  addresses: Family<Addresses>;
  activity: Family<Map<string, Activity>>;
  ledger: Family<Map<string, LedgerEntry[]>>;
  counts: Family<Headcount>;
};

/** The order in which places got their contacts: a part of a commit comes behind the segment in which that stands. */
function inOrder(one: string, other: string): number {
  const [[n = 0, part = 0], [otherN = 0, otherPart = 0]] = [one.split('.').map(Number), other.split('.').map(Number)];
  return n - otherN || part - otherPart;
}

function byTime(one: { timestamp: string }, other: { timestamp: string }): number {
  return one.timestamp < other.timestamp ? -1 : Number(one.timestamp > other.timestamp);
}

function together(stray: Activity | undefined, kept: Activity | undefined): Activity {
  if (!stray || !kept) return kept ?? stray ?? { events: [], notes: [] };
  return { events: [...stray.events, ...kept.events].sort(byTime), notes: [...stray.notes, ...kept.notes] };
}

/** The contacts of one place. Where they are only passed, they don't stay in memory for that. */
function stretchIn(contacts: PeopleDocuments['contacts'], name: string, isPassing: boolean): Contact[] {
  const isKept = !isPassing || contacts.isLoaded(name);
  const found = [...contacts.get(name).values()];
  if (!isKept) contacts.forget(name);
  return found;
}

/** The places that have contacts, in the order in which they got them, and how many each has. */
function stretchesIn(counts: ReadonlyMap<string, number>): { name: string; count: number }[] {
  const sorted = [...counts].sort(([one], [other]) => inOrder(one, other));
  return sorted.map(([name, count]) => ({ name, count }));
}

/** Reads contacts from the documents that have them. */
export function peopleIn(
  { contacts, ids, addresses, activity, ledger, counts }: PeopleDocuments,
  places: Places,
): People {
  const contact = (id: string) => {
    const place = places.placeOf(id);
    return place === undefined ? undefined : contacts.get(place).get(id);
  };
  /** What is kept of a contact, and what was said of it before it came. */
  const both = <V>(family: Family<Map<string, V>>, id: string) => {
    const place = places.placeOf(id);
    return [family.get(strayOf(id)).get(id), place === undefined ? undefined : family.get(place).get(id)] as const;
  };
  const stretch = (name: string, isPassing = false) => stretchIn(contacts, name, isPassing);
  const idsEverAt = (email: string) => {
    const key = addressKey(email);
    return idsAt(addresses.get(shardOf(key)), key);
  };
  return {
    contact,
    has: (id) => places.birthOf(id) !== undefined,
    stretch,
    sifted: (name, sieve) => contacts.sift(name, sieve) ?? stretch(name, true),
    changedAt: (name) => contacts.touchedAt(name),
    aliasOf: (id) => places.aliasOf(id),
    placeOf: (id) => places.placeOf(id) ?? places.placeOf(places.aliasOf(id) ?? ''),
    placeAt: (email) => places.placeOf(idsEverAt(email)[0] ?? ''),
    everAt(email) {
      const found = idsEverAt(email).flatMap((id) => contact(id) ?? []);
      return found.length > 1 ? found.sort((one, other) => (isOlder(one, other) ? -1 : 1)) : found;
    },
    activity: (id) => together(...both(activity, id)),
    ledger: (id) => both(ledger, id).flatMap((entries) => entries ?? []),
    total: () => [...counts.get().values()].reduce((sum, count) => sum + count, 0),
    stretches: () => stretchesIn(counts.get()),
    warm(shard) {
      ids.get(shard);
      addresses.get(shard);
    },
    want(wantedActivity, wantedLedger) {
      const placesOf = (ids: readonly string[]) => new Set(ids.flatMap((id) => places.placeOf(id) ?? []));
      const active = placesOf(wantedActivity);
      const proposed = wantedLedger === wantedActivity ? active : placesOf(wantedLedger);
      for (const place of active) activity.get(place);
      for (const place of proposed) ledger.get(place);
    },
  };
}
