import type { Contact } from '../../domain/contact.ts';
import type { DecisionEntry, DecisionHead } from '../../domain/decision.ts';
import { identitiesKind, type Kind, keysKind, runKind, runsKind } from '../../domain/fold.ts';
import { agentFileKind, agentsKind, evaluatedKind, indexName } from '../../domain/fold-agents.ts';
import { activityKind, contactsKind, indexEmail, ledgerKind } from '../../domain/fold-contacts.ts';
import { decisionHeadKind, decisionsKind } from '../../domain/fold-decisions.ts';
import { deskKind } from '../../domain/fold-desk.ts';
import { openKind } from '../../domain/fold-open.ts';
import { schedulesKind } from '../../domain/fold-schedules.ts';
import { threadKind, threadsKind } from '../../domain/fold-threads.ts';
import type { Identity } from '../../domain/identity.ts';
import type { ContactResult, Lease, Run } from '../../domain/run.ts';
import type {
  Activity,
  AgentBook,
  AgentCard,
  AgentFile,
  ContactBook,
  Desk,
  LedgerEntry,
  OpenAction,
  RunResults,
  Schedule,
  UsedKey,
  Waiting,
} from '../../domain/state.ts';
import type { Thread, ThreadMessage } from '../../domain/thread.ts';

/** A kind of document, and how it is written as JSON: `D` is what `JSON.parse` gives back of what `dump` gave. */
export type Stored<S, D> = Kind<S> & { dump: (state: S) => D; load: (data: D) => S };

type Entries<V> = [string, V][];

function byId<V extends { id: string }>(items: V[]): Map<string, V> {
  return new Map(items.map((item) => [item.id, item]));
}

export const agents: Stored<AgentBook, AgentCard[]> = {
  ...agentsKind,
  dump: (state) => [...state.byId.values()],
  load(data) {
    const book: AgentBook = { byId: byId(data), byName: new Map() };
    for (const card of data) indexName(book, card);
    return book;
  },
};

export const agentFile: Stored<AgentFile, AgentFile> = {
  ...agentFileKind,
  dump: (state) => ({ ...state }),
  load: (data) => data,
};

export const evaluated: Stored<Map<string, string>, Entries<string>> = {
  ...evaluatedKind,
  dump: (state) => [...state],
  load: (data) => new Map(data),
};

export const runs: Stored<Map<string, Run>, Run[]> = {
  ...runsKind,
  dump: (state) => [...state.values()],
  load: byId,
};

type RunData = { contact_ids?: string[]; targets: string[]; results: ContactResult[]; leases?: Entries<Lease> };

export const run: Stored<RunResults, RunData> = {
  ...runKind,
  dump: (state) => ({ ...state, results: [...state.results.values()], leases: [...state.leases] }),
  load: (data) => ({
    ...data,
    results: new Map(data.results.map((result) => [result.contact_id, result])),
    leases: new Map(data.leases ?? []),
  }),
};

export const contacts: Stored<ContactBook, { contacts: Contact[]; aliases: Entries<string> }> = {
  ...contactsKind,
  dump: (state) => ({ contacts: [...state.byId.values()], aliases: [...state.aliases] }),
  load(data) {
    const book: ContactBook = { byId: byId(data.contacts), byEmail: new Map(), aliases: new Map(data.aliases) };
    for (const contact of data.contacts) indexEmail(book, contact.id, contact.email);
    return book;
  },
};

export const activity: Stored<Map<string, Activity>, Entries<Activity>> = {
  ...activityKind,
  dump: (state) => [...state],
  load: (data) => new Map(data),
};

export const ledger: Stored<Map<string, LedgerEntry[]>, Entries<LedgerEntry[]>> = {
  ...ledgerKind,
  dump: (state) => [...state],
  load: (data) => new Map(data),
};

type DeskData = {
  waiting: Entries<Waiting>;
  unfinished: Entries<MapValue<Desk['unfinished']>>;
  last_runs: Entries<MapValue<Desk['last_runs']>>;
};
type MapValue<M> = M extends Map<string, infer V> ? V : never;

export const desk: Stored<Desk, DeskData> = {
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

export const open: Stored<Map<string, OpenAction>, Entries<OpenAction>> = {
  ...openKind,
  dump: (state) => [...state],
  load: (data) => new Map(data),
};

export const schedules: Stored<Map<string, Schedule>, Entries<Schedule>> = {
  ...schedulesKind,
  dump: (state) => [...state],
  load: (data) => new Map(data),
};

export const identities: Stored<Map<string, Identity>, Identity[]> = {
  ...identitiesKind,
  dump: (state) => [...state.values()],
  load: byId,
};

export const threads: Stored<Map<string, Thread>, Thread[]> = {
  ...threadsKind,
  dump: (state) => [...state.values()],
  load: (data) => new Map(data.map((thread) => [thread.thread_id, thread])),
};

export const thread: Stored<ThreadMessage[], ThreadMessage[]> = {
  ...threadKind,
  dump: (state) => state,
  load: (data) => data,
};

export const keys: Stored<Map<string, UsedKey>, Entries<UsedKey>> = {
  ...keysKind,
  dump: (state) => [...state],
  load: (data) => new Map(data),
};

export const decisionHead: Stored<DecisionHead, DecisionHead> = {
  ...decisionHeadKind,
  dump: (state) => state,
  load: (data) => data,
};

export const decisions: Stored<DecisionEntry[], DecisionEntry[]> = {
  ...decisionsKind,
  dump: (state) => state,
  load: (data) => data,
};
