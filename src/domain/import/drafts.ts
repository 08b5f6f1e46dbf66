import { canonical } from '../base/json.ts';
import type { Contact } from '../contacts/contact.ts';

/** Looks up the contacts that are stored. */
export type StoredContacts = {
  contact: (id: string) => Contact | undefined;
  byEmail: (lowercaseEmail: string) => Contact | undefined;
};

/** A contact as stored, as the import leaves it, and how many rows changed it. */
type Draft = { before: Contact | undefined; after: Contact; updates: number };

/** The stored contacts together with the changes that an import is about to make. */
export class Drafts {
  readonly #stored: StoredContacts;
  readonly #drafts = new Map<string, Draft>();
  readonly #emails = new Map<string, string>();
  /** Other ids, used by rows for a contact found by its email. Later rows and imports find the contact by them too. */
  readonly #aliases = new Map<string, string>();

  constructor(stored: StoredContacts) {
    this.#stored = stored;
  }

  /** The contact that a row is about: by its id, else by its email in any case (contract, section 3). */
  find(id: string | undefined, email: string | undefined): Contact | undefined {
    const known = id === undefined ? undefined : (this.#byId(id) ?? this.#byId(this.#aliases.get(id)));
    if (known || email === undefined) return known;
    const found = this.#byEmail(email.toLowerCase());
    if (found && id !== undefined) this.#aliases.set(id, found.id);
    return found;
  }

  /** The other ids that rows used, each with the contact's own id. */
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
   * The contacts to save, and how many updates changed nothing in the end. Such updates come from rows that contradict
   * each other: when their file is imported again, they change the contact and change it back.
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
