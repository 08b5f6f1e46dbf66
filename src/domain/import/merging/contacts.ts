import { canonical } from '../../base/json.ts';
import { addressKey } from '../../contacts/address.ts';
import type { Contact } from '../../contacts/contact.ts';
import { type FlagSaid, sets } from '../flag-steps.ts';
import type { ContactRow } from '../read-contact.ts';
import type { EventRow } from '../read-event.ts';
import { flagsIn, withSources } from '../read-flags.ts';
import { readEmail } from '../values.ts';
import type { Drafts } from './drafts.ts';
import type { MergeOptions } from './options.ts';
import type { Tally } from './tally.ts';

/** More addresses aren't remembered: those of a million contacts would take too much memory. */
const MOST_GIVEN = 100_000;

/** Makes and changes the contacts of an import, and counts what became of each row. */
export class Contacts {
  readonly counts = { created: 0, updated: 0, unchanged: 0, kept_consent: 0 };
  readonly #options: MergeOptions;
  readonly #drafts: Drafts;
  readonly #tally: Tally;
  readonly #now: string;
  /** The addresses that rows of this import gave to contacts. */
  readonly #given: Map<string, string>;

  constructor(options: MergeOptions, drafts: Drafts, tally: Tally) {
    this.#options = options;
    this.#drafts = drafts;
    this.#tally = tally;
    this.#given = options.given ?? new Map();
    this.#now = options.now.toISOString();
  }

  /** Takes what a row says into the contact that it is about, or into a new one. */
  take(found: Contact | undefined, row: ContactRow): void {
    const contact = found ?? this.#create(row.id, row);
    if (found) this.#update(found, row);
    if (row.said.length > 0) this.#tally.takeSaid(contact.id, row.said);
    if (row.email !== undefined) this.#watchAddress(contact.id, row.email);
  }

  #update(contact: Contact, row: ContactRow): void {
    const { changes, keptConsent } = changesTo(contact, row);
    const sources = row.said.some(sets) ? this.#sourcesOf(contact, row.said) : {};
    if (keptConsent) this.counts.kept_consent++;
    if (!changes && Object.keys(sources).length === 0) {
      this.counts.unchanged++;
      return;
    }
    this.counts.updated++;
    if (changes?.email !== undefined && this.#drafts.objected(changes.email)) this.#tally.takeBack(contact.id);
    this.#drafts.update(contact, { ...contact, ...changes, ...sources, updated_at: this.#now });
  }

  #sourcesOf(contact: Partial<Contact>, said: readonly FlagSaid[]): Partial<Contact> {
    return withSources(contact, said.filter(sets), { import_id: this.#options.import_id, at: this.#now });
  }

  #create(id: string | undefined, { fields, values, said }: Pick<ContactRow, 'fields' | 'values' | 'said'>): Contact {
    const contact: Contact = {
      id: id ?? this.#options.newId('ct'),
      do_not_email: false,
      do_not_contact: false,
      bounced: false,
      created_at: this.#now,
      updated_at: this.#now,
    };
    for (const [index, field] of fields.entries()) contact[field] = values[index];
    if (said.some(sets)) Object.assign(contact, this.#sourcesOf({}, said));
    const objected = contact.email === undefined ? undefined : this.#drafts.objected(contact.email);
    if (objected) {
      for (const flag of objected) contact[flag] = true;
      this.#tally.takeBack(contact.id);
    }
    this.#drafts.create(contact);
    this.counts.created++;
    return contact;
  }

  /** Notes where an address has several contacts, or a contact several addresses. */
  #watchAddress(contactId: string, email: string): void {
    const before = this.#given.get(contactId);
    if (before === undefined && this.#given.size < MOST_GIVEN) this.#given.set(contactId, email);
    if (before !== undefined && before !== email) this.#tally.takeTwoAddresses(contactId, before, email);
    const holders = this.#drafts.holders(email);
    if (holders.length < 2) return;
    const other = holders.find(({ id }) => id !== contactId);
    if (other) this.#tally.takeSharing(email, contactId, other.id);
  }

  /** Sets flags of a contact that is there already. */
  object(contactId: string, said: readonly FlagSaid[]): void {
    const contact = this.#drafts.byId(contactId);
    if (!contact) return;
    this.#tally.takeSaid(contact.id, said);
    const changes = withSources(contact, said, { import_id: this.#options.import_id, at: this.#now });
    if (Object.keys(changes).length > 0)
      this.#drafts.update(contact, { ...contact, ...changes, updated_at: this.#now });
  }

  /** A contact for an event that names one by id, address or both. */
  createFor({ id, email }: EventRow): Contact {
    const address = email ?? (id !== undefined && readEmail(id, 'id') === id ? id : undefined);
    const fields = address === undefined ? [] : ['email'];
    return this.#create(id, { fields, values: address === undefined ? [] : [address], said: [] });
  }
}

/** The fields that a row changes in a contact. A flag that is set stays set, which `keptConsent` says. */
function changesTo(contact: Contact, { fields, values, said }: ContactRow) {
  let changes: Partial<Contact> | undefined;
  let keptConsent = false;
  for (const [index, field] of fields.entries()) {
    const value = values[index];
    const had = contact[field];
    if (same(had, value)) continue;
    if (field === 'email' && typeof had === 'string' && addressKey(had) === value) continue;
    changes ??= {};
    changes[field] = value;
  }
  // A flag that a row sets comes with its source (`withSources`).
  for (const [flag, value] of flagsIn(said)) if (!value && contact[flag] === true) keptConsent = true;
  return { changes, keptConsent };
}

function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  return canonical(one) === canonical(other);
}
