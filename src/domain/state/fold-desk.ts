import type { ActionChange } from '../runs/action-change.ts';
import { addressIn } from '../runs/revision.ts';
import { type ActionRef, type ActionStatus, isRunOver } from '../runs/run.ts';
import { namesOfDeleted } from './erasure.ts';
import type { Event } from './events.ts';
import { type Kind, withPartaker } from './fold.ts';
import { type Desk, refKey, type Waiting } from './state.ts';

type Counted = 'pending_approval' | 'approved' | 'executing';
/** One action that enters or leaves a status. */
type Move = { run_id: string; agent_id: string; contact_id: string; action_index: number; expires_at?: string };

function isCounted(status: ActionStatus): status is Counted {
  return status === 'pending_approval' || status === 'approved' || status === 'executing';
}

function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

function enter(waiting: Desk['waiting'], move: Move, status: ActionStatus): void {
  if (!isCounted(status) && status !== 'unknown') return;
  const before: Waiting = waiting.get(move.run_id) ?? {
    agent_id: move.agent_id,
    pending_approval: 0,
    approved: 0,
    executing: 0,
    unknown: [],
  };
  const expires_from = earlier(before.expires_from, move.expires_at);
  const next: Waiting = { ...before, ...(expires_from ? { expires_from } : {}) };
  if (isCounted(status)) next[status] += 1;
  else next.unknown = [...before.unknown, refKey(move)];
  waiting.set(move.run_id, next);
}

function leave(waiting: Desk['waiting'], move: Move, status: ActionStatus): void {
  const before = waiting.get(move.run_id);
  if (!before) return;
  const next = { ...before };
  if (isCounted(status)) next[status] = Math.max(0, before[status] - 1);
  if (status === 'unknown') next.unknown = before.unknown.filter((key) => key !== refKey(move));
  keepIfAny(waiting, move.run_id, next);
}

function keepIfAny(waiting: Desk['waiting'], runId: string, next: Waiting): void {
  const revising = next.revising?.length ?? 0;
  if (next.pending_approval + next.approved + next.executing + next.unknown.length + revising > 0)
    waiting.set(runId, next);
  else waiting.delete(runId);
}

/** The same with other keys of actions that were sent back; without any, the field goes. */
function withRevising({ revising: _revising, ...waiting }: Waiting, keys: readonly string[]): Waiting {
  return keys.length > 0 ? { ...waiting, revising: keys } : waiting;
}

function beginRevision(waiting: Desk['waiting'], move: Move): void {
  const before = waiting.get(move.run_id);
  if (before) waiting.set(move.run_id, withRevising(before, [...(before.revising ?? []), refKey(move)]));
}

function endRevision(waiting: Desk['waiting'], { run_id, contact_id, action_index }: ActionRef): void {
  const before = waiting.get(run_id);
  if (!before?.revising) return;
  const ended = refKey({ run_id, contact_id, action_index });
  const left = before.revising.filter((key) => key !== ended);
  keepIfAny(waiting, run_id, withRevising(before, left));
}

function foldChange(waiting: Desk['waiting'], change: ActionChange): void {
  const { run_id, agent_id, contact_id, action_index, set } = change;
  const move = {
    run_id,
    agent_id,
    contact_id,
    action_index,
    ...(set.expires_at ? { expires_at: set.expires_at } : {}),
  };
  if (set.revised) beginRevision(waiting, move);
  // Entering comes first: a run whose only open action left first would lose its place in the order of runs.
  enter(waiting, move, change.to);
  leave(waiting, move, change.from);
}

/** Drops a deleted contact's unknown actions, and those sent back. Its other open actions were cancelled before. */
function dropContact(waiting: Desk['waiting'], contactId: string): void {
  const isOther = (key: string) => addressIn(key).contact_id !== contactId;
  for (const [runId, before] of waiting) {
    const unknown = before.unknown.filter(isOther);
    const revising = before.revising?.filter(isOther) ?? [];
    const dropped = before.unknown.length - unknown.length + (before.revising?.length ?? 0) - revising.length;
    if (dropped > 0) keepIfAny(waiting, runId, withRevising({ ...before, unknown }, revising));
  }
}

function foldWaiting(waiting: Desk['waiting'], event: Event): void {
  switch (event.type) {
    case 'results_recorded':
      for (const { contact_id, proposed_actions } of event.results) {
        const { run_id, agent_id } = event;
        for (const action of proposed_actions)
          enter(waiting, { run_id, agent_id, contact_id, ...action }, action.status);
        if (event.revises !== undefined) endRevision(waiting, { run_id, contact_id, action_index: event.revises });
      }
      return;
    case 'actions_changed':
      for (const change of event.changes) foldChange(waiting, change);
      return;
    case 'contact_deleted':
      for (const name of namesOfDeleted(event)) dropContact(waiting, name);
      return;
    case 'agent_deleted':
      for (const [runId, { agent_id }] of waiting) if (agent_id === event.agent_id) waiting.delete(runId);
  }
}

function foldRunsOnDesk(desk: Desk, event: Event): void {
  if (event.type === 'run_created') {
    const { id, agent_id, status, created_at, dry_run, trigger } = event.run;
    const backtest = trigger === 'backtest' ? { backtest: true as const } : {};
    desk.unfinished.set(id, { run_id: id, agent_id, status, ...backtest });
    if (!dry_run) desk.last_runs.set(agent_id, { run_id: id, status, created_at });
  }
  if (event.type === 'run_started') {
    desk.unfinished.set(event.run_id, {
      run_id: event.run_id,
      agent_id: event.agent_id,
      status: event.awaits ? 'awaiting_evaluation' : 'running',
      ...(event.holder ? { holder: event.holder } : {}),
      ...(event.shared ? { helpers: [] } : {}),
      ...(desk.unfinished.get(event.run_id)?.backtest ? { backtest: true as const } : {}),
    });
  }
  const going = event.type === 'targets_taken' ? desk.unfinished.get(event.run_id) : undefined;
  if (event.type === 'targets_taken' && going) desk.unfinished.set(event.run_id, withPartaker(going, event));
  if (event.type === 'run_ended' && isRunOver(event.status)) desk.unfinished.delete(event.run_id);
  if (event.type === 'run_started' || event.type === 'run_ended') {
    const last = desk.last_runs.get(event.agent_id);
    const status = event.type === 'run_ended' ? event.status : event.awaits ? 'awaiting_evaluation' : 'running';
    if (last?.run_id === event.run_id) desk.last_runs.set(event.agent_id, { ...last, status });
  }
  if (event.type === 'agent_deleted') {
    desk.last_runs.delete(event.agent_id);
    for (const id of event.run_ids) desk.unfinished.delete(id);
  }
}

export const deskKind: Kind<Desk> = {
  empty: () => ({ waiting: new Map(), unfinished: new Map(), last_runs: new Map() }),
  fold(state, event) {
    foldRunsOnDesk(state, event);
    foldWaiting(state.waiting, event);
  },
};
