import type { Contact, FlagSource } from '../../domain/contacts/contact.ts';
import { withSources } from '../../domain/import/read-flags.ts';

/**
 * A contact with a flag that a mail server or a message set, and its source, kept as imports keep theirs; the contact
 * itself where nothing new is said. One source of a column and an import is enough.
 */
export function flagged(contact: Contact, { flag, column, value, import_id, at }: FlagSource): Contact {
  const isKnown = contact.consent_sources?.some(
    (source) => source.flag === flag && source.column === column && source.import_id === import_id,
  );
  if (isKnown && contact[flag]) return contact;
  const changes = withSources(contact, [{ flag, column, value }], { import_id, at });
  return Object.keys(changes).length === 0 ? contact : { ...contact, ...changes, updated_at: at };
}

/** Several contacts with a flag, those alone that change by it. */
export function newlyFlagged(contacts: readonly Contact[], source: FlagSource): Contact[] {
  return contacts.map((contact) => flagged(contact, source)).filter((after, at) => after !== contacts[at]);
}
