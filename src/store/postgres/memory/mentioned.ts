import { namesOfDeleted } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';

/** The names under which an event tells something of a contact that a look at the past needs: its id, or another one for it. */
export function mentionedIn(event: Event): readonly string[] {
  switch (event.type) {
    case 'contacts_saved':
      return [...event.contacts.map(({ id }) => id), ...(event.aliases ?? []).map(([alias]) => alias)];
    case 'events_recorded':
      return event.events.map(({ contact_id }) => contact_id);
    case 'note_added':
      return [event.note.contact_id];
    case 'results_recorded':
      return event.results.map(({ contact_id }) => contact_id);
    case 'actions_changed':
      return event.changes.map(({ contact_id }) => contact_id);
    case 'decisions_recorded':
      return event.entries.flatMap(({ personal }) => personal?.contact_id ?? []);
    default:
      return [];
  }
}

/** What is left of an event without anybody but one contact, by its id or another one; nothing where it isn't about that. */
export function partsAbout(event: Event, name: string): Event[] {
  switch (event.type) {
    case 'contacts_saved': {
      const contacts = event.contacts.filter(({ id }) => id === name);
      const aliases = (event.aliases ?? []).filter(([alias]) => alias === name);
      return [
        ...(contacts.length > 0 ? [{ type: 'contacts_saved' as const, contacts }] : []),
        ...aliases.map((alias) => ({ type: 'contacts_saved' as const, contacts: [], aliases: [alias] })),
      ];
    }
    case 'events_recorded': {
      const events = event.events.filter(({ contact_id }) => contact_id === name);
      return events.length > 0 ? [{ ...event, events }] : [];
    }
    case 'note_added':
      return event.note.contact_id === name ? [event] : [];
    case 'results_recorded': {
      const results = event.results.filter(({ contact_id }) => contact_id === name);
      return results.length > 0 ? [{ ...event, results }] : [];
    }
    case 'actions_changed': {
      const changes = event.changes.filter(({ contact_id }) => contact_id === name);
      return changes.length > 0 ? [{ ...event, changes }] : [];
    }
    case 'decisions_recorded': {
      const entries = event.entries.filter(({ personal }) => personal?.contact_id === name);
      return entries.length > 0 ? [{ ...event, entries }] : [];
    }
    case 'contact_deleted':
      return namesOfDeleted(event).includes(name) ? [event] : [];
    default:
      return [];
  }
}
