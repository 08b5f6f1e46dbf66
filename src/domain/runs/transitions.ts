import type { ActionStatus } from './run.ts';

/**
 * The statuses that may follow each status (contract, section 3). An action on Countersign's own state, such as a note,
 * goes from `pending_approval` or `approved` straight to `executed`, because one commit both decides and does it.
 */
const NEXT: Record<ActionStatus, readonly ActionStatus[]> = {
  dry_run: [],
  pending_approval: ['approved', 'rejected', 'expired', 'cancelled', 'executed'],
  approved: ['executing', 'pending_approval', 'cancelled', 'executed'],
  // Back to `approved`: the receiver asked to come back later, and the action waits for its next try.
  executing: ['executed', 'failed', 'unknown', 'approved'],
  unknown: ['executed', 'failed', 'approved'],
  failed: ['approved'],
  executed: [],
  rejected: [],
  expired: [],
  cancelled: [],
};

/**
 * Statuses that may stay as they are. An approval or retry: a check failed, and the change only records the reason. An
 * approved action: it can't begin yet, and the change records until when it waits, and why.
 */
const MAY_STAY: readonly ActionStatus[] = ['pending_approval', 'failed', 'unknown', 'approved'];

/** Whether an action may go from one status to another, by the two tables above. */
export function canBecome(from: ActionStatus, to: ActionStatus): boolean {
  return from === to ? MAY_STAY.includes(from) : NEXT[from].includes(to);
}
