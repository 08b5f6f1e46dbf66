import { digest } from '../base/digest.ts';
import type { Action, ActionRef, ActionStatus, Proof } from './run.ts';

/**
 * An attempt as a person is shown it: the digest of what would be done now, and how and when it was attempted before. What
 * they decide on is the digest of these three.
 */
export type ShownAttempt = { digest: string; status: ActionStatus; attempted_at: string };

/** The digest of an attempt as it is shown: a decision on it binds to that. */
export function attemptDigest({ digest: now, status, attempted_at }: ShownAttempt): string {
  return digest([now, status, attempted_at]);
}

/** A change of one action from one status to another. `set` replaces fields of the action, `unset` removes fields. */
export type ActionChange = ActionRef & {
  agent_id: string;
  from: ActionStatus;
  to: ActionStatus;
  /** Whether the action, before this change, was approved by policy and not by a person: summaries count both apart. */
  auto_approved: boolean;
  /** The proof of a decision that leaves no `decided_via` in `set`. */
  via?: Proof;
  /** The attempt that the person was shown and signed a decision on: a retry, or what came of it. */
  attempt?: ShownAttempt;
  at: string;
  set: Partial<Action>;
  unset?: (keyof Action)[];
};
