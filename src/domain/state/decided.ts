import { PRODUCT } from '../base/author.ts';
import { type DecisionKind, decisionOf, type KeyDecision, proofOf } from '../decisions/decision.ts';
import type { Action, ActionRef, Proof } from '../runs/run.ts';
import type { Event } from './events.ts';

/** A commit as the decision log's checks read it: its number, its author's name and its events. */
export type Committed = { n: number; by: string; events: readonly Event[] };

/** One decision in a commit's events: on an action, on the brake, or on passkeys. */
export type Decided = DecidedAction | { decision: 'paused' | 'resumed' | KeyDecision };

/**
 * A decision on an action. `set` is what it changed of the action; a new action that a policy approved is
 * there whole.
 */
export type DecidedAction = {
  decision: DecisionKind;
  ref: ActionRef;
  agent_id: string;
  via: Proof;
  set: Partial<Action>;
  action?: Action;
};

function decidedIn(event: Event, isPerson: boolean): Decided[] {
  if (event.type === 'actions_changed')
    return event.changes.flatMap((change) => {
      const decision = decisionOf(change, isPerson);
      const { run_id, contact_id, action_index, agent_id, set } = change;
      if (!decision) return [];
      return [{ decision, ref: { run_id, contact_id, action_index }, agent_id, via: proofOf(change, decision), set }];
    });
  if (event.type === 'brake_set') return [{ decision: event.on ? 'paused' : 'resumed' }];
  if (event.type === 'passkey_added' || event.type === 'passkey_removed') return [{ decision: event.type }];
  if (event.type === 'signing_set') return [{ decision: event.on ? 'signing_on' : 'signing_off' }];
  if (event.type !== 'results_recorded') return [];
  const { run_id, agent_id } = event;
  return event.results.flatMap(({ contact_id, proposed_actions }) =>
    proposed_actions.flatMap((action) => {
      if (!action.auto_approved) return [];
      const ref = { run_id, contact_id, action_index: action.action_index };
      return [{ decision: 'approved' as const, ref, agent_id, via: 'policy' as const, set: {}, action }];
    }),
  );
}

/** The decisions in a commit's events, in the order in which the decision log tells them. */
export function decisionsIn({ by, events }: Committed): Decided[] {
  return events.flatMap((event) => decidedIn(event, by !== PRODUCT));
}
