import type { PinnedTool } from '../agents/tool.ts';
import type { Usage } from '../base/usage.ts';

export const RUN_STATUSES = ['queued', 'running', 'awaiting_evaluation', 'completed', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export type RunTrigger = 'manual' | 'schedule' | 'chat' | 'backtest';

export const ACTION_STATUSES = [
  ...(['dry_run', 'pending_approval', 'approved', 'executing', 'executed', 'failed', 'unknown'] as const),
  ...(['rejected', 'expired', 'cancelled'] as const),
] as const;
export type ActionStatus = (typeof ACTION_STATUSES)[number];

/** How a decision is known to be a person's (contract, section 3), weakest first; `policy` is the agent's own. */
export type Proof = 'client' | 'elicited' | 'human' | 'policy';

/** Whose idea an action was, where a mind that reads the contact's text could also try to decide on it. */
export type ActionSource = 'assistant' | 'chat';

export type ActionResult = { channel: string; message_id?: string; path?: string; status_code?: number; note: string };

export type Action = {
  action_index: number;
  type: string;
  params: Record<string, unknown>;
  digest: string;
  /** The definition of the tool that an mcp_tool action calls, as it was when last shown for a decision. */
  pinned_tool?: PinnedTool;
  status: ActionStatus;
  source?: ActionSource;
  auto_approved?: boolean;
  edited_params?: Record<string, unknown>;
  proposed_at: string;
  expires_at?: string;
  decided_at?: string;
  decided_by?: string;
  decided_via?: Proof;
  /** Why it was rejected, sent back to review, or what the decider noted. */
  reason?: string;
  attempted_at?: string;
  /** The process that approved or attempts it; it holds the action as long as its lease lives. */
  holder?: string;
  executed_at?: string;
  result?: ActionResult;
  error?: { code: string; message: string };
};

/** Addresses one action. */
export type ActionRef = { run_id: string; contact_id: string; action_index: number };

export type BlockedAction = { type: string; params: Record<string, unknown>; reason: string };

/** One contact handed to an assistant, which answers by `evaluation_id` until then. */
export type Lease = { evaluation_id: string; by: string; until: string };

export type ContactResult = {
  contact_id: string;
  /** The hand-out that this answers, where an assistant evaluated. */
  evaluation_id?: string;
  reasoning: string;
  proposed_actions: Action[];
  blocked_actions: BlockedAction[];
  error?: { code: string; message: string };
  /** What a model took to think about this contact. */
  usage?: Usage;
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

/** Whom a run was about to look at when it was made; `suppressed` can't be reached by actions of a type, and why. */
export type Reach = {
  /** Contacts that the filter found; those beyond the cap are left for later runs. */
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
  /** The tick that a schedule's run is for. */
  scheduled_for?: string;
  /** The tick came while no process ran or the machine slept; the run stands for all that were missed. */
  catch_up?: true;
  dry_run: boolean;
  created_at: string;
  created_by: string;
  started_at?: string;
  completed_at?: string;
  /** The process that evaluates it, while it runs. */
  holder?: string;
  reach?: Reach;
  /** What it was likely to cost, by what earlier runs of the agent took. */
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

/** Until when a person may decide on what is shown from now on, where its agent sets a limit. */
export function decidableUntil(at: string, hours: number | undefined): string | undefined {
  return hours === undefined ? undefined : new Date(Date.parse(at) + hours * 3_600_000).toISOString();
}
