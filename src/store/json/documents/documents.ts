import type { Contact } from '../../../domain/contacts/contact.ts';
import { namesOfDeleted } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';
import { documentKinds } from '../../documents/kinds.ts';
import type { Stored } from '../../documents/stored.ts';
import { type AnySlot, Collection, type Surroundings } from '../snapshots/collection.ts';
import { addresses } from './people/addresses.ts';
import { births } from './people/births.ts';

type Document<S, D extends object> = Stored<S, D, Event>;

/** The contacts that came in one segment of the log, in the order in which they came. */
const contacts: Document<Map<string, Contact>, Contact[]> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'contacts_saved') for (const contact of event.contacts) state.set(contact.id, contact);
    if (event.type === 'contact_deleted') for (const name of namesOfDeleted(event)) state.delete(name);
  },
  dump: (state) => [...state.values()],
  load: (data) => new Map(data.map((contact) => [contact.id, contact])),
};

/** A collection of any kind, for code that handles all of them. */
export type AnyCollection = Pick<
  Collection<unknown, object, Event>,
  'name' | 'spread' | 'take' | 'fileOf' | 'forget' | 'idle'
> & {
  slot: (id: string) => AnySlot | undefined;
  entries: () => [string, AnySlot][];
  /** About how many bytes of JSON the documents in memory have. */
  held: () => number;
};

/** All collections of a home, each as a property, and all of them by name. */
export type Documents = ReturnType<typeof documentsIn>;

/** Families whose documents are few: the shards of what is found by id or address, and those of the log's segments. */
const FEW = new Set(['ids/', 'addresses/', 'contacts/', 'activity/', 'ledger/']);
/** How many documents of a family one commit usually touches, where that isn't one. */
const SPREAD: Readonly<Record<string, number>> = { 'ids/': 16, 'addresses/': 16, 'activity/': 16, 'ledger/': 16 };

/** Whether a family is about contacts: the deletion of one concerns any of its documents. */
export function isOfPeople(family: string): boolean {
  return FEW.has(family);
}

/** Whether a family may have any number of documents. The list of its members is then a document too. */
export function isCountless(family: string): boolean {
  return family.endsWith('/') && !FEW.has(family);
}

/** Makes the collections of a home. Nothing is loaded yet. */
export function documentsIn(around: Surroundings<Event>) {
  const of = <S, D extends object>(name: string, stored: Document<S, D>) =>
    new Collection(name, stored, around, SPREAD[name] ?? 1);
  const known = {
    agents: of('agents', documentKinds.agents),
    agentFiles: of('agents/', documentKinds.agentFile),
    evaluated: of('evaluated/', documentKinds.evaluated),
    runs: of('runs', documentKinds.runs),
    results: of('runs/', documentKinds.run),
    ids: of('ids/', births),
    addresses: of('addresses/', addresses),
    contacts: of('contacts/', contacts),
    activity: of('activity/', documentKinds.activity),
    ledger: of('ledger/', documentKinds.ledger),
    desk: of('desk', documentKinds.desk),
    open: of('open', documentKinds.open),
    schedules: of('schedules', documentKinds.schedules),
    brake: of('brake', documentKinds.brake),
    pace: of('pace', documentKinds.pace),
    identities: of('identities', documentKinds.identities),
    mailboxes: of('mailboxes', documentKinds.mailboxes),
    senders: of('senders', documentKinds.senders),
    spent: of('spent', documentKinds.spent),
    threads: of('threads', documentKinds.threads),
    thread: of('threads/', documentKinds.thread),
    keys: of('keys', documentKinds.keys),
    changes: of('changes', documentKinds.changes),
    passkeys: of('passkeys', documentKinds.passkeys),
    nonces: of('nonces', documentKinds.nonces),
    erasures: of('erasures', documentKinds.erasures),
    decisionHead: of('decisions', documentKinds.decisionHead),
    decisions: of('decisions/', documentKinds.decisions),
  };
  const all: AnyCollection[] = Object.values(known);
  return { ...known, byName: new Map(all.map((collection) => [collection.name, collection])) };
}
