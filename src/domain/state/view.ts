import type { Agent } from '../agents/agent.ts';
import type { Identity } from '../agents/identity.ts';
import type { Thread, ThreadMessage } from '../agents/thread.ts';
import type { Activity, Contact } from '../contacts/contact.ts';
import type { DecisionEntry, DecisionHead } from '../decisions/decision.ts';
import type { Run } from '../runs/run.ts';
import type { AgentQuery, Named, OpenQuery, Page, Rows, RunQuery, ThreadQuery } from './queries.ts';
import type {
  AgentCard,
  AgentFile,
  Erasures,
  LastRun,
  LedgerEntry,
  OpenAction,
  RunResults,
  Schedule,
  UnfinishedRun,
  UsedKey,
  Waiting,
} from './state.ts';

/** What a look is about to ask for, so that a store can load all of it in one go. */
export type Wanted = { activity?: readonly string[]; ledger?: readonly string[]; results?: readonly string[] };

/**
 * What tells of a contact, and goes with it: runs that named, targeted or evaluated it, how many hold a result on it, their
 * agents, and conversations about it, or in which its address or its row was told.
 */
export type Traces = { run_ids: string[]; agent_ids: string[]; results: number; thread_ids: string[] };

/**
 * The state as of one commit, by keys and by queries. Callers read and copy; they never change what they get. A look may
 * run again, against the same state or a newer one, so it draws no ids, reads no clock and has no effects. Each function
 * works by itself too: a view may be taken apart, or dressed in others.
 */
export type View = {
  /** How many commits there are; the same number means that nothing changed. */
  commits: () => number;
  agent: (id: string) => AgentCard | undefined;
  /** Ids of the agents of a name, in any case, oldest first. */
  agentsNamed: (name: string) => readonly string[];
  /** Agents that write as an identity. */
  agentsOf: (identityId: string) => readonly AgentCard[];
  agentFile: (id: string) => AgentFile;
  /** When an agent last evaluated a contact. */
  evaluatedAt: (agentId: string, contactId: string) => string | undefined;
  run: (id: string) => Run | undefined;
  /** All runs of an agent, oldest first. */
  runsOf: (agentId: string) => readonly Run[];
  results: (runId: string) => RunResults;
  contact: (id: string) => Contact | undefined;
  /** The id of the contact for which an import used another id. */
  aliasOf: (id: string) => string | undefined;
  /** The oldest contact that has an address, in any case. */
  contactAt: (email: string) => Contact | undefined;
  tracesOf: (contact: Contact) => Traces;
  activity: (contactId: string) => Activity;
  ledger: (contactId: string) => readonly LedgerEntry[];
  /** Every open action that a query finds, in the order in which they became open; for a page of them, `find.open`. */
  open: (query: OpenQuery) => readonly OpenAction[];
  /** How much is open, by run. */
  waiting: () => ReadonlyMap<string, Waiting>;
  /** Runs that aren't over, of one agent or of all, oldest first. */
  unfinished: (agentId?: string) => readonly UnfinishedRun[];
  lastRun: (agentId: string) => LastRun | undefined;
  schedule: (agentId: string) => Schedule | undefined;
  /** Every agent that has a schedule. */
  schedules: () => readonly (readonly [agentId: string, schedule: Schedule])[];
  identity: (id: string) => Identity | undefined;
  thread: (id: string) => Thread | undefined;
  messages: (threadId: string) => readonly ThreadMessage[];
  /** What an idempotency key of a tool made. */
  key: (tool: string, key: string) => UsedKey | undefined;
  erasures: () => Erasures;
  /** A name for nobody, by which the log tells of a deleted contact from then on; made of an id that was drawn. */
  standIn: (contactId: string, drawn: string) => string;
  /** Where the decision log ends. */
  decisionHead: () => DecisionHead;
  /** One stretch of the decision log, by `chunkOf`. */
  decisions: (chunk: string) => readonly DecisionEntry[];
  /** Whether a holder of a lease lives, by the store's clock. */
  isAlive: (holder: string) => boolean;
  /** Says what comes next; changes nothing of what is read. */
  want: (wanted: Wanted) => void;
  /** Pages, newest first unless said. */
  find: {
    agents: (query: AgentQuery, page: Page) => Rows<AgentCard>;
    runs: (query: RunQuery, page: Page) => Rows<Run>;
    contacts: (page: Page) => Rows<Contact>;
    /** In the order of proposing. */
    open: (query: OpenQuery, page: Page) => Rows<OpenAction>;
    /** Those talked in last come first. */
    threads: (query: ThreadQuery, page: Page) => Rows<Thread>;
    identities: (page: Page) => Rows<Identity>;
    /** The name or id closest to one that isn't there, among all. */
    similar: (kind: Named, wanted: string) => string | undefined;
  };
};

/** An agent as it stands, whole. */
export function currentAgent(view: View, id: string): Agent | undefined {
  return view.agent(id) && view.agentFile(id).versions.at(-1);
}

/** A contact by its id, or by another id that an import used for it. */
export function contactOf(view: View, id: string): Contact | undefined {
  return view.contact(id) ?? view.contact(view.aliasOf(id) ?? '');
}
