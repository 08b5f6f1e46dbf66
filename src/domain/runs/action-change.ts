import type { Action, ActionRef, ActionStatus, Proof } from './run.ts';

/** A change of one action from one status to another. `set` replaces fields of the action, `unset` removes fields. */
export type ActionChange = ActionRef & {
  agent_id: string;
  from: ActionStatus;
  to: ActionStatus;
  /** Whether the action, before this change, was approved by policy and not by a person: summaries count both apart. */
  auto_approved: boolean;
  /** The proof of a decision that leaves no `decided_via` in `set`. */
  via?: Proof;
  at: string;
  set: Partial<Action>;
  unset?: (keyof Action)[];
};
