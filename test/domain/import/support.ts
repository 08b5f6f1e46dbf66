import { addressKey } from '../../../src/domain/contacts/address.ts';
import type { BlockingFlag, Contact, ContactEvent } from '../../../src/domain/contacts/contact.ts';
import type { MappingArgument } from '../../../src/domain/import/columns.ts';
import { mergeRows, type ImportOutcome as WholeOutcome } from '../../../src/domain/import/merging/merge.ts';
import {
  decodeText,
  type FormatName,
  type RawRow,
  type RowSource,
  rowsOfText,
  rowsOfValues,
  textOfString,
} from '../../../src/domain/import/parse.ts';
import { surveyOf } from '../../../src/domain/import/raw-row.ts';

/** All rows of a source, with its columns. */
function readAll(source: RowSource): { rows: RawRow[]; columns: readonly string[] } {
  const survey = surveyOf(source);
  for (let step = survey.next(); ; step = survey.next()) {
    if (step.done) return { rows: [...source.batches()].flat(), columns: step.value.columns };
  }
}

/** The rows of a text, and the names of its columns. */
export function parseRows(text: string, format: FormatName): ReturnType<typeof readAll> {
  return readAll(rowsOfText(textOfString(text), format));
}

/** The rows of a file's bytes. */
export function parseFile(bytes: Uint8Array, format: FormatName): ReturnType<typeof readAll> {
  return readAll(rowsOfText(decodeText(bytes).text, format));
}

/** An outcome with its errors as they are told. */
type ImportOutcome = Omit<WholeOutcome, 'errors'> & { errors: { row: number; message: string }[] };

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
    return this.#merge(readAll(rowsOfValues(values, 'contact')).rows, [], mapping);
  }

  eventValues(values: unknown[]): ImportOutcome {
    return this.#merge(readAll(rowsOfValues(values, 'event')).rows, [], undefined);
  }

  get(id: string): Contact | undefined {
    return this.contacts.get(id);
  }

  /** Imports rows and saves the outcome. Each import is a minute later than the one before. */
  #merge(rows: RawRow[], columns: readonly string[], mapping: MappingArgument | undefined): ImportOutcome {
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
    return { ...outcome, errors: outcome.errors.map(({ row, message }) => ({ row, message })) };
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
