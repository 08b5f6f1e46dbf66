import type { Belonging } from '../../../domain/agents/audience.ts';
import type { Identity } from '../../../domain/agents/identity.ts';
import type { Thread, ThreadMessage } from '../../../domain/agents/thread.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import type { DecisionEntry, DecisionHead } from '../../../domain/decisions/decision.ts';
import type { BacktestPlan } from '../../../domain/runs/replay.ts';
import type { ContactResult, Lease, Run } from '../../../domain/runs/run.ts';
import { namesOfDeleted } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';
import {
  identitiesKind,
  type Kind,
  keysKind,
  mailboxesKind,
  paceKind,
  runKind,
  runsKind,
  sendersKind,
} from '../../../domain/state/fold.ts';
import { agentFileKind, agentsKind, evaluatedKind, indexName, spentKind } from '../../../domain/state/fold-agents.ts';
import { type Brake, brakeKind } from '../../../domain/state/fold-brake.ts';
import { activityKind, ledgerKind } from '../../../domain/state/fold-contacts.ts';
import { decisionHeadKind, decisionsKind } from '../../../domain/state/fold-decisions.ts';
import { deskKind } from '../../../domain/state/fold-desk.ts';
import { openKind } from '../../../domain/state/fold-open.ts';
import { schedulesKind } from '../../../domain/state/fold-schedules.ts';
import { threadKind, threadsKind } from '../../../domain/state/fold-threads.ts';
import type { AgentBook, AgentCard, AgentFile, Desk, RunResults, Waiting } from '../../../domain/state/state.ts';
import { type AnySlot, Collection, type Surroundings } from '../snapshots/collection.ts';
import type { Stored } from '../snapshots/slot.ts';
import { changeBook } from './change-book.ts';
import { erasures } from './erasures.ts';
import { nonces, passkeys } from './passkey-book.ts';
import { addresses } from './people/addresses.ts';
import { births } from './people/births.ts';
import type { People } from './people/people.ts';

type Document<S, D extends object> = Stored<S, D, Event>;
type Entries<V> = [string, V][];

function byId<V extends { id: string }>(items: V[]): Map<string, V> {
  return new Map(items.map((item) => [item.id, item]));
}

/** Only where there are deleted agents of others is more kept than the agents: editions of before know but those. */
type AgentsData = AgentCard[] | { agents: AgentCard[]; gone: Entries<Belonging> };

const agents: Document<AgentBook, AgentsData> = {
  ...agentsKind,
  dump: ({ byId, gone }) => (gone.size === 0 ? [...byId.values()] : { agents: [...byId.values()], gone: [...gone] }),
  load(data) {
    const { agents, gone } = Array.isArray(data) ? { agents: data, gone: [] } : data;
    const book: AgentBook = { byId: byId(agents), byName: new Map(), gone: new Map(gone) };
    for (const card of agents) indexName(book, card);
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

type RunData = {
  backtest?: BacktestPlan;
  contact_ids?: string[];
  targets: string[];
  results: ContactResult[];
  leases?: Entries<Lease>;
};

const run: Document<RunResults, RunData> = {
  ...runKind,
  dump: (state) => ({ ...state, results: [...state.results.values()], leases: [...state.leases] }),
  load: (data) => ({
    ...data,
    results: new Map(data.results.map((result) => [result.contact_id, result])),
    leases: new Map(data.leases ?? []),
  }),
};

/** The contacts that came in one segment of the log, in the order in which they came. */
const contacts: Document<Map<string, Contact>, Contact[]> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'contacts_saved') for (const contact of event.contacts) state.set(contact.id, contact);
    if (event.type === 'contact_deleted') for (const name of namesOfDeleted(event)) state.delete(name);
  },
  dump: (state) => [...state.values()],
  load: byId,
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
const senders = entriesOf(sendersKind);
const spent = entriesOf(spentKind);

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
  'name' | 'spread' | 'take' | 'fileOf' | 'forget' | 'idle'
> & {
  slot: (id: string) => AnySlot | undefined;
  entries: () => [string, AnySlot][];
  /** About how many bytes of JSON the documents in memory have. */
  held: () => number;
};

/** All collections of a home, each as a property, and all of them by name. */
export type Documents = ReturnType<typeof documentsIn>;

/** The collections of which a document is read by its own key alone. */
type Plain = Exclude<keyof Documents, 'byName' | 'ids' | 'addresses' | 'contacts' | 'activity' | 'ledger'>;
/** All that a view is made of, for reading only. */
export type Readable = { readonly [K in Plain]: Pick<Documents[K], 'get'> } & { readonly people: People };

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
    agents: of('agents', agents),
    agentFiles: of('agents/', agentFile),
    evaluated: of('evaluated/', evaluated),
    runs: of('runs', runs),
    results: of('runs/', run),
    ids: of('ids/', births),
    addresses: of('addresses/', addresses),
    contacts: of('contacts/', contacts),
    activity: of('activity/', activity),
    ledger: of('ledger/', ledger),
    desk: of('desk', desk),
    open: of('open', open),
    schedules: of('schedules', schedules),
    brake: of('brake', brake),
    pace: of('pace', pace),
    identities: of('identities', identities),
    mailboxes: of('mailboxes', mailboxes),
    senders: of('senders', senders),
    spent: of('spent', spent),
    threads: of('threads', threads),
    thread: of('threads/', thread),
    keys: of('keys', keys),
    changes: of('changes', changeBook),
    passkeys: of('passkeys', passkeys),
    nonces: of('nonces', nonces),
    erasures: of('erasures', erasures),
    decisionHead: of('decisions', decisionHead),
    decisions: of('decisions/', decisions),
  };
  const all: AnyCollection[] = Object.values(known);
  return { ...known, byName: new Map(all.map((collection) => [collection.name, collection])) };
}
