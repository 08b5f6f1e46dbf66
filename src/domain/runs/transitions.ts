import type { ActionStatus } from './run.ts';

/**
 * What leads out of each status (contract, section 3). `executed` and the refusals are ends. The way from
 * `pending_approval` and `approved` straight to `executed` is that of effects on Countersign's own state, which are
 * decided and done in one commit.
 */
const NEXT: Record<ActionStatus, readonly ActionStatus[]> = {
  dry_run: [],
  pending_approval: ['approved', 'rejected', 'expired', 'cancelled', 'executed'],
  approved: ['executing', 'pending_approval', 'cancelled', 'executed'],
  executing: ['executed', 'failed', 'unknown'],
  unknown: ['executed', 'failed', 'approved'],
  failed: ['approved'],
  executed: [],
  rejected: [],
  expired: [],
  cancelled: [],
};

/** Statuses in which a person may leave an action where it is, with a reason why it couldn't go on. */
const MAY_STAY: readonly ActionStatus[] = ['pending_approval', 'failed', 'unknown'];

/** Whether the table of lawful transitions has a step. */
export function canBecome(from: ActionStatus, to: ActionStatus): boolean {
  return from === to ? MAY_STAY.includes(from) : NEXT[from].includes(to);
}
