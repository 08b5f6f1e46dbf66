import { z } from 'zod';
import {
  type ContactResult,
  type Reach,
  type Revision,
  RUN_STATUSES,
  type Run,
  type RunSummary,
} from '../../../domain/runs/run.ts';
import { actionShape, blockedShape } from './action.ts';
import { backtestShape } from './backtest.ts';
import { briefContactShape } from './contact.ts';
import { anObject, errorShape, type FieldsOf, usageShape } from './fields.ts';

/** A run as clients see it, without what processes tell each other of it. */
type Shown = Omit<Run, 'holder' | 'helpers' | 'left' | 'takes'>;

/**
 * Counts. Proposed are pending, approved, auto_approved, rejected, expired and cancelled together; executed, failed and
 * unknown are outcomes of approved ones; blocked stand apart. A dry run's proposals count as proposed alone.
 */
export function summaryShape() {
  return z.strictObject({
    contacts_targeted: z.int(),
    contacts_evaluated: z.int(),
    actions_proposed: z.int(),
    actions_auto_approved: z.int(),
    actions_pending_approval: z.int(),
    actions_approved: z.int(),
    actions_rejected: z.int(),
    actions_expired: z.int(),
    actions_cancelled: z.int(),
    actions_executed: z.int(),
    actions_failed: z.int(),
    actions_unknown: z.int(),
    actions_blocked: z.int(),
    errors: z.int(),
    usage: usageShape().exactOptional(),
  } satisfies FieldsOf<RunSummary>);
}

/** How many contacts a new run was for, and how many of them actions of each type can't reach, and why. */
export function reachShape() {
  return z.strictObject({
    matched: z.int(),
    targeted: z.int(),
    suppressed: z.array(z.strictObject({ type: z.string(), reason: z.string(), contacts: z.int() })),
  } satisfies FieldsOf<Reach>);
}

/** What came of an action that was sent back. */
function revisionShape() {
  return z.strictObject({
    action_index: z.int(),
    at: z.string(),
    evaluation_id: z.string().exactOptional(),
    reasoning: z.string(),
    error: errorShape().exactOptional(),
    usage: usageShape().exactOptional(),
  } satisfies FieldsOf<Revision>);
}

/**
 * The result of a run for one contact. `contact` is what the evaluation saw: what tells who it is, and what moved since.
 * `contact_now` has the fields that differ by now, null for one that is gone. `as_of` is the commit it was made on.
 */
function resultShape() {
  return z.strictObject({
    contact_id: z.string(),
    contact: briefContactShape().catchall(z.unknown()),
    contact_now: anObject().exactOptional(),
    as_of: z.int().exactOptional(),
    evaluation_id: z.string().exactOptional(),
    reasoning: z.string(),
    proposed_actions: z.array(actionShape()),
    blocked_actions: z.array(blockedShape()),
    error: errorShape().exactOptional(),
    usage: usageShape().exactOptional(),
    revisions: z.array(revisionShape()).exactOptional(),
  } satisfies FieldsOf<Omit<ContactResult, 'seen' | 'replayed'> & { contact: unknown; contact_now?: unknown }>);
}
export type ResultAsShown = z.infer<ReturnType<typeof resultShape>>;

/** A run; `contact_results` only where they were asked for, one page of them. */
export function runShape() {
  return z.strictObject({
    id: z.string(),
    job_id: z.string(),
    agent_id: z.string(),
    agent_version: z.int(),
    status: z.enum(RUN_STATUSES),
    trigger: z.enum(['manual', 'schedule', 'chat', 'backtest']),
    scheduled_for: z.string().exactOptional(),
    catch_up: z.literal(true).exactOptional(),
    dry_run: z.boolean(),
    created_at: z.string(),
    created_by: z.string(),
    started_at: z.string().exactOptional(),
    completed_at: z.string().exactOptional(),
    reach: reachShape().exactOptional(),
    expected_cost_usd: z.number().exactOptional(),
    summary: summaryShape(),
    error: errorShape().exactOptional(),
    contact_results: z.array(resultShape()).exactOptional(),
    backtest: backtestShape().exactOptional(),
  } satisfies FieldsOf<Shown & { contact_results: unknown; backtest: unknown }>);
}
export type RunAsShown = z.infer<ReturnType<typeof runShape>>;

/** A run as clients see it. */
export function shownRun(run: Run): RunAsShown {
  const { holder: _holder, helpers: _helpers, left: _left, takes: _takes, ...shown } = run;
  return shown;
}
