import { canonical } from '../base/json.ts';
import type { Contact } from '../contacts/contact.ts';

/** What contacts are looked up in: those stored. */
export type StoredContacts = {
  contact: (id: string) => Contact | undefined;
  byEmail: (lowercaseEmail: string) => Contact | undefined;
};

type Draft = { before: Contact | undefined; after: Contact; updates: number };

/** The stored contacts with an import's changes upon them. */
export class Drafts {
  readonly #stored: StoredContacts;
  readonly #drafts = new Map<string, Draft>();
  readonly #emails = new Map<string, string>();
  /** Ids that the import used for a contact found by its email, so that later rows and imports mean the same one. */
  readonly #aliases = new Map<string, string>();

  constructor(stored: StoredContacts) {
    this.#stored = stored;
  }

  /** The contact of a row: equal id, else equal email in any case (contract, section 3). */
  find(id: string | undefined, email: string | undefined): Contact | undefined {
    const known = id === undefined ? undefined : (this.#byId(id) ?? this.#byId(this.#aliases.get(id)));
    if (known || email === undefined) return known;
    const found = this.#byEmail(email.toLowerCase());
    if (found && id !== undefined) this.#aliases.set(id, found.id);
    return found;
  }

  /** New other ids of contacts, from the id to the contact's own. */
  get aliases(): [id: string, contactId: string][] {
    return [...this.#aliases];
  }

  create(contact: Contact): void {
    this.#drafts.set(contact.id, { before: undefined, after: contact, updates: 0 });
    this.#index(contact);
  }

  update(before: Contact, after: Contact): void {
    const draft = this.#drafts.get(before.id);
    if (draft) {
      draft.after = after;
      draft.updates++;
    } else this.#drafts.set(before.id, { before, after, updates: 1 });
    this.#index(after);
  }

  /**
   * The contacts to save, and the updates that came to nothing: rows of one contact that contradict each other leave
   * it, the second time, as it was.
   */
  finish(): { contacts: Contact[]; undone: number } {
    const contacts: Contact[] = [];
    let undone = 0;
    for (const { before, after, updates } of this.#drafts.values()) {
      if (before && updates > 1 && sameButTime(before, after)) undone += updates;
      else contacts.push(after);
    }
    return { contacts, undone };
  }

  #byId(id: string | undefined): Contact | undefined {
    if (id === undefined) return undefined;
    const drafted = this.#drafts.get(id)?.after;
    if (drafted) return drafted;
    const stored = this.#stored.contact(id);
    return stored && (this.#drafts.get(stored.id)?.after ?? stored);
  }

  #byEmail(email: string): Contact | undefined {
    const candidate = this.#byId(this.#emails.get(email)) ?? this.#stored.byEmail(email);
    const current = this.#byId(candidate?.id);
    return current?.email?.toLowerCase() === email ? current : undefined;
  }

  #index(contact: Contact): void {
    const email = contact.email?.toLowerCase();
    if (email !== undefined && !this.#byEmail(email)) this.#emails.set(email, contact.id);
  }
}

function sameButTime(one: Contact, other: Contact): boolean {
  return canonical({ ...one, updated_at: '' }) === canonical({ ...other, updated_at: '' });
}
