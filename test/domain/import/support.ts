import { addressKey } from '../../../src/domain/contacts/address.ts';
import type { BlockingFlag, Contact, ContactEvent } from '../../../src/domain/contacts/contact.ts';
import type { MappingArgument } from '../../../src/domain/import/columns.ts';
import { type ImportOutcome, mergeRows } from '../../../src/domain/import/merging/merge.ts';
import { type FormatName, parseRows, type RawRow, rowsOfValues } from '../../../src/domain/import/parse.ts';

/** The stored contacts and events of a test, which imports are saved into. */
export class Book {
  readonly contacts = new Map<string, Contact>();
  readonly events: ContactEvent[] = [];
  /** The contacts that results, actions or notes hang on. */
  readonly withHistory = new Set<string>();
  /** What addresses objected to whose contacts have other addresses now. */
  readonly kept = new Map<string, readonly BlockingFlag[]>();
  #ids = 0;
  #imports = 0;
  #minutes = 0;

  text(text: string, format: FormatName = 'csv', mapping?: MappingArgument): ImportOutcome {
    const { rows, columns } = parseRows(text, format);
    return this.#merge(rows, columns, mapping);
  }

  contactValues(values: unknown[], mapping?: MappingArgument): ImportOutcome {
    return this.#merge(rowsOfValues(values, 'contact'), [], mapping);
  }

  eventValues(values: unknown[]): ImportOutcome {
    return this.#merge(rowsOfValues(values, 'event'), [], undefined);
  }

  get(id: string): Contact | undefined {
    return this.contacts.get(id);
  }

  /** Imports rows and saves the outcome. Each import is a minute later than the one before. */
  #merge(rows: RawRow[], columns: string[], mapping: MappingArgument | undefined): ImportOutcome {
    const outcome = mergeRows(rows, {
      mapping,
      columns,
      state: {
        contact: (id) => this.contacts.get(id),
        atAddress: (email) =>
          [...this.contacts.values()].filter((contact) => addressKey(contact.email ?? '') === addressKey(email)),
        objected: (email) => this.kept.get(addressKey(email)),
        hasHistory: (contact) => this.withHistory.has(contact.id),
        events: (contactId) => this.events.filter((event) => event.contact_id === contactId),
      },
      now: new Date(Date.UTC(2026, 0, 1, 0, this.#minutes++)),
      newId: (prefix) => `${prefix}_${++this.#ids}`,
      import_id: `imp_${++this.#imports}`,
    });
    for (const [address, flags] of outcome.left) this.kept.set(address, flags);
    for (const id of outcome.melted) this.contacts.delete(id);
    for (const contact of outcome.contacts) this.contacts.set(contact.id, contact);
    this.events.push(...outcome.events);
    return outcome;
  }
}

/** The counts of an outcome that aren't zero. */
export function counts(outcome: ImportOutcome): Record<string, number> {
  const { created, updated, unchanged, kept_consent, events_recorded, error_count } = outcome;
  const all = { created, updated, unchanged, kept_consent, events_recorded, error_count };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0));
}

/** The error that a call throws; a failure where it throws none. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
