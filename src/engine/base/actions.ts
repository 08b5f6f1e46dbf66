import type { Agent } from '../../domain/agents/agent.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { refKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';

/** An action, its address, and the agent that proposed it. */
export type AddressedAction = { ref: ActionRef; agent: Agent; action: Action };

/** The params that are executed: a person's edit where there is one, else those proposed. */
export function effectiveParams(action: Pick<Action, 'params' | 'edited_params'>): Record<string, unknown> {
  return action.edited_params ?? action.params;
}

/** The idempotency key of an action: the same at every attempt, so that a receiver recognises a repeat. */
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
