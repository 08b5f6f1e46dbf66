import { addUsage } from '../base/usage.ts';
import type { ActionChange } from './action-change.ts';
import type { ActionStatus, ContactResult, RunSummary } from './run.ts';

type Count = Exclude<keyof RunSummary, 'usage'>;

const OUTCOME: Partial<Record<ActionStatus, Count>> = {
  executed: 'actions_executed',
  failed: 'actions_failed',
  unknown: 'actions_unknown',
};

/** The count of decisions that a status belongs to. What follows an approval still counts as approved. */
function decisionCount(status: ActionStatus, autoApproved: boolean): Count | undefined {
  switch (status) {
    case 'dry_run':
      return undefined;
    case 'pending_approval':
      return 'actions_pending_approval';
    case 'rejected':
      return 'actions_rejected';
    case 'expired':
      return 'actions_expired';
    case 'cancelled':
      return 'actions_cancelled';
    default:
      return autoApproved ? 'actions_auto_approved' : 'actions_approved';
  }
}

function add(summary: RunSummary, count: Count | undefined, by: number): void {
  if (count) summary[count] += by;
}

/** Adds one contact's result to a summary. A revision's result is no other contact: only what it proposes counts. */
export function countResult(summary: RunSummary, result: ContactResult, isRevision: boolean): void {
  if (!isRevision) summary.contacts_evaluated += 1;
  if (!isRevision && result.error) summary.errors += 1;
  summary.actions_blocked += result.blocked_actions.length;
  if (result.usage) summary.usage = addUsage(summary.usage, result.usage);
  for (const action of result.proposed_actions) {
    summary.actions_proposed += 1;
    add(summary, decisionCount(action.status, action.auto_approved === true), 1);
    add(summary, OUTCOME[action.status], 1);
  }
}

/** Moves an action in a summary to its new status: proposed stays the sum of all decisions (contract, section 3). */
export function countChange(summary: RunSummary, change: ActionChange): void {
  const wasAuto = change.auto_approved;
  const isAuto = change.set.auto_approved ?? (change.unset?.includes('auto_approved') ? false : wasAuto);
  add(summary, decisionCount(change.from, wasAuto), -1);
  add(summary, OUTCOME[change.from], -1);
  add(summary, decisionCount(change.to, isAuto), 1);
  add(summary, OUTCOME[change.to], 1);
}
