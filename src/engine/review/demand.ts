import type { PinnedTool } from '../../domain/agents/tool.ts';
import { type AppError, conflict, type ErrorDetails, invalid } from '../../domain/base/errors.ts';
import { movedBriefly } from '../../domain/runs/moved-words.ts';
import { isInOutbox } from '../../domain/runs/transitions.ts';
import type { View } from '../../domain/state/view.ts';
import { sceneOf } from '../base/scene.ts';
import { recipientKey, recipientOf } from '../gate/digest.ts';
import type { ProofLevel } from '../gate/proof.ts';
import type { LocatedAction } from './locate.ts';
import { shownRow } from './row.ts';

/** What was decided on an action, and what came of it: details for a CONFLICT. */
function decisionOn({ action }: LocatedAction): ErrorDetails {
  const { status, decided_by, decided_at, decided_via, reason, result, error, superseded_by } = action;
  return { status, decided_by, decided_at, decided_via, reason, result, error, superseded_by };
}

/** A CONFLICT that shows the row as it is now, so that the caller can show it to the person, who decides again. */
function changed(view: View, found: LocatedAction, problem: string): AppError {
  return conflict(
    `Action ${found.ref.action_index} for contact "${found.ref.contact_id}" isn't what the yes names: ${problem}. Nothing was changed. details.action is the action as it is now: show it to the person, who decides again.`,
    { ...decisionOn(found), digest: found.digest, action: shownRow(view, found, 'full') },
  );
}

/** Why an action can't be decided as it was shown; undefined where it still can. */
export function staleness(found: LocatedAction, expected: string | undefined): string | undefined {
  const { action, digest } = found;
  if (action.status !== 'pending_approval') {
    const who = action.decided_by ? `, decided by ${action.decided_by} at ${action.decided_at}` : '';
    return `it is already ${action.status}${who}`;
  }
  if (expected === undefined || expected === digest) return undefined;
  const news = movedBriefly(found.moved.changed_since);
  const since = news === '' ? '' : ` (since it was proposed, ${news})`;
  return `its content, recipient or sender changed since it was shown, or something moved${since}, or expected_digest is of another action`;
}

/**
 * Refuses a decision on an action that isn't pending any more, or isn't what was shown: CONFLICT. Of two people who
 * decide at once, the second reads the decision of the first in the details.
 */
export function demandPending(view: View, found: LocatedAction, expected: string | undefined): void {
  const { action, ref } = found;
  const stale = staleness(found, expected);
  if (stale === undefined) return;
  if (action.status === 'pending_approval') throw changed(view, found, stale);
  if (view.run(ref.run_id)?.trigger === 'backtest')
    throw conflict(
      `Action ${ref.action_index} for contact "${ref.contact_id}" belongs to a backtest: it shows what would have been proposed, and can't be decided or executed.`,
      decisionOn(found),
    );
  throw conflict(
    `Action ${ref.action_index} for contact "${ref.contact_id}" can't be decided: ${stale}. Nothing was changed.`,
    decisionOn(found),
  );
}

/**
 * Whether an approved action waits: for the brake, for its time, or for a process that has what it takes. One that
 * doesn't is about to be attempted by the process that holds it.
 */
function waitsToBegin(view: View, { action: { status, waits, holder } }: LocatedAction): boolean {
  return status === 'approved' && (view.brake().on || waits !== undefined || holder === undefined);
}

/** Refuses a rejection as `demandPending` does. An approved action that waits may be taken back too. */
export function demandRejectable(view: View, found: LocatedAction, expected: string | undefined): void {
  const mayBeTakenBack = waitsToBegin(view, found);
  if (!mayBeTakenBack) demandPending(view, found, expected);
  else if (expected !== undefined && expected !== found.digest)
    throw changed(view, found, 'expected_digest is of another action, or of this one before it was approved');
}

/** What a yes says of the action that it is for, so that a client's permission prompt shows it. */
export type Echoes = { recipient?: string | undefined; subject?: string | undefined };

/** Refuses a yes whose recipient or subject isn't that of what would be done: CONFLICT, with the row as it is now. */
export function demandEchoes(
  view: View,
  found: LocatedAction,
  { recipient, subject }: Echoes,
  { params, tool }: { params: Record<string, unknown>; tool?: PinnedTool | undefined },
): void {
  const scene = sceneOf(view, found.agent, found.ref.contact_id);
  const to = scene && recipientOf(found.action.type, scene, tool);
  if (recipient !== undefined && (to === undefined || recipientKey(recipient) !== recipientKey(to)))
    throw changed(view, found, to === undefined ? 'it has no recipient' : 'its recipient is another one');
  const title = params.subject;
  if (subject === undefined || (typeof title === 'string' && subject.trim() === title.trim())) return;
  throw changed(view, found, typeof title === 'string' ? 'its subject is another one' : 'it has no subject');
}

export type Settlement = 'sent' | 'not_sent' | 'retry';

/**
 * Refuses to settle an action that isn't `unknown`; a retry takes `failed` ones too, and a person at the desk says of a message
 * in the outbox whether they sent it (`via` is `human`). CONFLICT.
 */
export function demandSettleable(found: LocatedAction, settlement: Settlement, via?: ProofLevel): void {
  const { status } = found.action;
  if (status === 'unknown' || (settlement === 'retry' && status === 'failed')) return;
  if (settlement !== 'retry' && via === 'human' && isInOutbox(found.action)) return;
  throw conflict(
    `Action ${found.ref.action_index} is ${status}; settle_action takes unknown ones, and failed ones for a retry. Nothing was changed.`,
    decisionOn(found),
  );
}

/** Refuses a retry that names no digest (VALIDATION_ERROR), or another one than the row as it is now has (CONFLICT). */
export function demandRetryOf(view: View, found: LocatedAction, expected: string | undefined): void {
  if (expected === undefined) {
    throw invalid(
      'expected_digest is missing: a retry names what it repeats. Take the digest of the row in list_pending_actions (status unknown or failed), after the person saw it.',
      { expected_digest: "missing: take it from list_pending_actions, a row's digest" },
    );
  }
  demandSettleable(found, 'retry');
  if (expected !== found.digest)
    throw changed(
      view,
      found,
      'its content, recipient, sender or state changed since it was shown, or something moved',
    );
}
