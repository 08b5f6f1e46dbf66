import { canonical } from '../../base/json.ts';
import { addressKey } from '../../contacts/address.ts';
import { BLOCKING_FLAGS, type BlockingFlag, type Contact } from '../../contacts/contact.ts';

/** Looks up the contacts that are stored. */
export type StoredContacts = {
  contact: (id: string) => Contact | undefined;
  /** All contacts with an address, the oldest first. */
  atAddress: (email: string) => readonly Contact[];
  /** What the address objected to before its contact was erased, or got another address. */
  objected: (email: string) => readonly BlockingFlag[] | undefined;
};

/** A contact as stored, as the import leaves it, and how many rows changed it. */
type Draft = { before: Contact | undefined; after: Contact; updates: number };

/** Several contacts have the address of a row without an id, so nobody can tell which one the row is about. */
export class Ambiguous {
  readonly holders: readonly Contact[];
  constructor(holders: readonly Contact[]) {
    this.holders = holders;
  }
}

/** Ids that Countersign gave to contacts that came without one. */
const GENERATED = /^ct_/;

/** The stored contacts together with the changes that an import is about to make. */
export class Drafts {
  readonly #stored: StoredContacts;
  readonly #drafts = new Map<string, Draft>();
  /** By address, the contacts to which rows of this import gave it. */
  readonly #emails = new Map<string, string[]>();
  /** Other ids, used by rows for a contact found by its address. Later rows and imports find the contact by them too. */
  readonly #aliases = new Map<string, string>();
  /** The ids of stored contacts that go for good. */
  readonly #gone = new Set<string>();
  /** By address, what contacts objected to that had it before a row of this import gave them another one. */
  readonly #left = new Map<string, readonly BlockingFlag[]>();

  constructor(stored: StoredContacts) {
    this.#stored = stored;
  }

  /**
   * The contact that a row is about (contract, section 3): by its id; a row without an id by its address. An id that is
   * an address finds the contact of that address. A contact that came without an id takes the first id that comes with
   * its address.
   */
  find(id: string | undefined, email: string | undefined): Contact | Ambiguous | undefined {
    const known = this.byId(id);
    if (known) return known;
    const address = id?.includes('@') ? id : email;
    if (address === undefined) return undefined;
    const holders = this.holders(address);
    const [found] = holders;
    if (id === undefined || address === id) {
      if (holders.length > 1) return new Ambiguous(holders);
      if (found && id !== undefined) this.#aliases.set(id, found.id);
      return found;
    }
    if (!found || holders.length > 1 || !GENERATED.test(found.id)) return undefined;
    this.#aliases.set(id, found.id);
    return found;
  }

  /** The contact with an id, or for which an import used it. */
  byId(id: string | undefined): Contact | undefined {
    return id === undefined ? undefined : (this.#byOwnId(id) ?? this.#byOwnId(this.#aliases.get(id)));
  }

  /** The contacts that have an address now. */
  holders(email: string): readonly Contact[] {
    const key = addressKey(email);
    const drafted = this.#emails.get(key);
    const stored = this.#stored.atAddress(key);
    if (drafted === undefined && stored.length === 0) return stored;
    const ids = new Set([...stored.map((contact) => contact.id), ...(drafted ?? [])]);
    return [...ids].flatMap((id) => {
      const current = this.#byOwnId(id);
      return current?.email !== undefined && addressKey(current.email) === key ? [current] : [];
    });
  }

  /** The other ids that rows used, each with the contact's own id. */
  get aliases(): [id: string, contactId: string][] {
    return [...this.#aliases];
  }

  /** Has an id mean a contact from now on. */
  alias(id: string, contactId: string): void {
    this.#aliases.set(id, contactId);
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
    if (before.email === after.email) return;
    this.#index(after);
    this.#leave(before, after.email);
  }

  /** A stored contact goes for good, as one with a contact that has the address `next`. */
  drop(contact: Contact, next: string | undefined): void {
    this.#gone.add(contact.id);
    this.#leave(contact, next ?? contact.email);
  }

  /** A contact goes from its address to another one: what it objected to stays with the address. */
  #leave({ email, ...contact }: Contact, next: string | undefined): void {
    const flags = BLOCKING_FLAGS.filter((flag) => contact[flag]);
    if (email === undefined || flags.length === 0) return;
    const key = addressKey(email);
    if (next === undefined || addressKey(next) !== key) this.#left.set(key, joined(this.#left.get(key), flags));
  }

  /** What an address objected to before its contact was erased, or got another address. */
  objected(email: string): readonly BlockingFlag[] | undefined {
    const left = this.#left.size > 0 ? this.#left.get(addressKey(email)) : undefined;
    const stored = this.#stored.objected(email);
    return left && stored ? joined(left, stored) : (left ?? stored);
  }

  /** The addresses that contacts left, each with what it objected to, where that isn't kept already. */
  get left(): [address: string, flags: BlockingFlag[]][] {
    return [...this.#left].flatMap(([address, left]) => {
      const stored = this.#stored.objected(address) ?? [];
      // What a contact there objects to itself is kept when that one goes.
      const isTold = (flag: BlockingFlag) =>
        stored.includes(flag) ||
        this.holders(address).some(({ id, [flag]: isSet }) => isSet === true && !this.#gone.has(id));
      return left.every(isTold) ? [] : [[address, joined(stored, left)]];
    });
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

  #byOwnId(id: string | undefined): Contact | undefined {
    if (id === undefined) return undefined;
    const drafted = this.#drafts.get(id)?.after;
    if (drafted) return drafted;
    const stored = this.#stored.contact(id);
    return stored && (this.#drafts.get(stored.id)?.after ?? stored);
  }

  #index({ id, email }: Contact): void {
    if (email === undefined) return;
    const key = addressKey(email);
    const ids = this.#emails.get(key);
    if (!ids) this.#emails.set(key, [id]);
    else if (!ids.includes(id)) ids.push(id);
  }
}

function joined(one: readonly BlockingFlag[] = [], other: readonly BlockingFlag[]): BlockingFlag[] {
  return BLOCKING_FLAGS.filter((flag) => one.includes(flag) || other.includes(flag));
}

function sameButTime(one: Contact, other: Contact): boolean {
  return canonical({ ...one, updated_at: '' }) === canonical({ ...other, updated_at: '' });
}
