import type { Agent } from './agent.ts';
import type { ActionChange, Event } from './events.ts';
import type { Identity } from './identity.ts';
import { type Action, type ContactResult, isRunOver, type Run } from './run.ts';
import {
  type Activity,
  type AgentHistory,
  type ContactBook,
  type Desk,
  type LedgerEntry,
  type OpenAction,
  type RunResults,
  refKey,
  type UsedKey,
} from './state.ts';
import { countChange, countResult } from './summary.ts';

/** How one kind of document grows out of events. `fold` changes `state`, replacing leaves rather than altering them. */
export type Kind<S> = { empty: () => S; fold: (state: S, event: Event, id: string) => void };

/** The documents that an event belongs to: `agents`, or `runs/<id>`. */
export function documentsOf(event: Event): string[] {
  switch (event.type) {
    case 'agent_saved':
      return ['agents', `agents/${event.agent.id}`];
    case 'agent_deleted':
      return ['agents', `agents/${event.agent_id}`, 'runs', 'desk', 'ledger', ...runDocuments(event.run_ids)];
    case 'identity_saved':
      return ['identities'];
    case 'contacts_saved':
      return ['contacts'];
    case 'events_recorded':
    case 'note_added':
      return ['activity'];
    case 'contact_deleted':
      return ['contacts', 'activity', 'ledger', 'desk', ...runDocuments(event.run_ids)];
    case 'run_created':
      return ['runs', 'desk', `runs/${event.run.id}`];
    case 'run_started':
      return ['runs', 'desk', `runs/${event.run_id}`];
    case 'results_recorded': {
      const always = ['runs', `runs/${event.run_id}`];
      return event.dry_run ? always : [...always, 'desk', 'ledger', `agents/${event.agent_id}`];
    }
    case 'run_ended':
      return ['runs', 'desk'];
    case 'actions_changed':
      return ['runs', 'desk', 'ledger', ...runDocuments([...new Set(event.changes.map((change) => change.run_id))])];
    case 'key_used':
      return ['keys'];
  }
}

function runDocuments(ids: readonly string[]): string[] {
  return ids.map((id) => `runs/${id}`);
}

/** An action after a change. */
export function changed(action: Action, change: ActionChange): Action {
  const next: Action = { ...action, ...change.set, status: change.to };
  for (const field of change.unset ?? []) delete next[field];
  return next;
}

export const agentsKind: Kind<Map<string, Agent>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'agent_saved') state.set(event.agent.id, event.agent);
    if (event.type === 'agent_deleted') state.delete(event.agent_id);
  },
};

export const agentKind: Kind<AgentHistory> = {
  empty: () => ({ versions: [], evaluated: new Map() }),
  fold(state, event) {
    if (event.type === 'agent_saved') state.versions.push(event.agent);
    if (event.type === 'results_recorded') {
      for (const result of event.results) state.evaluated.set(result.contact_id, event.at);
    }
    if (event.type === 'agent_deleted') {
      state.versions = [];
      state.evaluated = new Map();
    }
  },
};

function foldRun(run: Run, event: Event): Run {
  const next = { ...run, summary: { ...run.summary } };
  if (event.type === 'run_started') {
    next.status = 'running';
    next.holder = event.holder;
    next.started_at ??= event.at;
    if (event.targets) next.summary.contacts_targeted = event.targets.length;
  }
  if (event.type === 'results_recorded') for (const result of event.results) countResult(next.summary, result);
  if (event.type === 'run_ended') {
    next.status = event.status;
    next.completed_at = event.at;
    if (event.error) next.error = event.error;
    delete next.holder;
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

export const runKind: Kind<RunResults> = {
  empty: () => ({ targets: [], results: new Map() }),
  fold(state, event, id) {
    switch (event.type) {
      case 'run_created':
        if (event.contact_ids) state.contact_ids = event.contact_ids;
        return;
      case 'run_started':
        if (event.targets) state.targets = event.targets;
        return;
      case 'results_recorded':
        for (const result of event.results) state.results.set(result.contact_id, result);
        return;
      case 'actions_changed':
        for (const change of event.changes) if (change.run_id === id) changeResult(state.results, change);
        return;
      case 'contact_deleted':
        state.results.delete(event.contact_id);
        state.targets = state.targets.filter((target) => target !== event.contact_id);
        return;
      case 'agent_deleted':
        state.targets = [];
        state.results = new Map();
    }
  },
};

export const contactsKind: Kind<ContactBook> = {
  empty: () => ({ byId: new Map(), byEmail: new Map() }),
  fold(state, event) {
    if (event.type === 'contacts_saved') {
      for (const contact of event.contacts) {
        const before = state.byId.get(contact.id);
        if (before?.email) unindex(state, before.id, before.email);
        state.byId.set(contact.id, contact);
        indexEmail(state, contact.id, contact.email);
      }
    }
    if (event.type === 'contact_deleted') {
      const before = state.byId.get(event.contact_id);
      state.byId.delete(event.contact_id);
      if (before?.email) unindex(state, before.id, before.email);
    }
  },
};

function unindex(book: ContactBook, id: string, email: string): void {
  if (book.byEmail.get(email.toLowerCase()) === id) book.byEmail.delete(email.toLowerCase());
}

/** The first contact that has an address keeps it; a second one is found by its id only. */
export function indexEmail(book: ContactBook, id: string, email: string | undefined): void {
  if (email && !book.byEmail.has(email.toLowerCase())) book.byEmail.set(email.toLowerCase(), id);
}

export const activityKind: Kind<Map<string, Activity>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'contact_deleted') state.delete(event.contact_id);
    if (event.type === 'note_added') {
      const activity = state.get(event.note.contact_id) ?? { events: [], notes: [] };
      state.set(event.note.contact_id, { ...activity, notes: [...activity.notes, event.note] });
    }
    if (event.type === 'events_recorded') {
      const touched = new Set<Activity>();
      for (const item of event.events) {
        const activity = state.get(item.contact_id) ?? { events: [], notes: [] };
        const mine = touched.has(activity) ? activity : { events: [...activity.events], notes: activity.notes };
        mine.events.push(item);
        touched.add(mine);
        state.set(item.contact_id, mine);
      }
      for (const activity of touched)
        activity.events.sort((a, b) => (a.timestamp < b.timestamp ? -1 : Number(a.timestamp > b.timestamp)));
    }
  },
};

function changeEntry(entry: LedgerEntry, change: ActionChange): LedgerEntry {
  const next: LedgerEntry = { ...entry, status: change.to, at: change.at };
  if (change.set.edited_params) {
    next.proposed_params = entry.proposed_params ?? entry.params;
    next.params = change.set.edited_params;
  }
  if (change.set.reason !== undefined) next.reason = change.set.reason;
  return next;
}

export const ledgerKind: Kind<Map<string, LedgerEntry[]>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'contact_deleted') state.delete(event.contact_id);
    if (event.type === 'results_recorded' && !event.dry_run) {
      for (const result of event.results) {
        if (result.proposed_actions.length === 0) continue;
        const added = result.proposed_actions.map((action) => ({
          run_id: event.run_id,
          action_index: action.action_index,
          agent_id: event.agent_id,
          type: action.type,
          params: action.params,
          status: action.status,
          at: event.at,
        }));
        state.set(result.contact_id, [...(state.get(result.contact_id) ?? []), ...added]);
      }
    }
    if (event.type === 'actions_changed') {
      for (const change of event.changes) {
        const entries = state.get(change.contact_id);
        if (!entries) continue;
        const next = entries.map((entry) =>
          entry.run_id === change.run_id && entry.action_index === change.action_index
            ? changeEntry(entry, change)
            : entry,
        );
        state.set(change.contact_id, next);
      }
    }
  },
};

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
      status: 'running',
      holder: event.holder,
    });
  }
  if (event.type === 'run_ended' && isRunOver(event.status)) desk.unfinished.delete(event.run_id);
  if (event.type === 'run_started' || event.type === 'run_ended') {
    const last = desk.last_runs.get(event.agent_id);
    const status = event.type === 'run_ended' ? event.status : 'running';
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

export const identitiesKind: Kind<Map<string, Identity>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'identity_saved') state.set(event.identity.id, event.identity);
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
