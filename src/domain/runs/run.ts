import type { PinnedTool } from '../agents/tool.ts';
import type { Usage } from '../base/usage.ts';
import type { Replayed } from './replay.ts';
import type { Seen } from './seen.ts';

export const RUN_STATUSES = ['queued', 'running', 'awaiting_evaluation', 'completed', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export type RunTrigger = 'manual' | 'schedule' | 'chat' | 'backtest';

export const ACTION_STATUSES = [
  ...(['dry_run', 'pending_approval', 'approved', 'executing', 'executed', 'failed', 'unknown'] as const),
  ...(['rejected', 'expired', 'cancelled'] as const),
] as const;
export type ActionStatus = (typeof ACTION_STATUSES)[number];

/** How a decision is known to be a person's (contract, section 3), weakest first; `policy` is no person's decision. */
export type Proof = 'client' | 'elicited' | 'human' | 'signed' | 'policy';

/**
 * Where an action came from, if from the connected assistant or from a chat. There an assistant that reads the
 * contact's text could also call `approve_action`, so deciding on the action needs more proof.
 */
export type ActionSource = 'assistant' | 'chat';

export type ActionResult = { channel: string; message_id?: string; path?: string; status_code?: number; note: string };

/** Until when an approved action isn't attempted, and why: a sentence that goes on from "It waits: ". */
export type Wait = { until: string; why: string };

export type Action = {
  action_index: number;
  type: string;
  params: Record<string, unknown>;
  digest: string;
  /** The tool that an `mcp_tool` action calls, as it was when last shown for a decision. */
  pinned_tool?: PinnedTool;
  status: ActionStatus;
  source?: ActionSource;
  /** The rule that proposed the action, by its place among the playbook's rules. */
  rule?: number;
  /** What its own evaluation saw, and on which commit, where that isn't the one of its contact's result. */
  as_of?: number;
  seen?: Seen;
  auto_approved?: boolean;
  edited_params?: Record<string, unknown>;
  proposed_at: string;
  expires_at?: string;
  decided_at?: string;
  decided_by?: string;
  decided_via?: Proof;
  /** Why the action was rejected or sent back to review, or what the decider noted. */
  reason?: string;
  /** The action in whose favour this one was cancelled: its index in the same result, or its address in another run. */
  superseded_by?: number | { run_id: string; action_index: number };
  attempted_at?: string;
  /** What an approved action waits for. Only an approved one has it: any other status ends the wait. */
  waits?: Wait;
  /** How often it was attempted and put off since it was approved. */
  tries?: number;
  /** The process that approved or attempts the action. No other process takes the action while this one lives. */
  holder?: string;
  executed_at?: string;
  result?: ActionResult;
  error?: { code: string; message: string };
  /** A person sent it back to whoever proposed it, with `reason`. */
  revised?: true;
  /** The action of the same result that was sent back, and in whose place this one was proposed. */
  revises?: number;
};

/** The address of one action. */
export type ActionRef = { run_id: string; contact_id: string; action_index: number };

export type BlockedAction = { type: string; params: Record<string, unknown>; reason: string };

/**
 * A contact that was handed out to an assistant, `by`. It has to answer under `evaluation_id` before `until`. `revises`:
 * the answer stands in the place of this action, which was sent back. Where a process, `holder`, asks a model for that,
 * `takes` counts the processes that took it up. `as_of` and
 * `seen`: what an assistant was shown of the contact, and on which commit.
 */
export type Lease = {
  evaluation_id: string;
  by: string;
  until: string;
  revises?: number;
  holder?: string;
  takes?: number;
  as_of?: number;
  seen?: Seen;
};

/** What came of an action that was sent back, `action_index`: why it was revised so, or why it could not be. */
export type Revision = {
  action_index: number;
  at: string;
  evaluation_id?: string;
  reasoning: string;
  error?: { code: string; message: string };
  usage?: Usage;
};

export type ContactResult = {
  contact_id: string;
  /** Where an assistant evaluated: the `evaluation_id` of the lease that this result answers. */
  evaluation_id?: string;
  /** The commit on which the evaluation was made, and what it saw of the contact there. */
  as_of?: number;
  seen?: Seen;
  reasoning: string;
  proposed_actions: Action[];
  blocked_actions: BlockedAction[];
  error?: { code: string; message: string };
  /** What a model took to evaluate this contact, revisions included. */
  usage?: Usage;
  /** What came of the actions that were sent back. */
  revisions?: Revision[];
  /** In a backtest: what came of each evaluation of the contact that was replayed. */
  replayed?: Replayed[];
};

export type RunSummary = {
  contacts_targeted: number;
  contacts_evaluated: number;
  actions_proposed: number;
  actions_auto_approved: number;
  actions_pending_approval: number;
  actions_approved: number;
  actions_rejected: number;
  actions_expired: number;
  actions_cancelled: number;
  actions_executed: number;
  actions_failed: number;
  actions_unknown: number;
  actions_blocked: number;
  errors: number;
  usage?: Usage;
};

/**
 * How many contacts a run was to reach when it was made. `suppressed` counts those that a type of action can't reach.
 */
export type Reach = {
  /** Contacts that the filter found. Those beyond `max_contacts_per_run` are left for later runs. */
  matched: number;
  targeted: number;
  suppressed: { type: string; reason: string; contacts: number }[];
};

export type Run = {
  id: string;
  job_id: string;
  agent_id: string;
  agent_version: number;
  status: RunStatus;
  trigger: RunTrigger;
  /** The tick of the agent's schedule that started the run. */
  scheduled_for?: string;
  /** The tick came while no process ran or the machine slept. This one run makes up for all missed ticks. */
  catch_up?: true;
  dry_run: boolean;
  created_at: string;
  created_by: string;
  started_at?: string;
  completed_at?: string;
  /** The process that evaluates the run, while it is running. */
  holder?: string;
  /** The processes that joined in beside `holder`; unset where the run isn't shared. */
  helpers?: string[];
  /** The processes that have left it to the others. */
  left?: string[];
  /** How many processes took it up in turn while no contact got its result, where there was more than one. */
  takes?: number;
  reach?: Reach;
  /** What the run was likely to cost when it was made, going by earlier runs of the agent. */
  expected_cost_usd?: number;
  summary: RunSummary;
  error?: { code: string; message: string };
};

export function emptySummary(): RunSummary {
  return {
    contacts_targeted: 0,
    contacts_evaluated: 0,
    actions_proposed: 0,
    actions_auto_approved: 0,
    actions_pending_approval: 0,
    actions_approved: 0,
    actions_rejected: 0,
    actions_expired: 0,
    actions_cancelled: 0,
    actions_executed: 0,
    actions_failed: 0,
    actions_unknown: 0,
    actions_blocked: 0,
    errors: 0,
  };
}

export function isRunOver(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** The time until which a person may decide: `hours` after `at`; undefined where there is no limit. */
export function decidableUntil(at: string, hours: number | undefined): string | undefined {
  return hours === undefined ? undefined : new Date(Date.parse(at) + hours * 3_600_000).toISOString();
}
