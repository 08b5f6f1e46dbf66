import type { Identity } from '../../../domain/agents/identity.ts';
import type { Thread, ThreadMessage } from '../../../domain/agents/thread.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import type { DecisionEntry, DecisionHead } from '../../../domain/decisions/decision.ts';
import type { ContactResult, Lease, Run } from '../../../domain/runs/run.ts';
import type { Event } from '../../../domain/state/events.ts';
import {
  identitiesKind,
  type Kind,
  keysKind,
  mailboxesKind,
  paceKind,
  runKind,
  runsKind,
} from '../../../domain/state/fold.ts';
import { agentFileKind, agentsKind, evaluatedKind, indexName } from '../../../domain/state/fold-agents.ts';
import { type Brake, brakeKind } from '../../../domain/state/fold-brake.ts';
import { activityKind, contactsKind, indexEmail, ledgerKind } from '../../../domain/state/fold-contacts.ts';
import { decisionHeadKind, decisionsKind } from '../../../domain/state/fold-decisions.ts';
import { deskKind } from '../../../domain/state/fold-desk.ts';
import { openKind } from '../../../domain/state/fold-open.ts';
import { schedulesKind } from '../../../domain/state/fold-schedules.ts';
import { threadKind, threadsKind } from '../../../domain/state/fold-threads.ts';
import type {
  AgentBook,
  AgentCard,
  AgentFile,
  ContactBook,
  Desk,
  RunResults,
  Waiting,
} from '../../../domain/state/state.ts';
import { changeBook } from './change-book.ts';
import { type AnySlot, Collection, type Surroundings } from './collection.ts';
import { erasures } from './erasures.ts';
import type { Stored } from './slot.ts';

type Document<S, D extends object> = Stored<S, D, Event>;
type Entries<V> = [string, V][];

function byId<V extends { id: string }>(items: V[]): Map<string, V> {
  return new Map(items.map((item) => [item.id, item]));
}

const agents: Document<AgentBook, AgentCard[]> = {
  ...agentsKind,
  dump: (state) => [...state.byId.values()],
  load(data) {
    const book: AgentBook = { byId: byId(data), byName: new Map() };
    for (const card of data) indexName(book, card);
    return book;
  },
};

const agentFile: Document<AgentFile, AgentFile> = {
  ...agentFileKind,
  dump: (state) => ({ ...state }),
  load: (data) => data,
};

/** How a map is kept as its entries. */
function entriesOf<V>(kind: Kind<Map<string, V>>): Document<Map<string, V>, Entries<V>> {
  return { ...kind, dump: (state) => [...state], load: (data) => new Map(data) };
}

const evaluated = entriesOf(evaluatedKind);

const runs: Document<Map<string, Run>, Run[]> = {
  ...runsKind,
  dump: (state) => [...state.values()],
  load: byId,
};

type RunData = { contact_ids?: string[]; targets: string[]; results: ContactResult[]; leases?: Entries<Lease> };

const run: Document<RunResults, RunData> = {
  ...runKind,
  dump: (state) => ({ ...state, results: [...state.results.values()], leases: [...state.leases] }),
  load: (data) => ({
    ...data,
    results: new Map(data.results.map((result) => [result.contact_id, result])),
    leases: new Map(data.leases ?? []),
  }),
};

type ContactsData = { contacts: Contact[]; aliases: Entries<string>; former?: Entries<readonly string[]> };

const contacts: Document<ContactBook, ContactsData> = {
  ...contactsKind,
  dump: (state) => ({ contacts: [...state.byId.values()], aliases: [...state.aliases], former: [...state.former] }),
  load(data) {
    const book: ContactBook = {
      byId: byId(data.contacts),
      byEmail: new Map(),
      sharing: new Map(),
      aliases: new Map(data.aliases),
      former: new Map(data.former ?? []),
    };
    for (const contact of data.contacts) indexEmail(book, contact.id, contact.email);
    return book;
  },
};

const activity = entriesOf(activityKind);

const ledger = entriesOf(ledgerKind);

type DeskData = {
  waiting: Entries<Waiting>;
  unfinished: Entries<MapValue<Desk['unfinished']>>;
  last_runs: Entries<MapValue<Desk['last_runs']>>;
};
type MapValue<M> = M extends Map<string, infer V> ? V : never;

const desk: Document<Desk, DeskData> = {
  ...deskKind,
  dump: (state) => ({
    waiting: [...state.waiting],
    unfinished: [...state.unfinished],
    last_runs: [...state.last_runs],
  }),
  load: (data) => ({
    waiting: new Map(data.waiting),
    unfinished: new Map(data.unfinished),
    last_runs: new Map(data.last_runs),
  }),
};

const open = entriesOf(openKind);

const schedules = entriesOf(schedulesKind);

const brake: Document<Brake, Brake> = {
  ...brakeKind,
  dump: (state) => ({ ...state }),
  load: (data) => data,
};

const identities: Document<Map<string, Identity>, Identity[]> = {
  ...identitiesKind,
  dump: (state) => [...state.values()],
  load: byId,
};

const pace = entriesOf(paceKind);
const mailboxes = entriesOf(mailboxesKind);

const threads: Document<Map<string, Thread>, Thread[]> = {
  ...threadsKind,
  dump: (state) => [...state.values()],
  load: (data) => new Map(data.map((thread) => [thread.thread_id, thread])),
};

const thread: Document<ThreadMessage[], ThreadMessage[]> = {
  ...threadKind,
  dump: (state) => [...state],
  load: (data) => data,
};

const keys = entriesOf(keysKind);

const decisionHead: Document<DecisionHead, DecisionHead> = {
  ...decisionHeadKind,
  dump: (state) => ({ ...state }),
  load: (data) => data,
};

const decisions: Document<DecisionEntry[], DecisionEntry[]> = {
  ...decisionsKind,
  dump: (state) => [...state],
  load: (data) => data,
};

/** A collection of any kind, for code that handles all of them. */
export type AnyCollection = Pick<
  Collection<unknown, object, Event>,
  'name' | 'spread' | 'take' | 'fileOf' | 'forget'
> & {
  slot: (id: string) => AnySlot | undefined;
  entries: () => IterableIterator<[string, AnySlot]>;
};

/** All collections of a home, each as a property, and all of them by name. */
export type Documents = ReturnType<typeof documentsIn>;

/** All collections of a home, for reading only. */
export type Readable = {
  readonly [K in Exclude<keyof Documents, 'byName'>]: Pick<Documents[K], 'get'>;
};

/** Families with a fixed number of documents. One bulk run touches all of them. */
const SHARDED = new Set(['activity/', 'ledger/']);

/** Whether a family may have any number of documents. The list of its members is then a document too. */
export function isCountless(family: string): boolean {
  return family.endsWith('/') && !SHARDED.has(family);
}

/** Makes the collections of a home. Nothing is loaded yet. */
export function documentsIn(around: Surroundings<Event>) {
  const of = <S, D extends object>(name: string, stored: Document<S, D>) =>
    new Collection(name, stored, around, SHARDED.has(name) ? 16 : 1);
  const known = {
    agents: of('agents', agents),
    agentFiles: of('agents/', agentFile),
    evaluated: of('evaluated/', evaluated),
    runs: of('runs', runs),
    results: of('runs/', run),
    contacts: of('contacts', contacts),
    activity: of('activity/', activity),
    ledger: of('ledger/', ledger),
    desk: of('desk', desk),
    open: of('open', open),
    schedules: of('schedules', schedules),
    brake: of('brake', brake),
    pace: of('pace', pace),
    identities: of('identities', identities),
    mailboxes: of('mailboxes', mailboxes),
    threads: of('threads', threads),
    thread: of('threads/', thread),
    keys: of('keys', keys),
    changes: of('changes', changeBook),
    erasures: of('erasures', erasures),
    decisionHead: of('decisions', decisionHead),
    decisions: of('decisions/', decisions),
  };
  const all: AnyCollection[] = Object.values(known);
  return { ...known, byName: new Map(all.map((collection) => [collection.name, collection])) };
}
