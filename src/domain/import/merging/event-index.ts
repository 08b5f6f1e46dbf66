import { canonical } from '../../base/json.ts';
import type { ContactEvent } from '../../contacts/contact.ts';

/** A contact's events: by message id, by time and content, and by content alone. */
type Known = { messages: Set<string>; timed: Set<string>; timeless: Set<string> };

/**
 * The events that contacts already have, to keep equal ones from counting twice. Events are equal by `message_id` where
 * one is given, else by type, name, time and properties. An event that comes without a time equals one of any time
 * (contract, section 3).
 */
export class EventIndex {
  readonly #events: (contactId: string) => readonly ContactEvent[];
  readonly #known = new Map<string, Known>();

  constructor(events: (contactId: string) => readonly ContactEvent[]) {
    this.#events = events;
  }

  /** Adds an event; false where an equal one is there already. `hasTime`: its row gave the time. */
  add(event: ContactEvent, hasTime: boolean): boolean {
    const known = this.#knownOf(event.contact_id);
    const content = contentOf(event);
    if (isKnown(known, event, content, hasTime)) return false;
    remember(known, event, content);
    return true;
  }

  #knownOf(contactId: string): Known {
    const found = this.#known.get(contactId);
    if (found) return found;
    const known: Known = { messages: new Set(), timed: new Set(), timeless: new Set() };
    for (const event of this.#events(contactId)) remember(known, event, contentOf(event));
    this.#known.set(contactId, known);
    return known;
  }
}

function contentOf(event: ContactEvent): string {
  return canonical([event.type, event.name ?? null, event.properties]);
}

function isKnown(known: Known, event: ContactEvent, content: string, hasTime: boolean): boolean {
  if (event.message_id !== undefined) return known.messages.has(event.message_id);
  return hasTime ? known.timed.has(`${event.timestamp} ${content}`) : known.timeless.has(content);
}

function remember(known: Known, event: ContactEvent, content: string): void {
  if (event.message_id !== undefined) known.messages.add(event.message_id);
  known.timed.add(`${event.timestamp} ${content}`);
  known.timeless.add(content);
}
