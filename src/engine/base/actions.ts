import type { Agent } from '../../domain/agents/agent.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { refKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';

/** An action, its address, and the agent that proposed it. */
export type AddressedAction = { ref: ActionRef; agent: Agent; action: Action };

/** What is really done: what was proposed, or what a person made of it. */
export function effectiveParams(action: Action): Record<string, unknown> {
  return action.edited_params ?? action.params;
}

/** The same for every attempt at an action, so that a receiver can tell a repeat. */
export function attemptKey(ref: ActionRef): string {
  return refKey(ref);
}

/** One action by its address. */
export function findAction(view: View, ref: ActionRef): Action | undefined {
  return view
    .results(ref.run_id)
    .results.get(ref.contact_id)
    ?.proposed_actions.find((action) => action.action_index === ref.action_index);
}
