import { addUsage } from '../base/usage.ts';
import type { ActionChange } from './action-change.ts';
import type { ActionStatus, ContactResult, RunSummary } from './run.ts';

type Count = Exclude<keyof RunSummary, 'usage'>;

const OUTCOME: Partial<Record<ActionStatus, Count>> = {
  executed: 'actions_executed',
  failed: 'actions_failed',
  unknown: 'actions_unknown',
};

/** The decision that a status stands for; what follows an approval still counts as approved. */
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

/** A summary with one more contact's result in it. */
export function countResult(summary: RunSummary, result: ContactResult): void {
  summary.contacts_evaluated += 1;
  summary.actions_blocked += result.blocked_actions.length;
  if (result.error) summary.errors += 1;
  if (result.usage) summary.usage = addUsage(summary.usage, result.usage);
  for (const action of result.proposed_actions) {
    summary.actions_proposed += 1;
    add(summary, decisionCount(action.status, action.auto_approved === true), 1);
    add(summary, OUTCOME[action.status], 1);
  }
}

/** A summary after an action moved on, so that proposed stays the sum of the decisions (contract, section 3). */
export function countChange(summary: RunSummary, change: ActionChange): void {
  const wasAuto = change.auto_approved;
  const isAuto = change.set.auto_approved ?? (change.unset?.includes('auto_approved') ? false : wasAuto);
  add(summary, decisionCount(change.from, wasAuto), -1);
  add(summary, OUTCOME[change.from], -1);
  add(summary, decisionCount(change.to, isAuto), 1);
  add(summary, OUTCOME[change.to], 1);
}
