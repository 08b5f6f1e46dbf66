import type { Agent } from '../agents/agent.ts';
import type { Belonging } from '../agents/audience.ts';
import type { UsageTotal } from '../base/usage.ts';
import type { Contact } from '../contacts/contact.ts';
import type { KeptObjections } from '../contacts/kept-objections.ts';
import type { MailboxStand } from '../mail/mailbox.ts';
import type { BacktestPlan } from '../runs/replay.ts';
import type { ActionRef, ActionStatus, ContactResult, Lease, RunStatus } from '../runs/run.ts';
import type { Erasure } from './erasure.ts';

/** The newest version of an agent without its long texts: all that lists and look-ups need. */
export type AgentCard = Omit<Agent, 'playbook' | 'output_schema' | 'custom_functions'>;

/**
 * All agents by id, and their ids by name in lower case. `gone`: whose deleted agents were, but for the home owner's own
 * ones: their threads and what they did stay.
 */
export type AgentBook = {
  byId: Map<string, AgentCard>;
  byName: Map<string, Set<string>>;
  gone: Map<string, Belonging>;
};

/** Every version of one agent, whole, oldest first, and what its models took in all. */
export type AgentFile = { versions: readonly Agent[]; usage?: UsageTotal };

/** Which process has taken a contact of a shared run; `takes`: how many took it in turn and hung or died, this one included. */
export type TakenTarget = { holder: string; takes?: number };

/** A run's targets, and its results in the order of evaluation. `contact_ids`: the contacts that its trigger named. */
export type RunResults = {
  contact_ids?: string[];
  targets: string[];
  results: Map<string, ContactResult>;
  /** The contacts that assistants are evaluating, by contact id. */
  leases: Map<string, Lease>;
  /** The contacts of a shared run that processes have taken and that have no result yet, by contact id. */
  taken: Map<string, TakenTarget>;
  /** What a backtest replays. */
  backtest?: BacktestPlan;
};

/** One action in a contact's history. It outlives its run, so that a new message isn't sent too soon or twice. */
export type LedgerEntry = {
  run_id: string;
  action_index: number;
  agent_id: string;
  type: string;
  params: Record<string, unknown>;
  /** The params as proposed, where a person edited them. */
  proposed_params?: Record<string, unknown>;
  /**
   * Where it goes as of its last decision, or the tool that it calls; unset where it goes nowhere, and for any other
   * type until it is decided on.
   */
  to?: string;
  status: ActionStatus;
  at: string;
  reason?: string;
  /** A person sent it back, with `reason`. */
  revised?: true;
  /** The numbers of the decision log's entries about this action. */
  decisions?: number[];
  /** Another agent's, which whoever looks doesn't see: type, status and time are true, all else is empty. Never kept. */
  hidden?: true;
};

/** An action that waits for a person or is under way. */
export type OpenAction = ActionRef & {
  agent_id: string;
  type: string;
  status: ActionStatus;
  proposed_at: string;
  expires_at?: string;
  /** An approved action isn't attempted before this time. */
  not_before?: string;
  holder?: string;
};

/** A run's open actions: how many have each status, and the `refKey` of each unknown one, and of each sent back. */
export type Waiting = {
  agent_id: string;
  pending_approval: number;
  approved: number;
  executing: number;
  unknown: readonly string[];
  /** Those that were sent back, and have no answer yet. */
  revising?: readonly string[];
  /** A time before which none of the actions expires. */
  expires_from?: string;
};

/** A run that isn't over. */
export type UnfinishedRun = {
  run_id: string;
  agent_id: string;
  status: RunStatus;
  holder?: string;
  helpers?: string[];
  left?: string[];
  /** It keeps no other run waiting, and waits for none. */
  backtest?: true;
};

/** An agent's newest run. */
export type LastRun = { run_id: string; status: RunStatus; created_at: string };

/** What is open in the home: the runs with open actions, the unfinished runs, and each agent's last run. */
export type Desk = {
  waiting: Map<string, Waiting>;
  unfinished: Map<string, UnfinishedRun>;
  last_runs: Map<string, LastRun>;
};

/**
 * An active agent's schedule. `since`: when counting ticks began. `counted`: the last tick that was handled.
 * `last_firing` and `last_skip`: what came of the latest ticks.
 */
export type Schedule = {
  cron: string;
  timezone: string;
  since: string;
  counted?: string;
  last_firing?: { scheduled_for: string; at: string; run_id: string; catch_up?: true };
  last_skip?: { scheduled_for: string; at: string; reason: string };
};

/**
 * An identity's mailbox: how far it was read, when that was last written down, and why it can't be read since. Times are
 * ISO 8601. A look that finds nothing new writes nothing.
 */
export type Mailbox = { stand?: MailboxStand; read_at?: string; problem?: { at: string; message: string } };

/** The use of an idempotency key: the digest of the call's arguments, and the id of what the call made. */
export type UsedKey = { tool: string; digest: string; id: string; at: string };

/**
 * Deleted contacts that earlier commits still name, by stand-in; `holder` is the process that rewrites those commits.
 */
export type Erasures = {
  pending: Map<string, Erasure>;
  holder?: string;
  /** The holder began before this edition raised the home, so it can't go on. */
  isHolderOfBefore?: true;
  /** The SHA-256 of each segment that the first edition rewrote, by its first commit. */
  segments: Map<number, string>;
  /** Unset until a contact is erased whose address had objected. */
  objections?: KeptObjections;
  /** The commits that the first edition had rewritten when this edition raised the home; absent before. */
  before?: readonly number[];
  /** What the lines of the first edition say is bound by a commit. */
  isBound?: true;
};

/**
 * All contacts by id. `aliases` maps other ids, which imports used for contacts found by email, to the contacts' own.
 * `former` has, by address, the ids of contacts that had it before: what was sent to it is in their ledgers.
 */
export type ContactBook = {
  byId: Map<string, Contact>;
  /** By email as `addressKey` has it, the id of the oldest contact that has it; `sharing` has the ids of the others. */
  byEmail: Map<string, string>;
  sharing: Map<string, readonly string[]>;
  aliases: Map<string, string>;
  former: Map<string, readonly string[]>;
};

/** An action's address as one text, for use as a key. */
export function refKey(ref: ActionRef): string {
  return `${ref.run_id}/${ref.action_index}/${ref.contact_id}`;
}
