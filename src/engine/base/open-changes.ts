import { type Author, nameOf } from '../../domain/base/author.ts';
import { conflict } from '../../domain/base/errors.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Event } from '../../domain/state/events.ts';
import type { OpenQuery } from '../../domain/state/queries.ts';
import type { OpenAction } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { findAction } from './actions.ts';

/** The fields of a change of an open action, but for the new status and the fields that it sets. */
export function changing(view: View, item: OpenAction, at: string): Omit<ActionChange, 'to' | 'set'> {
  const { run_id, contact_id, action_index, agent_id, status: from } = item;
  const auto_approved = findAction(view, item)?.auto_approved === true;
  return { run_id, contact_id, action_index, agent_id, from, auto_approved, at };
}

/**
 * Cancels the open actions of an agent or a contact that is about to be deleted. CONFLICT where one of them is being
 * executed right now. Those with the status `unknown` aren't cancelled: they are deleted as they are.
 */
export function cancelling(
  view: View,
  query: OpenQuery,
  { by, at, reason, refusal }: { by: Author; at: string; reason: string; refusal: string },
): ActionChange[] {
  const open = view.open(query);
  if (open.some((item) => item.status === 'executing')) throw conflict(refusal);
  return open
    .filter((item) => item.status !== 'unknown')
    .map((item) => ({
      ...changing(view, item, at),
      to: 'cancelled',
      set: { decided_at: at, decided_by: nameOf(by), reason },
    }));
}

export function changeEvents(changes: ActionChange[]): Event[] {
  return changes.length > 0 ? [{ type: 'actions_changed', changes }] : [];
}
