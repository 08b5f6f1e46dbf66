import { ACTION_TYPES } from '../actions/index.ts';
import { removeFromOutbox } from '../actions/outbox.ts';
import { type Author, nameOf } from '../domain/author.ts';
import type { Contact } from '../domain/contact.ts';
import { conflict } from '../domain/errors.ts';
import type { ActionChange, Event } from '../domain/events.ts';
import { compileFilter } from '../domain/filter.ts';
import { recentActions, unifiedProfile } from '../domain/profile.ts';
import { decisionsAbout } from './decisions.ts';
import type { House } from './house.ts';
import { findContact } from './lookup.ts';
import { findAction } from './own-effects.ts';
import { type Page, type PageOf, pageOf } from './paging.ts';

const OUTBOUND: ReadonlySet<string> = new Set(ACTION_TYPES.filter((type) => type.outbound).map((type) => type.type));
const SEARCHED = ['id', 'email', 'firstname', 'lastname', 'company'] as const;
const SHOWN = [
  'id',
  'email',
  'firstname',
  'lastname',
  'company',
  'lifecycle_stage',
  'do_not_email',
  'do_not_contact',
] as const;

/** Whether a contact holds a text in id, email, names or company. */
export function isFound(contact: Contact, query: string): boolean {
  if (SEARCHED.some((field) => contact[field]?.toLowerCase().includes(query))) return true;
  return `${contact.firstname ?? ''} ${contact.lastname ?? ''}`.toLowerCase().includes(query);
}

function pick(contact: Contact, fields: readonly string[]): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const field of [...SHOWN, ...fields]) if (Object.hasOwn(contact, field)) shown[field] = contact[field];
  return shown;
}

export type ContactFilter = {
  filter?: Record<string, unknown> | undefined;
  query?: string | undefined;
  fields?: string[] | undefined;
};

export function listContacts(
  house: House,
  wanted: ContactFilter,
  page: Page,
): Promise<PageOf<Record<string, unknown>>> {
  const matches = compileFilter(wanted.filter ?? {}, 'filter');
  const query = wanted.query?.toLowerCase();
  return house.store.read((view) => {
    const found: Contact[] = [];
    for (const contact of view.contacts().byId.values()) {
      if (matches(contact) && (query === undefined || isFound(contact, query))) found.push(contact);
    }
    return pageOf(found.reverse(), page, (contact) => pick(contact, wanted.fields ?? []));
  });
}

const NEWEST = 50;
/** What each list of a contact may take, so that all of them fit a result. */
const MOST_TOKENS = { events: 2_400, notes: 2_000, recent_actions: 1_600 };

/** Everything about one contact; the newest events, notes and actions of each. */
export function getContact(house: House, id: string): Promise<Record<string, unknown>> {
  return house.store.read((view) => {
    const contact = findContact(view, id);
    const activity = view.activity(contact.id);
    const entries = view.ledger(contact.id);
    const page = { limit: NEWEST, offset: 0 };
    const same = <T>(item: T) => item;
    const events = pageOf([...activity.events].reverse(), page, same, MOST_TOKENS.events);
    const notes = pageOf([...activity.notes].reverse(), page, same, MOST_TOKENS.notes);
    const actions = pageOf(recentActions(entries), page, same, MOST_TOKENS.recent_actions);
    const isCut = [events, notes, actions].some(({ truncated }) => truncated);
    return {
      contact,
      events: events.rows,
      notes: notes.rows,
      recent_actions: actions.rows,
      unified_profile: unifiedProfile(contact, activity, entries, OUTBOUND, house.deps.now()),
      ...(isCut ? { truncated: 'size' } : {}),
    };
  });
}

const LOG_KEEPS = 'Earlier commits in HOME/log still hold what was written before: the log is not rewritten.';

export type Erasure = {
  contact_id: string;
  erased: { events: number; notes: number; results: number };
  redacted: { decisions: number };
  warnings: string[];
};

/** Removes a person: fields, events, notes, and what runs said of it. What waits for it is cancelled first. */
export async function deleteContact(house: House, by: Author, id: string): Promise<Erasure> {
  const erasure = await house.store.commit(by, (view) => {
    const contact = findContact(view, id);
    const at = house.deps.now().toISOString();
    const open = [...view.desk().open.values()].filter((item) => item.contact_id === contact.id);
    if (open.some((item) => item.status === 'executing')) {
      throw conflict(
        `An action for contact "${contact.id}" is being executed right now. Call delete_contact again in a moment.`,
      );
    }
    const changes: ActionChange[] = open
      .filter((item) => item.status !== 'unknown')
      .map((item) => ({
        run_id: item.run_id,
        contact_id: item.contact_id,
        action_index: item.action_index,
        agent_id: item.agent_id,
        from: item.status,
        to: 'cancelled',
        auto_approved: findAction(view, item)?.auto_approved === true,
        at,
        set: { decided_at: at, decided_by: nameOf(by), reason: 'the contact was deleted' },
      }));
    const run_ids = [...view.runs().keys()].filter((runId) => view.run(runId).results.has(contact.id));
    const events: Event[] = changes.length > 0 ? [{ type: 'actions_changed', changes }] : [];
    const about = [...view.threads().values()].filter((thread) => thread.contact_id === contact.id);
    const thread_ids = about.map((thread) => thread.thread_id);
    const threads = thread_ids.length > 0 ? { thread_ids } : {};
    events.push({ type: 'contact_deleted', contact_id: contact.id, run_ids, ...threads });
    const activity = view.activity(contact.id);
    const decisions = decisionsAbout(view, contact.id).length + changes.length;
    const erased = {
      events: activity.events.length,
      notes: activity.notes.length,
      results: run_ids.length,
    };
    return { events, value: { contact_id: contact.id, erased, redacted: { decisions }, warnings: [LOG_KEEPS] } };
  });
  await removeFromOutbox(house.store.home, erasure.contact_id);
  return erasure;
}
