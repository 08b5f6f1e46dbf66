import type { BlockingFlag, Contact, ContactEvent } from '../../contacts/contact.ts';
import type { MappingArgument } from '../columns.ts';
import type { StoredContacts } from './drafts.ts';

/** The contacts and events that are stored before the import. */
export type ImportState = StoredContacts & {
  events: (contactId: string) => readonly ContactEvent[];
  /** What the address objected to before its contact was erased. */
  objected: (email: string) => readonly BlockingFlag[] | undefined;
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
};
