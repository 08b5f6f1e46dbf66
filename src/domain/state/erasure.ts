import type { Thread } from '../agents/thread.ts';
import { redacted } from '../decisions/decision.ts';
import type { ActionChange } from '../runs/action-change.ts';
import type { BacktestPlan } from '../runs/replay.ts';
import type { Action, ContactResult } from '../runs/run.ts';
import type { Event } from './events.ts';

/** A deleted contact that earlier commits still name. They are rewritten to name `stand_in` instead. */
export type Erasure = { contact_id: string; stand_in: string; thread_ids: string[] };

/** The fields that stay of an erased contact's action: they keep the counts right and tell nothing of the contact. */
const COUNTED = [
  'action_index',
  'type',
  'status',
  'source',
  'auto_approved',
  'proposed_at',
  'expires_at',
  'decided_at',
  'decided_via',
  'attempted_at',
  'executed_at',
  'holder',
  'revised',
  'revises',
] as const satisfies (keyof Action)[];

/**
 * The ids under which earlier commits may name a deleted contact. Where their rewriting was interrupted, some still
 * have the contact's own id and others have the stand-in already.
 */
export function namesOfDeleted({ contact_id, stand_in }: Event & { type: 'contact_deleted' }): string[] {
  return stand_in === undefined ? [contact_id] : [contact_id, stand_in];
}

function countedPart(action: Partial<Action>): Partial<Action> {
  const kept: Partial<Action> = {};
  for (const field of COUNTED) if (action[field] !== undefined) Object.assign(kept, { [field]: action[field] });
  return kept;
}

function strippedAction(action: Action): Action {
  const { action_index, type, status, proposed_at } = action;
  return { ...countedPart(action), action_index, type, status, proposed_at, params: {}, digest: '' };
}

function strippedResult(result: ContactResult, contact_id: string): ContactResult {
  return {
    contact_id,
    reasoning: '',
    proposed_actions: result.proposed_actions.map(strippedAction),
    blocked_actions: result.blocked_actions.map(({ type }) => ({ type, params: {}, reason: '' })),
    ...(result.error ? { error: { code: result.error.code, message: '' } } : {}),
    ...(result.usage ? { usage: result.usage } : {}),
  };
}

function strippedChange(change: ActionChange, contact_id: string): ActionChange {
  return { ...change, contact_id, set: countedPart(change.set) };
}

function without(ids: string[] | undefined, id: string): string[] | undefined {
  return ids?.includes(id) ? ids.filter((other) => other !== id) : ids;
}

/** A backtest's plan without a contact: what people decided for it is counted among the erased. */
export function planWithout(plan: BacktestPlan, contact_id: string): BacktestPlan {
  const gone = plan.evaluations.filter((each) => each.contact_id === contact_id);
  if (gone.length === 0) return plan;
  const decided = gone.reduce((sum, each) => sum + each.decided.length, 0);
  const evaluations = plan.evaluations.filter((each) => each.contact_id !== contact_id);
  return { ...plan, evaluations, erased: plan.erased + decided };
}

function strippedThread(thread: Thread, { contact_id, stand_in }: Erasure): Thread {
  return thread.contact_id === contact_id ? { ...thread, contact_id: stand_in } : thread;
}

/**
 * An event without what it says of an erased person; undefined where nothing of the event is left. Counts stay as they
 * were, so that folding gives the same for everybody else. An event that says nothing of the person stays equal.
 */
export function withoutPerson(event: Event, erasure: Erasure): Event | undefined {
  const { contact_id: id, stand_in, thread_ids } = erasure;
  switch (event.type) {
    case 'contacts_saved': {
      const aliases = event.aliases?.filter(([, contactId]) => contactId !== id);
      const contacts = event.contacts.filter((contact) => contact.id !== id);
      return { ...event, contacts, ...(aliases ? { aliases } : {}) };
    }
    case 'events_recorded':
      return { ...event, events: event.events.filter((item) => item.contact_id !== id) };
    case 'note_added':
      return event.note.contact_id === id ? undefined : event;
    case 'evaluation_leased':
      return event.contact_id === id ? undefined : event;
    case 'run_created': {
      const contact_ids = without(event.contact_ids, id);
      const backtest = event.backtest && planWithout(event.backtest, id);
      return { ...event, ...(contact_ids ? { contact_ids } : {}), ...(backtest ? { backtest } : {}) };
    }
    case 'run_started':
    case 'targets_taken': {
      if (!event.targets?.includes(id)) return event;
      return { ...event, targets: event.targets.map((target) => (target === id ? stand_in : target)) };
    }
    case 'results_recorded': {
      const results = event.results.map((result) =>
        result.contact_id === id ? strippedResult(result, stand_in) : result,
      );
      return { ...event, results };
    }
    case 'actions_changed': {
      const changes = event.changes.map((change) =>
        change.contact_id === id ? strippedChange(change, stand_in) : change,
      );
      return { ...event, changes };
    }
    case 'decisions_recorded': {
      const entries = event.entries.map((entry) => (entry.personal?.contact_id === id ? redacted(entry) : entry));
      return { ...event, entries };
    }
    case 'thread_talked': {
      const isAbout = thread_ids.includes(event.thread.thread_id);
      return { ...event, thread: strippedThread(event.thread, erasure), messages: isAbout ? [] : event.messages };
    }
    case 'contact_deleted':
      return event.contact_id === id ? { ...event, contact_id: stand_in } : event;
    default:
      return event;
  }
}
