import type { ActionChange } from '../runs/action-change.ts';
import type { Action } from '../runs/run.ts';
import { namesOfDeleted } from './erasure.ts';
import type { Kind } from './fold.ts';
import { type OpenAction, refKey } from './state.ts';

const STAYS_OPEN = new Set(['pending_approval', 'approved', 'executing', 'unknown']);

function openAction(item: { run_id: string; contact_id: string; agent_id: string }, action: Action): OpenAction {
  return {
    run_id: item.run_id,
    contact_id: item.contact_id,
    action_index: action.action_index,
    agent_id: item.agent_id,
    type: action.type,
    status: action.status,
    proposed_at: action.proposed_at,
    ...(action.expires_at ? { expires_at: action.expires_at } : {}),
    ...(action.holder ? { holder: action.holder } : {}),
  };
}

function foldChange(open: Map<string, OpenAction>, change: ActionChange): void {
  const key = refKey(change);
  if (!STAYS_OPEN.has(change.to)) {
    open.delete(key);
    return;
  }
  const before = open.get(key);
  const next: OpenAction = before
    ? { ...before, status: change.to }
    : {
        run_id: change.run_id,
        contact_id: change.contact_id,
        action_index: change.action_index,
        agent_id: change.agent_id,
        type: change.set.type ?? '',
        proposed_at: change.set.proposed_at ?? change.at,
        status: change.to,
      };
  if (change.set.expires_at) next.expires_at = change.set.expires_at;
  if (change.set.holder) next.holder = change.set.holder;
  delete next.not_before;
  if (change.set.waits) next.not_before = change.set.waits.until;
  for (const field of ['expires_at', 'holder'] as const) if (change.unset?.includes(field)) delete next[field];
  open.set(key, next);
}

/** All open actions, oldest first. */
export const openKind: Kind<Map<string, OpenAction>> = {
  empty: () => new Map(),
  fold(state, event) {
    switch (event.type) {
      case 'results_recorded':
        for (const { contact_id, proposed_actions } of event.results) {
          for (const action of proposed_actions) {
            if (!STAYS_OPEN.has(action.status)) continue;
            const item = { run_id: event.run_id, contact_id, agent_id: event.agent_id };
            state.set(refKey({ ...item, action_index: action.action_index }), openAction(item, action));
          }
        }
        return;
      case 'actions_changed':
        for (const change of event.changes) foldChange(state, change);
        return;
      case 'contact_deleted':
        for (const [key, open] of state) if (namesOfDeleted(event).includes(open.contact_id)) state.delete(key);
        return;
      case 'agent_deleted':
        for (const [key, open] of state) if (open.agent_id === event.agent_id) state.delete(key);
    }
  },
};
