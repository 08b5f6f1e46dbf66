import { z } from 'zod';
import type { PinnedTool } from '../../../domain/agents/tool.ts';
import type { Action, ActionRef, ActionResult, BlockedAction } from '../../../domain/runs/run.ts';
import { briefContactShape } from './contact.ts';
import { anObject, errorShape, type FieldsOf } from './fields.ts';

/** An action as clients see it, without the process that holds it. */
type Shown = Omit<Action, 'holder'>;

function pinnedToolShape() {
  return z.strictObject({
    server: z.string(),
    name: z.string(),
    title: z.string().exactOptional(),
    description: z.string(),
    digest: z.string(),
  } satisfies FieldsOf<PinnedTool>);
}

function receiptShape() {
  return z.strictObject({
    channel: z.string(),
    message_id: z.string().exactOptional(),
    path: z.string().exactOptional(),
    status_code: z.int().exactOptional(),
    note: z.string(),
  } satisfies FieldsOf<ActionResult>);
}

function statusShape() {
  return z.enum([
    'dry_run',
    'pending_approval',
    'approved',
    'executing',
    'executed',
    'failed',
    'unknown',
    'rejected',
    'expired',
    'cancelled',
  ]);
}

function actionFields() {
  return {
    action_index: z.int(),
    type: z.string(),
    params: anObject(),
    digest: z.string(),
    pinned_tool: pinnedToolShape().exactOptional(),
    status: statusShape(),
    source: z.enum(['assistant', 'chat']).exactOptional(),
    auto_approved: z.boolean().exactOptional(),
    edited_params: anObject().exactOptional(),
    proposed_at: z.string(),
    expires_at: z.string().exactOptional(),
    decided_at: z.string().exactOptional(),
    decided_by: z.string().exactOptional(),
    decided_via: z.enum(['client', 'elicited', 'human', 'policy']).exactOptional(),
    reason: z.string().exactOptional(),
    attempted_at: z.string().exactOptional(),
    executed_at: z.string().exactOptional(),
    result: receiptShape().exactOptional(),
    error: errorShape().exactOptional(),
    /** A person sent it back; `reason` says how they want it. */
    revised: z.literal(true).exactOptional(),
    superseded_by: z.union([z.int(), z.strictObject({ run_id: z.string(), action_index: z.int() })]).exactOptional(),
    /** The action in whose place this one was proposed, after that one was sent back. */
    revises: z.int().exactOptional(),
  } satisfies FieldsOf<Shown>;
}

/** One action in its run. */
export function actionShape() {
  return z.strictObject(actionFields());
}
export type ActionAsShown = z.infer<ReturnType<typeof actionShape>>;

/** A proposal that the gate stopped, and why. */
export function blockedShape() {
  return z.strictObject({
    type: z.string(),
    params: anObject(),
    reason: z.string(),
  } satisfies FieldsOf<BlockedAction>);
}

function addressFields() {
  return { run_id: z.string(), contact_id: z.string(), action_index: z.int() } satisfies FieldsOf<ActionRef>;
}

/** One action that waits for a person, with all that the person needs to decide. */
function pendingShape() {
  return z.strictObject({
    ...actionFields(),
    ...addressFields(),
    agent_id: z.string(),
    agent_name: z.string(),
    contact: briefContactShape(),
    /** The recipient and the sender, as they are now. */
    to: z.string().optional(),
    from: z.string().optional(),
    reasoning: z.string(),
  });
}

/** One action that waits for a person, in short; `status` only where an attempt's outcome is unknown, or it failed. */
function briefPendingShape() {
  return z.strictObject({
    ...addressFields(),
    type: z.string(),
    headline: z.string(),
    digest: z.string(),
    status: z.enum(['unknown', 'failed']).exactOptional(),
  });
}

/** One row of list_pending_actions, in full or in short. */
export function pendingRowShape() {
  return z.union([pendingShape(), briefPendingShape()]);
}
export type PendingAsShown = z.infer<ReturnType<typeof pendingRowShape>>;

/** An action as clients see it. */
export function shownAction(action: Action): ActionAsShown {
  const { holder: _holder, ...shown } = action;
  return shown;
}
