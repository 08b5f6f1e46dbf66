import type { Belonging } from '../../domain/agents/audience.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import type { Thread, ThreadMessage } from '../../domain/agents/thread.ts';
import type { DecisionEntry, DecisionHead } from '../../domain/decisions/decision.ts';
import type { BacktestPlan } from '../../domain/runs/replay.ts';
import type { ContactResult, Lease, Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import {
  identitiesKind,
  type Kind,
  keysKind,
  mailboxesKind,
  paceKind,
  runKind,
  runsKind,
  sendersKind,
} from '../../domain/state/fold.ts';
import { agentFileKind, agentsKind, evaluatedKind, indexName, spentKind } from '../../domain/state/fold-agents.ts';
import { type Brake, brakeKind } from '../../domain/state/fold-brake.ts';
import { activityKind, ledgerKind } from '../../domain/state/fold-contacts.ts';
import { decisionHeadKind, decisionsKind } from '../../domain/state/fold-decisions.ts';
import { deskKind } from '../../domain/state/fold-desk.ts';
import { openKind } from '../../domain/state/fold-open.ts';
import { schedulesKind } from '../../domain/state/fold-schedules.ts';
import { threadKind, threadsKind } from '../../domain/state/fold-threads.ts';
import type {
  AgentBook,
  AgentCard,
  AgentFile,
  Desk,
  RunResults,
  TakenTarget,
  Waiting,
} from '../../domain/state/state.ts';
import { changeBook } from './change-book.ts';
import { erasures } from './erasures.ts';
import { nonces, passkeys } from './passkey-book.ts';
import type { Stored } from './stored.ts';

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
  taken?: Entries<TakenTarget>;
};

const run: Document<RunResults, RunData> = {
  ...runKind,
  dump: ({ taken, ...state }) => ({
    ...state,
    results: [...state.results.values()],
    leases: [...state.leases],
    ...(taken.size > 0 ? { taken: [...taken] } : {}),
  }),
  load: (data) => ({
    ...data,
    results: new Map(data.results.map((result) => [result.contact_id, result])),
    leases: new Map(data.leases ?? []),
    taken: new Map(data.taken ?? []),
  }),
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

/** How each kind of document begins, changes, and is written as JSON. A store may keep the documents as a whole, or in rows. */
export const documentKinds = {
  agents,
  agentFile,
  evaluated,
  runs,
  run,
  activity,
  ledger,
  desk,
  open,
  schedules,
  brake,
  identities,
  pace,
  mailboxes,
  senders,
  spent,
  threads,
  thread,
  keys,
  decisionHead,
  decisions,
  changes: changeBook,
  erasures,
  passkeys,
  nonces,
};
