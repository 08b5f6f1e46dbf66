import type { ActionChange, Event } from './events.ts';
import type { Kind } from './fold.ts';
import { type Action, isRunOver } from './run.ts';
import { type Desk, type OpenAction, refKey } from './state.ts';

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
  };
}

function foldOpen(desk: Desk, change: ActionChange): void {
  const key = refKey(change);
  if (!STAYS_OPEN.has(change.to)) {
    desk.open.delete(key);
    return;
  }
  const before = desk.open.get(key);
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
        ...(change.set.expires_at ? { expires_at: change.set.expires_at } : {}),
      };
  if (change.set.holder) next.holder = change.set.holder;
  desk.open.set(key, next);
}

function foldRunsOnDesk(desk: Desk, event: Event): void {
  if (event.type === 'run_created') {
    const { id, agent_id, status, created_at, dry_run } = event.run;
    desk.unfinished.set(id, { run_id: id, agent_id, status });
    if (!dry_run) desk.last_runs.set(agent_id, { run_id: id, status, created_at });
  }
  if (event.type === 'run_started') {
    desk.unfinished.set(event.run_id, {
      run_id: event.run_id,
      agent_id: event.agent_id,
      status: event.awaits ? 'awaiting_evaluation' : 'running',
      ...(event.holder ? { holder: event.holder } : {}),
    });
  }
  if (event.type === 'run_ended' && isRunOver(event.status)) desk.unfinished.delete(event.run_id);
  if (event.type === 'run_started' || event.type === 'run_ended') {
    const last = desk.last_runs.get(event.agent_id);
    const status = event.type === 'run_ended' ? event.status : event.awaits ? 'awaiting_evaluation' : 'running';
    if (last?.run_id === event.run_id) desk.last_runs.set(event.agent_id, { ...last, status });
  }
  if (event.type === 'agent_deleted') {
    desk.last_runs.delete(event.agent_id);
    for (const id of event.run_ids) desk.unfinished.delete(id);
    for (const [key, open] of desk.open) if (open.agent_id === event.agent_id) desk.open.delete(key);
  }
}

export const deskKind: Kind<Desk> = {
  empty: () => ({ open: new Map(), unfinished: new Map(), last_runs: new Map() }),
  fold(state, event) {
    foldRunsOnDesk(state, event);
    if (event.type === 'results_recorded') {
      for (const result of event.results) {
        for (const action of result.proposed_actions) {
          if (!STAYS_OPEN.has(action.status)) continue;
          const item = { run_id: event.run_id, contact_id: result.contact_id, agent_id: event.agent_id };
          state.open.set(refKey({ ...item, action_index: action.action_index }), openAction(item, action));
        }
      }
    }
    if (event.type === 'actions_changed') for (const change of event.changes) foldOpen(state, change);
    if (event.type === 'contact_deleted') {
      for (const [key, open] of state.open) if (open.contact_id === event.contact_id) state.open.delete(key);
    }
  },
};
