import { objectionDigest } from '../../domain/contacts/kept-objections.ts';
import type { ImportOutcome } from '../../domain/import/merging/merge.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';

/** The most contacts of one event: the store keeps those of an event together. */
const MOST_CONTACTS = 2_500;

/** A stored contact that melted into another one goes like a deleted one: nothing of its id stays in the log. */
function goneEvent(view: View, contact_id: string, drawn: string): Event[] {
  const contact = view.contact(contact_id);
  if (!contact) return [];
  const { run_ids, agent_ids, thread_ids } = view.tracesOf(contact);
  const stand_in = view.standIn(contact_id, drawn);
  return [{ type: 'contact_deleted', contact_id, run_ids, agent_ids, thread_ids, stand_in }];
}

/** What addresses objected to that an import took from their contacts, by salted digests. */
function keptEvents(view: View, { newSalt }: Moment, left: ImportOutcome['left']): Event[] {
  if (left.length === 0) return [];
  const salt = view.erasures().objections?.salt ?? newSalt();
  const kept = left.map(([address, flags]) => ({ salt, digest: objectionDigest(salt, address), flags }));
  return [{ type: 'objections_kept', kept }];
}

/** Contacts in parts, each with the other ids of its contacts; those of contacts that aren't among them come first. */
function savedEvents({ contacts, aliases }: Pick<ImportOutcome, 'contacts' | 'aliases'>): Event[] {
  if (contacts.length + aliases.length === 0) return [];
  if (contacts.length <= MOST_CONTACTS) return [{ type: 'contacts_saved', contacts, aliases }];
  const partOf = new Map(contacts.map(({ id }, index) => [id, Math.floor(index / MOST_CONTACTS)]));
  return Array.from({ length: Math.ceil(contacts.length / MOST_CONTACTS) }, (_, part) => ({
    type: 'contacts_saved',
    contacts: contacts.slice(part * MOST_CONTACTS, (part + 1) * MOST_CONTACTS),
    aliases: aliases.filter(([, id]) => (partOf.get(id) ?? 0) === part),
    part,
  }));
}

/** What an import changes, as the log tells it. */
export function eventsOf(view: View, moment: Moment, outcome: ImportOutcome): Event[] {
  const { events, melted, left } = outcome;
  const written = melted.flatMap((id) => goneEvent(view, id, moment.newId('erased')));
  written.push(...savedEvents(outcome));
  if (events.length > 0) written.push({ type: 'events_recorded', events });
  return [...written, ...keptEvents(view, moment, left)];
}
