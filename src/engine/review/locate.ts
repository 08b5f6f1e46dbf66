import type { Agent } from '../../domain/agents/agent.ts';
import { conflict, type ErrorDetails, notFound } from '../../domain/base/errors.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { type AddressedAction, effectiveParams, findAction } from '../base/actions.ts';
import { findContact, findRun } from '../base/lookup.ts';
import { sceneOf } from '../base/scene.ts';
import { actionDigest } from '../gate/digest.ts';

export type LocatedAction = AddressedAction & { digest: string };

/** An action by its address, with the digest of what it would do now; NOT_FOUND where there is none. */
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

/** A pending action's digest as it would be done now; an action that was decided keeps the digest of its decision. */
function currentDigest(view: View, agent: Agent, ref: ActionRef, action: Action): string {
  const scene = action.status === 'pending_approval' ? sceneOf(view, agent, ref.contact_id) : undefined;
  return scene ? actionDigest(action.type, effectiveParams(action), scene, action.pinned_tool) : action.digest;
}

/** What was decided on an action, and what came of it: details for a CONFLICT. */
export function decisionOn({ action }: LocatedAction): ErrorDetails {
  const { status, decided_by, decided_at, decided_via, reason, result, error } = action;
  return { status, decided_by, decided_at, decided_via, reason, result, error };
}

/**
 * Refuses a decision on an action that isn't pending any more, or isn't what was shown: CONFLICT. Of two people who
 * decide at once, the second reads the decision of the first in the details.
 */
export function demandPending(found: LocatedAction, expected: string | undefined): void {
  const { action, digest, ref } = found;
  if (action.status !== 'pending_approval') {
    const who = action.decided_by ? `, decided by ${action.decided_by} at ${action.decided_at}` : '';
    throw conflict(
      `Action ${ref.action_index} for contact "${ref.contact_id}" is already ${action.status}${who}. Nothing was changed.`,
      decisionOn(found),
    );
  }
  if (expected !== undefined && expected !== digest) {
    throw conflict(
      `Action ${ref.action_index} for contact "${ref.contact_id}" isn't what was shown: its digest is ${digest}, not ${expected}. Nothing was changed. Read it again with list_pending_actions, then decide.`,
      { ...decisionOn(found), digest },
    );
  }
}

export type Settlement = 'sent' | 'not_sent' | 'retry';

/** Refuses to settle an action that isn't `unknown`; a retry takes `failed` ones too. CONFLICT. */
export function demandSettleable(found: LocatedAction, settlement: Settlement): void {
  const { status } = found.action;
  if (status === 'unknown' || (settlement === 'retry' && status === 'failed')) return;
  throw conflict(
    `Action ${found.ref.action_index} is ${status}; settle_action takes unknown ones, and failed ones for a retry. Nothing was changed.`,
    decisionOn(found),
  );
}
