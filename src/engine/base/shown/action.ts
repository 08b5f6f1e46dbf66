import { z } from 'zod';
import type { PinnedTool } from '../../../domain/agents/tool.ts';
import type { Action, ActionRef, ActionResult, BlockedAction, Wait } from '../../../domain/runs/run.ts';
import type { MovedItem } from '../../../domain/runs/seen.ts';
import { briefContactShape } from './contact.ts';
import { anObject, errorShape, type FieldsOf } from './fields.ts';

/** An action as clients see it, without the process that holds it and what its evaluation saw. */
type Shown = Omit<Action, 'holder' | 'rule' | 'seen'>;

/** Something that moved since the action was proposed. */
function movedShape() {
  return z.strictObject({
    what: z.string(),
    before: z.unknown().exactOptional(),
    after: z.unknown().exactOptional(),
    at: z.string().exactOptional(),
  } satisfies FieldsOf<MovedItem>);
}

/** What moved since an action was proposed; a yes is for `changed_since` too. Each only where something did. */
function freshnessFields() {
  return {
    changed_since: z.array(movedShape()).exactOptional(),
    also_changed: z.array(movedShape()).exactOptional(),
  };
}

function supersededShape() {
  return z.union([z.int(), z.strictObject({ run_id: z.string(), action_index: z.int() })]);
}

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

/** Until when an approved action isn't attempted, and why. */
function waitShape() {
  return z.strictObject({ until: z.string(), why: z.string() } satisfies FieldsOf<Wait>);
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
    decided_via: z.enum(['client', 'elicited', 'human', 'signed', 'policy']).exactOptional(),
    reason: z.string().exactOptional(),
    superseded_by: supersededShape().exactOptional(),
    ...freshnessFields(),
    attempted_at: z.string().exactOptional(),
    waits: waitShape().exactOptional(),
    /** How often it was attempted and put off since it was approved. */
    tries: z.int().exactOptional(),
    executed_at: z.string().exactOptional(),
    result: receiptShape().exactOptional(),
    error: errorShape().exactOptional(),
    /** A person sent it back; `reason` says how they want it. */
    revised: z.literal(true).exactOptional(),
    /** The action in whose place this one was proposed, after that one was sent back. */
    revises: z.int().exactOptional(),
    /** The commit that its own evaluation was made on, where that isn't its result's. */
    as_of: z.int().exactOptional(),
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

/** An earlier action for the contact that a person rejected, or sent back, and why. */
function rejectionShape() {
  return z.strictObject({
    type: z.string(),
    /** Unset for an action of an agent that the caller doesn't see: of that there is `status` instead. */
    headline: z.string().exactOptional(),
    status: z.string().optional(),
    reason: z.string().exactOptional(),
    at: z.string(),
  });
}
export type RejectionAsShown = z.infer<ReturnType<typeof rejectionShape>>;

/** The message of the contact that an action answers, and how much of it goes out below the answer. */
function answersShape() {
  return z.strictObject({
    subject: z.string().exactOptional(),
    at: z.string(),
    /** The address that it came from, where that isn't the contact's. */
    from: z.string().exactOptional(),
    quoted: z.strictObject({ characters: z.int(), of: z.int() }).exactOptional(),
    /** The objection that doesn't stop an answer. */
    although: z.string().exactOptional(),
  });
}
export type AnswersAsShown = z.infer<ReturnType<typeof answersShape>>;

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
    /** The sender's other addresses: where answers and copies go. */
    reply_to: z.string().optional(),
    bcc: z.string().optional(),
    answers: answersShape().exactOptional(),
    /** Until when it would wait if it were approved now, and why. */
    would_wait: waitShape().exactOptional(),
    reasoning: z.string(),
    /** The newest rejections of earlier actions for the contact or its address, and how many there are. */
    rejections: z.array(rejectionShape()).exactOptional(),
    rejections_total: z.int().exactOptional(),
  });
}

/** One action that waits for a person, in short; `status` only where it is another one than pending_approval. */
function briefPendingShape() {
  return z.strictObject({
    ...addressFields(),
    type: z.string(),
    headline: z.string(),
    digest: z.string(),
    changed_since: freshnessFields().changed_since,
    status: z.enum(['unknown', 'failed', 'approved']).exactOptional(),
    waits: waitShape().exactOptional(),
  });
}

/** One row of list_pending_actions, in full or in short. */
export function pendingRowShape() {
  return z.union([pendingShape(), briefPendingShape()]);
}
export type PendingAsShown = z.infer<ReturnType<typeof pendingRowShape>>;

/** An action as clients see it. */
export function shownAction(action: Action): ActionAsShown {
  const { holder: _holder, rule: _rule, seen: _seen, ...shown } = action;
  return shown;
}
