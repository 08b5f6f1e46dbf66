import { addressKey } from '../../domain/contacts/address.ts';
import type { BlockingFlag, Contact, ContactEvent } from '../../domain/contacts/contact.ts';
import type { ImportOutcome } from '../../domain/import/merging/merge.ts';
import type { ImportState } from '../../domain/import/merging/options.ts';

/** More records than these aren't kept in mind: they would take too much memory. */
const MOST_RECORDS = 100_000;

/** What the parts of a dry run would have changed so far: nothing is committed, and later rows must find it all the same. */
export class Foreseen {
  /** Whether something of the parts was not kept in mind. */
  isFull = false;
  readonly #contacts = new Map<string, Contact>();
  readonly #aliases = new Map<string, string>();
  readonly #holders = new Map<string, string[]>();
  readonly #events = new Map<string, ContactEvent[]>();
  readonly #left = new Map<string, readonly BlockingFlag[]>();
  readonly #gone = new Set<string>();
  #records = 0;

  take({ contacts, aliases, events, left, melted }: ImportOutcome): void {
    for (const contact of contacts) if (this.#hasRoom()) this.#keep(contact);
    for (const [id, contactId] of aliases) if (this.#hasRoom()) this.#aliases.set(id, contactId);
    for (const event of events)
      if (this.#hasRoom()) this.#events.set(event.contact_id, [...this.#eventsOf(event.contact_id), event]);
    for (const [address, flags] of left) if (this.#hasRoom()) this.#left.set(address, flags);
    for (const id of melted) if (this.#hasRoom()) this.#gone.add(id);
  }

  /** The stored state as the parts would have left it. */
  over(state: ImportState): ImportState {
    return {
      contact: (id) => this.#contact(id, state),
      atAddress: (email) => {
        const stored = state.atAddress(email);
        const ids = [...stored.map(({ id }) => id), ...(this.#holders.get(addressKey(email)) ?? [])];
        return [...new Set(ids)].flatMap((id) => this.#contact(id, state) ?? []);
      },
      objected: (email) => this.#left.get(addressKey(email)) ?? state.objected(email),
      hasHistory: (contact) => state.hasHistory(contact),
      events: (id) => [...state.events(id), ...this.#eventsOf(id)],
    };
  }

  #hasRoom(): boolean {
    if (this.#records < MOST_RECORDS) this.#records++;
    else this.isFull = true;
    return !this.isFull;
  }

  #keep(contact: Contact): void {
    this.#contacts.set(contact.id, contact);
    if (contact.email === undefined) return;
    const key = addressKey(contact.email);
    this.#holders.set(key, [...(this.#holders.get(key) ?? []), contact.id]);
  }

  #contact(id: string, state: ImportState): Contact | undefined {
    const own = this.#contacts.get(this.#aliases.get(id) ?? id);
    if (own) return own;
    const stored = state.contact(id);
    if (!stored || this.#gone.has(stored.id)) return undefined;
    return this.#contacts.get(stored.id) ?? stored;
  }

  #eventsOf(id: string): readonly ContactEvent[] {
    return this.#events.get(id) ?? [];
  }
}
