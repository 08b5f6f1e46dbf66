import type { Agent } from '../../domain/agents/agent.ts';
import { digest } from '../../domain/base/digest.ts';
import { notFound } from '../../domain/base/errors.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { type AddressedAction, effectiveParams, findAction } from '../base/actions.ts';
import { findContact, findRun } from '../base/lookup.ts';
import { sceneOf } from '../base/scene.ts';
import { actionDigest } from '../gate/digest.ts';

export type LocatedAction = AddressedAction & { digest: string };

/** An action by its address, with the digest to decide on now; NOT_FOUND where there is none. */
export function locate(view: View, ref: ActionRef): LocatedAction {
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
  return { ref: exact, agent, action, digest: currentDigest(view, agent, exact, action) };
}

/**
 * The digest to decide on now. Pending: of what would be done. Unknown or failed: the same together with the attempt
 * so far, because a retry is a yes to exactly that. Decided: that of the decision.
 */
export function currentDigest(view: View, agent: Agent, ref: ActionRef, action: Action): string {
  const isRepeatable = action.status === 'unknown' || action.status === 'failed';
  const isDecidable = action.status === 'pending_approval' || isRepeatable;
  const scene = isDecidable ? sceneOf(view, agent, ref.contact_id) : undefined;
  if (!scene) return action.digest;
  const now = actionDigest(action.type, effectiveParams(action), scene, action.pinned_tool);
  return isRepeatable ? digest([now, action.status, action.attempted_at ?? '']) : now;
}
