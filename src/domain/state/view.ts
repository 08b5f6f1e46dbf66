import type { Agent } from '../agents/agent.ts';
import type { Belonging } from '../agents/audience.ts';
import type { Identity } from '../agents/identity.ts';
import type { Thread, ThreadMessage } from '../agents/thread.ts';
import type { Activity, Contact } from '../contacts/contact.ts';
import type { DecisionEntry, DecisionHead } from '../decisions/decision.ts';
import type { PasskeyBook } from '../decisions/passkey.ts';
import type { Sent } from '../mail/pace.ts';
import type { Run } from '../runs/run.ts';
import type { Spent } from '../runs/spent.ts';
import type { Brake } from './fold-brake.ts';
import type { KeptChange, Standing } from './kept-change.ts';
import type { AgentQuery, Named, OpenQuery, Page, Rows, RunQuery, ThreadQuery } from './queries.ts';
import type {
  AgentCard,
  AgentFile,
  Erasures,
  LastRun,
  LedgerEntry,
  Mailbox,
  OpenAction,
  RunResults,
  Schedule,
  UnfinishedRun,
  UsedKey,
  Waiting,
} from './state.ts';

/** What a look is going to read: activity and ledger by contact ids, results by run ids. */
export type Prefetch = { activity?: readonly string[]; ledger?: readonly string[]; results?: readonly string[] };

/** What belongs to a team: an agent, and what hangs on one. */
export type TeamOwned = 'agent' | 'run' | 'thread';

/**
 * Where else a contact appears: runs that named, targeted or evaluated it, their agents, how many results there are, and
 * conversations about it, or in which its address or its row was told.
 */
export type Traces = { run_ids: string[]; agent_ids: string[]; results: number; thread_ids: string[] };

/**
 * The state as of one commit, by keys and by queries. Callers read and copy; they never change what they get. A look at
 * a view may run again, on the same state or a newer one, so it draws no ids, reads no clock and has no effects. Each
 * function of a view works by itself too, so that a part of a view can be replaced.
 */
export type View = {
  /** How many commits there are. While the number is the same, nothing has changed. */
  commits: () => number;
  /** The view of everything, where this one is limited to what one person sees (`wholeOf`). */
  whole?: View;
  /** Whether whoever looks sees an agent, or saw one that was deleted. Of others only what, how it went, and when is told. */
  shows: (agentId: string) => boolean;
  /**
   * Whether the store lets a team have something of its agents, beside what `seesAgent` says: a database goes by its own row-level
   * security, and files let all of it pass.
   */
  shownTo: (team: number, what: TeamOwned, id: string) => boolean;
  /** Whose an agent is, or was before it was deleted. */
  belonging: (agentId: string) => Belonging;
  agent: (id: string) => AgentCard | undefined;
  /** The ids of the agents with a name, in any case, oldest first. */
  agentsNamed: (name: string) => readonly string[];
  /** The agents that send as an identity. */
  agentsOf: (identityId: string) => readonly AgentCard[];
  agentFile: (id: string) => AgentFile;
  /** When an agent last evaluated a contact. */
  evaluatedAt: (agentId: string, contactId: string) => string | undefined;
  run: (id: string) => Run | undefined;
  /** All runs of an agent, oldest first. */
  runsOf: (agentId: string) => readonly Run[];
  results: (runId: string) => RunResults;
  contact: (id: string) => Contact | undefined;
  /** Whether there is a contact with this id of its own. It takes less than the contact itself, for thousands of ids. */
  hasContact: (id: string) => boolean;
  /** The contact's own id, where an import used `id` for a contact that it found by email. */
  aliasOf: (id: string) => string | undefined;
  /** The oldest contact that has an email address, however it is written. */
  contactAt: (email: string) => Contact | undefined;
  /** All contacts that have an email address, however it is written, the oldest first. */
  contactsAt: (email: string) => readonly Contact[];
  /** The contacts that had an email address before, however it is written, and have another one now. */
  formerlyAt: (email: string) => readonly Contact[];
  tracesOf: (contact: Contact) => Traces;
  activity: (contactId: string) => Activity;
  ledger: (contactId: string) => readonly LedgerEntry[];
  /** Every open action that a query finds, in the order in which they became open. `find.open` gives a page. */
  open: (query: OpenQuery) => readonly OpenAction[];
  /** The open actions of each run, counted, by run id. */
  waiting: () => ReadonlyMap<string, Waiting>;
  /** Runs that aren't over, of one agent or of all, oldest first. */
  unfinished: (agentId?: string) => readonly UnfinishedRun[];
  lastRun: (agentId: string) => LastRun | undefined;
  schedule: (agentId: string) => Schedule | undefined;
  /** Every agent that has a schedule. */
  schedules: () => readonly (readonly [agentId: string, schedule: Schedule])[];
  /** Whether the brake is on, since when, and who switched it. */
  brake: () => Brake;
  identity: (id: string) => Identity | undefined;
  /** What models cost on each day, by agent. */
  spent: () => Spent;
  /** Every version of an identity, oldest first. */
  identityVersions: (id: string) => readonly Identity[];
  /** What an identity has sent by its mail server; undefined where it never did. */
  sent: (identityId: string) => Sent | undefined;
  /** How far an identity's mailbox was read; undefined where nobody ever read it. */
  mailbox: (identityId: string) => Mailbox | undefined;
  thread: (id: string) => Thread | undefined;
  messages: (threadId: string) => readonly ThreadMessage[];
  /** An agent's permission to act unasked; undefined where none was ever asked for. */
  standing: (agentId: string) => Standing | undefined;
  /** The changes that wait for a person, oldest first; also those that can't be made any more. */
  changes: () => readonly KeptChange[];
  /** The imports that a person allowed and that weren't made yet: until when each may be, by its `source`. */
  permits: () => ReadonlyMap<string, string>;
  /** The earlier use of an idempotency key with a tool. */
  key: (tool: string, key: string) => UsedKey | undefined;
  /** The passkeys of everybody, and whether whatever leaves the machine needs a signature. */
  passkeys: () => PasskeyBook;
  /** Whether something was signed with this nonce before. */
  isSpent: (nonce: string) => boolean;
  erasures: () => Erasures;
  /** The id by which the log names a deleted contact from then on. `drawn` is a new id, drawn before the decision. */
  standIn: (contactId: string, drawn: string) => string;
  /** The newest entry of the decision log, as number and hash. */
  decisionHead: () => DecisionHead;
  /** The entries of one document of the decision log, which `chunkOf` names. */
  decisions: (chunk: string) => readonly DecisionEntry[];
  /** Whether a process lives: whether its lease still runs, by the store's clock. */
  isAlive: (holder: string) => boolean;
  /** Whether a process ended in order, and took its lease away. One that was killed, or hangs, has not. */
  hasLeft: (holder: string) => boolean;
  /** Tells the store what the look will read next, so that it loads all of that at once. It changes no answer. */
  want: (wanted: Prefetch) => void;
  /** Pages of what a query finds, newest first unless said otherwise. */
  find: {
    agents: (query: AgentQuery, page: Page) => Rows<AgentCard>;
    runs: (query: RunQuery, page: Page) => Rows<Run>;
    contacts: (page: Page) => Rows<Contact>;
    /** In the order in which the actions were proposed. */
    open: (query: OpenQuery, page: Page) => Rows<OpenAction>;
    /** The thread with the latest message first. */
    threads: (query: ThreadQuery, page: Page) => Rows<Thread>;
    identities: (page: Page) => Rows<Identity>;
    /** The existing name or id that is closest to `wanted`; undefined where there is none. */
    similar: (kind: Named, wanted: string) => string | undefined;
  };
};

/**
 * The view of everything, by which the product itself decides, whoever calls: duplicates, cadence, freshness. It is the view
 * itself, unless that is one person's (`domain/visibility/limited-view.ts`).
 */
export function wholeOf(view: View): View {
  return view.whole ?? view;
}

/** The newest version of an agent, whole; undefined where there is no such agent. */
export function currentAgent(view: View, id: string): Agent | undefined {
  return view.agent(id) && view.agentFile(id).versions.at(-1);
}

/** A contact by its id, or by another id that an import used for it. */
export function contactOf(view: View, id: string): Contact | undefined {
  return view.contact(id) ?? view.contact(view.aliasOf(id) ?? '');
}
