import { addressKey } from '../contacts/address.ts';
import type { Activity, Contact } from '../contacts/contact.ts';
import type { DecisionEntry, DecisionKind } from '../decisions/decision.ts';
import type { ActionChange } from '../runs/action-change.ts';
import { namesOfDeleted } from './erasure.ts';
import type { Kind } from './fold.ts';
import type { ContactBook, LedgerEntry } from './state.ts';

export const contactsKind: Kind<ContactBook> = {
  empty: () => ({ byId: new Map(), byEmail: new Map(), sharing: new Map(), aliases: new Map(), former: new Map() }),
  fold(state, event) {
    if (event.type === 'contacts_saved') {
      for (const [id, contactId] of event.aliases ?? []) state.aliases.set(id, contactId);
      for (const contact of event.contacts) {
        const before = state.byId.get(contact.id);
        if (before?.email) {
          unindex(state, before.id, before.email);
          noteMove(state, before.id, before.email, contact.email);
        }
        state.byId.set(contact.id, contact);
        indexEmail(state, contact.id, contact.email);
      }
    }
    if (event.type === 'contact_deleted') {
      const before = state.byId.get(event.contact_id);
      state.byId.delete(event.contact_id);
      for (const [id, contactId] of state.aliases) if (contactId === event.contact_id) state.aliases.delete(id);
      if (before?.email) unindex(state, before.id, before.email);
      forgetMoves(state, event.contact_id);
    }
  },
};

function noteMove({ former }: ContactBook, id: string, from: string, to: string | undefined): void {
  const key = addressKey(from);
  if (to !== undefined && addressKey(to) === key) return;
  const ids = former.get(key) ?? [];
  if (!ids.includes(id)) former.set(key, [...ids, id]);
}

function forgetMoves({ former }: ContactBook, id: string): void {
  for (const [key, ids] of former) {
    if (!ids.includes(id)) continue;
    const left = ids.filter((other) => other !== id);
    if (left.length > 0) former.set(key, left);
    else former.delete(key);
  }
}

/** Whether one contact came before another one; of those that came at once, the one with the first id. */
export function isOlder(one: Contact | undefined, other: Contact | undefined): boolean {
  if (!one || !other || one.created_at === other.created_at) return (one?.id ?? '') < (other?.id ?? '');
  return one.created_at < other.created_at;
}

/**
 * Makes a contact findable by its email. Of several with one email the oldest is found, in whatever order they come.
 */
function indexEmail(book: ContactBook, id: string, email: string | undefined): void {
  if (!email) return;
  const key = addressKey(email);
  const current = book.byEmail.get(key);
  if (current === id) return;
  const isFirst = current === undefined || isOlder(book.byId.get(id), book.byId.get(current));
  if (isFirst) book.byEmail.set(key, id);
  if (current === undefined) return;
  book.sharing.set(key, [...(book.sharing.get(key) ?? []), isFirst ? current : id]);
}

function unindex(book: ContactBook, id: string, email: string): void {
  const key = addressKey(email);
  const sharing = book.sharing.get(key) ?? [];
  if (book.byEmail.get(key) !== id) {
    share(
      book,
      key,
      sharing.filter((other) => other !== id),
    );
    return;
  }
  book.byEmail.delete(key);
  book.sharing.delete(key);
  for (const other of sharing) indexEmail(book, other, email);
}

function share(book: ContactBook, key: string, ids: readonly string[]): void {
  if (ids.length > 0) book.sharing.set(key, ids);
  else book.sharing.delete(key);
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
        const next = touched.has(activity) ? activity : { events: [...activity.events], notes: activity.notes };
        next.events.push(item);
        touched.add(next);
        state.set(item.contact_id, next);
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
  if (change.set.revised) next.revised = true;
  return next;
}

/** The decisions that say where an action goes. What is settled later went where it was approved to go. */
const SAYS_WHERE: ReadonlySet<string> = new Set<DecisionKind>(['approved', 'retried', 'rejected', 'revised']);

function noteDecision(state: Map<string, LedgerEntry[]>, entry: DecisionEntry): void {
  const { seq, decision, run_id, action_index, personal } = entry;
  const entries = personal && state.get(personal.contact_id);
  if (!entries) return;
  const { contact_id, recipient } = personal;
  const where = recipient !== undefined && SAYS_WHERE.has(decision) ? { to: recipient } : {};
  const next = entries.map((item) =>
    item.run_id === run_id && item.action_index === action_index
      ? { ...item, ...where, decisions: [...(item.decisions ?? []), seq] }
      : item,
  );
  state.set(contact_id, next);
}

export const ledgerKind: Kind<Map<string, LedgerEntry[]>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'contact_deleted') for (const name of namesOfDeleted(event)) state.delete(name);
    if (event.type === 'results_recorded' && !event.dry_run) {
      for (const result of event.results) {
        if (result.proposed_actions.length === 0) continue;
        const added = result.proposed_actions.map((action) => ({
          run_id: event.run_id,
          action_index: action.action_index,
          agent_id: event.agent_id,
          type: action.type,
          params: action.params,
          ...(action.pinned_tool ? { to: `${action.pinned_tool.server}/${action.pinned_tool.name}` } : {}),
          status: action.status,
          at: event.at,
        }));
        state.set(result.contact_id, [...(state.get(result.contact_id) ?? []), ...added]);
      }
    }
    if (event.type === 'decisions_recorded') for (const entry of event.entries) noteDecision(state, entry);
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
