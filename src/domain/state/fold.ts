import type { Identity } from '../agents/identity.ts';
import { type Sent, withOneMore } from '../mail/pace.ts';
import type { ActionChange } from '../runs/action-change.ts';
import { withRevision } from '../runs/revision.ts';
import type { Action, ContactResult, Run } from '../runs/run.ts';
import { countChange, countResult } from '../runs/summary.ts';
import { namesOfDeleted, planWithout } from './erasure.ts';
import type { Event } from './events.ts';
import type { Mailbox, RunResults, UsedKey } from './state.ts';

/**
 * How one kind of document comes from events. `fold` changes `state`, the document `id`. It replaces the records in
 * `state` instead of altering them, since others may hold them.
 */
export type Kind<S> = { empty: () => S; fold: (state: S, event: Event, id: string) => void };

/** The action as a change leaves it. */
function changed(action: Action, change: ActionChange): Action {
  const next: Action = { ...action, ...change.set, status: change.to };
  if (change.set.waits === undefined) delete next.waits;
  for (const field of change.unset ?? []) delete next[field];
  return next;
}

/** A shared run, or its entry among the unfinished ones, once a process takes part in it or leaves it. */
export function withPartaker<R extends Pick<Run, 'holder' | 'helpers' | 'left'>>(
  run: R,
  { holder, leaves }: Event & { type: 'targets_taken' },
): R {
  const { helpers = [], left = [] } = run;
  if (!leaves)
    return { ...run, helpers: holder === run.holder || helpers.includes(holder) ? helpers : [...helpers, holder] };
  const next = { ...run, helpers: helpers.filter((one) => one !== holder), left: [...left, holder] };
  if (run.holder === holder) delete next.holder;
  return next;
}

function foldRun(run: Run, event: Event): Run {
  const next = { ...run, summary: { ...run.summary } };
  if (event.type === 'run_started') {
    next.status = event.awaits ? 'awaiting_evaluation' : 'running';
    if (event.holder) next.holder = event.holder;
    delete next.helpers;
    delete next.left;
    if (event.shared) next.helpers = [];
    delete next.takes;
    if (event.takes !== undefined) next.takes = event.takes;
    next.started_at ??= event.at;
    if (event.targets) next.summary.contacts_targeted = event.targets.length;
  }
  if (event.type === 'targets_taken') return withPartaker(next, event);
  if (event.type === 'results_recorded') {
    if (event.revises === undefined) delete next.takes;
    for (const result of event.results) countResult(next.summary, result, event.revises !== undefined);
  }
  if (event.type === 'run_ended') {
    next.status = event.status;
    next.completed_at = event.at;
    if (event.error) next.error = event.error;
    delete next.holder;
    delete next.helpers;
    delete next.left;
    delete next.takes;
  }
  return next;
}

export const runsKind: Kind<Map<string, Run>> = {
  empty: () => new Map(),
  fold(state, event) {
    switch (event.type) {
      case 'run_created':
        state.set(event.run.id, event.run);
        return;
      case 'agent_deleted':
        for (const id of event.run_ids) state.delete(id);
        return;
      case 'actions_changed':
        for (const change of event.changes) {
          const run = state.get(change.run_id);
          if (!run) continue;
          const summary = { ...run.summary };
          countChange(summary, change);
          state.set(run.id, { ...run, summary });
        }
        return;
      case 'run_started':
      case 'targets_taken':
      case 'results_recorded':
      case 'run_ended': {
        const run = state.get(event.run_id);
        if (run) state.set(run.id, foldRun(run, event));
      }
    }
  },
};

function changeResult(results: Map<string, ContactResult>, change: ActionChange): void {
  const result = results.get(change.contact_id);
  if (!result) return;
  const proposed_actions = result.proposed_actions.map((action) =>
    action.action_index === change.action_index ? changed(action, change) : action,
  );
  results.set(change.contact_id, { ...result, proposed_actions });
}

function recordResults(state: RunResults, { results, revises, at }: Event & { type: 'results_recorded' }): void {
  for (const result of results) {
    const { contact_id } = result;
    state.leases.delete(contact_id);
    state.taken.delete(contact_id);
    const before = state.results.get(contact_id);
    if (revises === undefined) state.results.set(contact_id, result);
    else if (before) state.results.set(contact_id, withRevision(before, result, { action_index: revises, at }));
  }
}

function dropContact(state: RunResults, contactId: string): void {
  state.results.delete(contactId);
  state.leases.delete(contactId);
  state.taken.delete(contactId);
  state.targets = state.targets.filter((target) => target !== contactId);
  if (state.contact_ids) state.contact_ids = state.contact_ids.filter((id) => id !== contactId);
  if (state.backtest) state.backtest = planWithout(state.backtest, contactId);
}

export const runKind: Kind<RunResults> = {
  empty: () => ({ targets: [], results: new Map(), leases: new Map(), taken: new Map() }),
  fold(state, event, id) {
    switch (event.type) {
      case 'run_created':
        if (event.contact_ids) state.contact_ids = event.contact_ids;
        if (event.backtest) state.backtest = event.backtest;
        return;
      case 'run_started':
        if (event.targets) state.targets = event.targets;
        return;
      case 'targets_taken': {
        const { holder, takes, leaves } = event;
        if (leaves) state.taken = new Map([...state.taken].filter(([, taken]) => taken.holder !== holder));
        for (const target of event.targets)
          state.taken.set(target, takes === undefined ? { holder } : { holder, takes });
        return;
      }
      case 'evaluation_leased': {
        const { type: _type, run_id: _run, agent_id: _agent, contact_id, at: _at, ...lease } = event;
        state.leases.set(contact_id, lease);
        return;
      }
      case 'results_recorded':
        recordResults(state, event);
        return;
      case 'run_ended':
        // A revision isn't one of the run's contacts: it goes on.
        state.leases = new Map([...state.leases].filter(([, lease]) => lease.revises !== undefined));
        state.taken = new Map();
        return;
      case 'actions_changed':
        for (const change of event.changes) if (change.run_id === id) changeResult(state.results, change);
        return;
      case 'contact_deleted':
        for (const name of namesOfDeleted(event)) dropContact(state, name);
        return;
      case 'agent_deleted':
        state.targets = [];
        state.results = new Map();
        state.taken = new Map();
        delete state.backtest;
    }
  },
};

export const identitiesKind: Kind<Map<string, Identity>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'identity_saved') state.set(event.identity.id, event.identity);
  },
};

/** Every version of each identity, oldest first: what looks at the past was sent by. */
export const sendersKind: Kind<Map<string, readonly Identity[]>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type !== 'identity_saved') return;
    const { identity } = event;
    state.set(identity.id, [...(state.get(identity.id) ?? []), identity]);
  },
};

/** What each identity has sent, by its id: only the last email, and how many went on the day of that one. */
export const paceKind: Kind<Map<string, Sent>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'send_claimed') state.set(event.identity_id, withOneMore(state.get(event.identity_id), event));
  },
};

/** The mailboxes, by the id of their identity. */
export const mailboxesKind: Kind<Map<string, Mailbox>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type !== 'mailbox_read') return;
    const { identity_id, at, stand, problem } = event;
    const before = state.get(identity_id);
    if (problem !== undefined) state.set(identity_id, { ...before, problem: { at, message: problem } });
    else if (stand) state.set(identity_id, { stand, read_at: at });
  },
};

export const keysKind: Kind<Map<string, UsedKey>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type !== 'key_used') return;
    const { tool, digest, id, at } = event;
    state.set(`${tool} ${event.key}`, { tool, digest, id, at });
  },
};
