import type { ActionChange } from './action-change.ts';
import type { Action, ActionStatus } from './run.ts';

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
 * Statuses that an approval or retry may leave as they are: a check failed, and the change only records the reason. An
 * approved action stays so where its time hasn't come: the change says until when it waits.
 */
const MAY_STAY: readonly ActionStatus[] = ['pending_approval', 'approved', 'failed', 'unknown'];

/** What a person's word changes of a message that they sent by hand, or didn't: what came of it, and nothing of the yes. */
const BY_HAND: ReadonlySet<string> = new Set<keyof Action>(['result', 'error', 'executed_at']);

/** Whether a file in the outbox is what came of an action: a person sends it by hand. */
export function isInOutbox({ status, result }: Pick<Action, 'status' | 'result'>): boolean {
  return status === 'executed' && result?.channel === 'outbox';
}

/**
 * Whether a change is a person's word on a message in the outbox: that they sent it, so that it stays `executed`, or that they
 * won't, so that it is `failed`. Only the terminal and the desk take that word.
 */
export function isSettledByHand({ from, to, via, set }: ActionChange, action: Action | undefined): boolean {
  if (from !== 'executed' || (to !== 'executed' && to !== 'failed')) return false;
  const isSound = Object.keys(set).every((name) => BY_HAND.has(name)) && (set.result?.channel ?? 'outbox') === 'outbox';
  return via === 'human' && isSound && action !== undefined && isInOutbox(action);
}

/** Whether an action may go from one status to another, by the two tables above. */
export function canBecome(from: ActionStatus, to: ActionStatus): boolean {
  return from === to ? MAY_STAY.includes(from) : NEXT[from].includes(to);
}
