import type { Action, ActionRef, ActionStatus, Proof } from './run.ts';

/** One action's way from one status to another. `set` replaces fields, `unset` drops them. */
export type ActionChange = ActionRef & {
  agent_id: string;
  from: ActionStatus;
  to: ActionStatus;
  /** The action was approved by policy, not by a person; summaries count those apart. */
  auto_approved: boolean;
  /** How the decision is known to be a person's, where `set` doesn't say it. */
  via?: Proof;
  at: string;
  set: Partial<Action>;
  unset?: (keyof Action)[];
};
