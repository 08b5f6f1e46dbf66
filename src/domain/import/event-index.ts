import { canonical } from '../base/json.ts';
import type { ContactEvent } from '../contacts/contact.ts';

type Known = { messages: Set<string>; timed: Set<string>; timeless: Set<string> };

/**
 * Which events a contact already has. Equal are: the same `message_id` where one is given, else type, name, time and
 * properties; an event that came without a time is equal to one of any time (contract, section 3).
 */
export class EventIndex {
  readonly #events: (contactId: string) => readonly ContactEvent[];
  readonly #known = new Map<string, Known>();

  constructor(events: (contactId: string) => readonly ContactEvent[]) {
    this.#events = events;
  }

  /** Whether the event is new; from then on it is known. */
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
