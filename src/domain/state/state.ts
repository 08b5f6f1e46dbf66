import type { Agent } from '../agents/agent.ts';
import type { UsageTotal } from '../base/usage.ts';
import type { Contact } from '../contacts/contact.ts';
import type { ActionRef, ActionStatus, ContactResult, Lease, RunStatus } from '../runs/run.ts';
import type { Erasure } from './erasure.ts';

/** What lists and look-ups need of an agent as it stands: all but the long texts, which stay with its versions. */
export type AgentCard = Omit<Agent, 'playbook' | 'output_schema' | 'custom_functions'>;

/** The agents, findable by id, and by name in any case. */
export type AgentBook = { byId: Map<string, AgentCard>; byName: Map<string, Set<string>> };

/** Every version of one agent, oldest first, and what its models took in all. */
export type AgentFile = { versions: readonly Agent[]; usage?: UsageTotal };

/** What a run set out to do and what came of it, in the order of evaluation. */
export type RunResults = {
  contact_ids?: string[];
  targets: string[];
  results: Map<string, ContactResult>;
  /** What assistants have in hand, by contact. */
  leases: Map<string, Lease>;
};

/** One action in a contact's history; outlives its run, so that cadence and consent don't forget. */
export type LedgerEntry = {
  run_id: string;
  action_index: number;
  agent_id: string;
  type: string;
  params: Record<string, unknown>;
  /** What was proposed, where a person edited it. */
  proposed_params?: Record<string, unknown>;
  status: ActionStatus;
  at: string;
  reason?: string;
  /** Numbers of the decision log's entries about it. */
  decisions?: number[];
};

/** An action that waits for a person or is under way. */
export type OpenAction = ActionRef & {
  agent_id: string;
  type: string;
  status: ActionStatus;
  proposed_at: string;
  expires_at?: string;
  holder?: string;
};

/** How many open actions a run has of each status; the unknown ones by their `refKey`. */
export type Waiting = {
  agent_id: string;
  pending_approval: number;
  approved: number;
  executing: number;
  unknown: readonly string[];
  /** None of them expires before. */
  expires_from?: string;
};

/** A run that isn't over. */
export type UnfinishedRun = { run_id: string; agent_id: string; status: RunStatus; holder?: string };

/** An agent's newest run. */
export type LastRun = { run_id: string; status: RunStatus; created_at: string };

/** What lies on the desk: the runs with open actions, unfinished runs, and each agent's last run. */
export type Desk = {
  waiting: Map<string, Waiting>;
  unfinished: Map<string, UnfinishedRun>;
  last_runs: Map<string, LastRun>;
};

/** An active agent's schedule: since when it counts, the last tick accounted for, and what came of the last ones. */
export type Schedule = {
  cron: string;
  timezone: string;
  since: string;
  counted?: string;
  last_firing?: { scheduled_for: string; at: string; run_id: string; catch_up?: true };
  last_skip?: { scheduled_for: string; at: string; reason: string };
};

export type UsedKey = { tool: string; digest: string; id: string; at: string };

/** Deleted contacts that earlier commits still tell of, by their stand-ins; who rewrites those, and what they came to. */
export type Erasures = {
  pending: Map<string, Erasure>;
  holder?: string;
  /** The SHA-256 of each rewritten segment of the log, by its first commit. */
  segments: Map<number, string>;
};

/** The people, findable by id, by address, and by ids that an import gave for a contact it found by its address. */
export type ContactBook = {
  byId: Map<string, Contact>;
  /** The oldest contact that has an address; `sharing` are the others, found by their ids only. */
  byEmail: Map<string, string>;
  sharing: Map<string, readonly string[]>;
  aliases: Map<string, string>;
};

/** One text for an action's address. */
export function refKey(ref: ActionRef): string {
  return `${ref.run_id}/${ref.action_index}/${ref.contact_id}`;
}
