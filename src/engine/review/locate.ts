import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import { AppError, notFound } from '../../domain/base/errors.ts';
import { attemptDigest, type ShownAttempt } from '../../domain/runs/action-change.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { type AddressedAction, effectiveParams, findAction } from '../base/actions.ts';
import { findContact, findRun } from '../base/lookup.ts';
import { sceneOf } from '../base/scene.ts';
import type { Comparer } from '../gate/comparer.ts';
import { actionDigest, paramsInScene } from '../gate/digest.ts';
import { type Freshness, freshnessOf, NOTHING_MOVED, withMoved } from '../gate/freshness.ts';

/** An action with the digest to decide on now, and what moved since it was proposed. */
export type LocatedAction = AddressedAction & { digest: string; moved: Freshness };

/**
 * An action by its address, with the digest to decide on now; NOT_FOUND where there is none. A caller with many actions
 * gives one `comparer` for all of them.
 */
export function locate(view: View, ref: ActionRef, comparer?: Comparer): LocatedAction {
  const run = findRun(view, ref.run_id);
  const contact = findContact(view, ref.contact_id);
  // Callers pass all their arguments as `ref`: only the address is taken from them.
  const exact: ActionRef = { run_id: run.id, contact_id: contact.id, action_index: ref.action_index };
  const action = findAction(view, exact);
  const agent = currentAgent(view, run.agent_id);
  if (!action || !agent) {
    const count = view.results(run.id).results.get(contact.id)?.proposed_actions.length ?? 0;
    throw notFound(
      `Run ${run.id} has no action ${ref.action_index} for contact "${contact.id}": it has ${count}, counted from 0. get_run or list_pending_actions shows them.`,
    );
  }
  return located(view, { ref: exact, agent, action }, comparer);
}

/** An action with its params as they would be done now. */
function shownIn(scene: ActionScene, action: Action): Action {
  const { type, params, edited_params } = action;
  if (!findActionType(type)?.inScene) return action;
  const edited = edited_params ? { edited_params: paramsInScene(type, edited_params, scene) } : {};
  return { ...action, params: paramsInScene(type, params, scene), ...edited };
}

/**
 * An action with the digest to decide on now. Pending: of what would be done, and what moved since it was proposed.
 * Unknown or failed: the same together with the attempt so far, because a retry is a yes to exactly that. Decided: that
 * of the decision.
 */
export function located(view: View, found: AddressedAction, comparer?: Comparer): LocatedAction {
  const { ref, agent, action } = found;
  const isRepeatable = action.status === 'unknown' || action.status === 'failed';
  const isDecidable = action.status === 'pending_approval' || isRepeatable;
  const scene = isDecidable ? sceneOf(view, agent, ref.contact_id) : undefined;
  if (!scene) return { ...found, digest: action.digest, moved: NOTHING_MOVED };
  const moved = freshnessOf(view, found, comparer);
  const now = digestNow(scene, action, moved);
  return {
    ...found,
    action: shownIn(scene, action),
    moved,
    digest: isRepeatable ? attemptDigest(attemptOf(action, now)) : now,
  };
}

/** The digest of what would be done now, and of what moved since it was proposed. */
function digestNow(scene: ActionScene, action: Action, { changed_since }: Freshness): string {
  return withMoved(actionDigest(action.type, effectiveParams(action), scene, action.pinned_tool), changed_since);
}

function attemptOf({ status, attempted_at = '' }: Action, now: string): ShownAttempt {
  return { digest: now, status, attempted_at };
}

/** The attempt that the digest of an unknown or failed action is of. */
export function attemptNow(view: View, { ref, agent, action, moved }: LocatedAction): ShownAttempt {
  const scene = sceneOf(view, agent, ref.contact_id);
  return attemptOf(action, scene ? digestNow(scene, action, moved) : action.digest);
}

/** An action by its address; undefined where it, its contact or its run was deleted. */
export function locateShown(view: View, ref: ActionRef, comparer?: Comparer): LocatedAction | undefined {
  try {
    return locate(view, ref, comparer);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
