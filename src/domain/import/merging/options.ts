import type { Contact, ContactEvent } from '../../contacts/contact.ts';
import type { MappingArgument } from '../columns.ts';
import type { StoredContacts } from './drafts.ts';

/** The contacts and events that are stored before the import. */
export type ImportState = StoredContacts & {
  events: (contactId: string) => readonly ContactEvent[];
  /** Whether anything hangs on a contact but its events: results, actions, notes, conversations. */
  hasHistory: (contact: Contact) => boolean;
};

export type MergeOptions = {
  mapping: MappingArgument | undefined;
  /** The columns of CSV rows. Those of JSON rows are read from the rows themselves. */
  columns: readonly string[];
  state: ImportState;
  now: Date;
  newId: (prefix: string) => string;
  /** The name under which flags keep this import as their source. */
  import_id: string;
  /** The addresses that rows of earlier parts of this import gave to contacts, by their ids; a merge adds its own. */
  given?: Map<string, string>;
};
