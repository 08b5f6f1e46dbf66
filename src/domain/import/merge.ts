import { AppError } from '../base/errors.ts';
import { canonical } from '../base/json.ts';
import { CONSENT_FLAGS, type Contact, type ContactEvent } from '../contacts/contact.ts';
import { type Mapping, type Plan, planColumns, readMapping } from './columns.ts';
import { Drafts, type StoredContacts } from './drafts.ts';
import { EventIndex } from './event-index.ts';
import { columnsOf, excerpt, type RawRow, refuseTooManyRows } from './raw-row.ts';
import { type ContactRow, readContact } from './read-contact.ts';
import { type EventRow, readEvent } from './read-event.ts';
import { Problem } from './values.ts';

/** The contacts and events that are stored before the import. */
export type ImportState = StoredContacts & { events: (contactId: string) => readonly ContactEvent[] };

/** What an import changes: the records to save, and the counts of `import_contacts` (contract, section 4). */
export type ImportOutcome = {
  /** The new and changed contacts, whole, each once. */
  contacts: Contact[];
  /** Other ids that rows used for contacts found by their email, each with the contact's own id. */
  aliases: [id: string, contactId: string][];
  /** The events that weren't stored yet. */
  events: ContactEvent[];
  created: number;
  updated: number;
  unchanged: number;
  kept_consent: number;
  events_recorded: number;
  error_count: number;
  /** The first 20 errors. */
  errors: { row: number; message: string }[];
  warnings: string[];
};

export type MergeOptions = {
  mapping: Record<string, string> | undefined;
  /** The columns of CSV rows. Those of JSON rows are read from the rows themselves. */
  columns: readonly string[];
  state: ImportState;
  now: Date;
  newId: (prefix: string) => string;
};

const SHOWN_ERRORS = 20;
const SHOWN_KEYS = 10;

/**
 * Decides how rows change what is stored. Contacts come before events, so that an event finds its contact wherever the
 * contact's row stands. VALIDATION_ERROR for a mapping or columns that can't be followed, LIMIT_EXCEEDED beyond
 * 1,000,000 rows; what is wrong with one row is among `errors`.
 */
export function mergeRows(rows: readonly RawRow[], options: MergeOptions): ImportOutcome {
  refuseTooManyRows(rows.length);
  const known = () => new Set([...options.columns, ...columnsOf(rows.filter((row) => !row.text))]);
  return new Merge(options, readMapping(options.mapping, known)).run(rows);
}

class Merge {
  readonly #options: MergeOptions;
  readonly #mapping: Mapping;
  readonly #drafts: Drafts;
  readonly #index: EventIndex;
  readonly #now: string;
  readonly #events: ContactEvent[] = [];
  readonly #problems: { at: number; row: number; message: string }[] = [];
  readonly #leftOut = new Set<string>();
  readonly #ignored = new Set<string>();
  readonly #counts = { created: 0, updated: 0, unchanged: 0, kept_consent: 0 };
  #plan: { columns: readonly string[]; plan: Plan } | undefined;

  constructor(options: MergeOptions, mapping: Mapping) {
    this.#options = options;
    this.#mapping = mapping;
    this.#drafts = new Drafts(options.state);
    this.#index = new EventIndex(options.state.events);
    this.#now = options.now.toISOString();
  }

  run(rows: readonly RawRow[]): ImportOutcome {
    for (const kind of ['contact', 'event'] as const) {
      for (const [at, row] of rows.entries()) {
        if (row.kind !== kind) continue;
        const problem = this.#apply(row);
        if (problem !== undefined) this.#problems.push({ at, row: row.row, message: problem });
      }
    }
    return this.#outcome();
  }

  #apply(row: RawRow): string | undefined {
    if (row.problem !== undefined) return row.problem;
    try {
      const read = row.kind === 'event' ? readEvent(row, this.#ignored) : readContact(row, this.#planFor(row));
      if (read instanceof Problem) return read.message;
      if ('event' in read) this.#recordEvent(read);
      else this.#mergeContact(read);
      return undefined;
    } catch (error) {
      if (error instanceof AppError && !row.text)
        throw new AppError(error.code, `Row ${row.row}: ${error.message}`, error.details);
      throw error;
    }
  }

  /** The plan for a row's columns. The last plan is kept, because most rows have the columns of the row before. */
  #planFor(row: RawRow): Plan {
    const columns = Object.keys(row.cells);
    if (this.#plan && sameNames(this.#plan.columns, columns)) return this.#plan.plan;
    const plan = planColumns(columns, this.#mapping);
    for (const column of plan.leftOut) this.#leftOut.add(column);
    this.#plan = { columns, plan };
    return plan;
  }

  #mergeContact(row: ContactRow): void {
    const contact = this.#drafts.find(row.id, row.email);
    if (!contact) {
      this.#create(row.id, row.fields, row.values);
      return;
    }
    const { changes, keptConsent } = changesTo(contact, row);
    if (keptConsent) this.#counts.kept_consent++;
    if (!changes) {
      this.#counts.unchanged++;
      return;
    }
    this.#counts.updated++;
    this.#drafts.update(contact, { ...contact, ...changes, updated_at: this.#now });
  }

  #create(id: string | undefined, fields: readonly string[], values: readonly unknown[]): Contact {
    const contact: Contact = {
      id: id ?? this.#options.newId('ct'),
      do_not_email: false,
      do_not_contact: false,
      created_at: this.#now,
      updated_at: this.#now,
    };
    for (const [index, field] of fields.entries()) contact[field] = values[index];
    this.#drafts.create(contact);
    this.#counts.created++;
    return contact;
  }

  #recordEvent(row: EventRow): void {
    const contact = this.#drafts.find(row.id, row.email) ?? this.#createFor(row);
    const event = { contact_id: contact.id, ...row.event, timestamp: row.timestamp ?? this.#now };
    if (this.#index.add(event, row.timestamp !== undefined)) this.#events.push(event);
  }

  #createFor({ id, email }: EventRow): Contact {
    return email === undefined ? this.#create(id, [], []) : this.#create(id, ['email'], [email]);
  }

  #outcome(): ImportOutcome {
    const { contacts, undone } = this.#drafts.finish();
    const problems = this.#problems.sort((one, other) => one.at - other.at);
    return {
      contacts,
      aliases: this.#drafts.aliases,
      events: this.#events,
      ...this.#counts,
      updated: this.#counts.updated - undone,
      unchanged: this.#counts.unchanged + undone,
      events_recorded: this.#events.length,
      error_count: problems.length,
      errors: problems.slice(0, SHOWN_ERRORS).map(({ row, message }) => ({ row, message })),
      warnings: this.#warnings(),
    };
  }

  #warnings(): string[] {
    const warnings: string[] = [];
    for (const column of [...this.#leftOut].slice(0, SHOWN_KEYS)) {
      warnings.push(
        this.#mapping.has(column)
          ? `The column ${excerpt(column)} was left out: mapping fills that field from another column.`
          : `The column ${excerpt(column)} was left out: Countersign keeps that time itself. To keep the column, give it another name in mapping.`,
      );
    }
    if (this.#ignored.size > 0) {
      const keys = [...this.#ignored].slice(0, SHOWN_KEYS).map((key) => excerpt(key));
      warnings.push(
        `Some keys were left out, because events have no such fields: ${keys.join(', ')}. Put them into properties.`,
      );
    }
    return warnings;
  }
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

/** The fields that a row changes in a contact. Consent that was withdrawn stays withdrawn, which `keptConsent` says. */
function changesTo(contact: Contact, { fields, values }: ContactRow) {
  let changes: Partial<Contact> | undefined;
  let keptConsent = false;
  for (const [index, field] of fields.entries()) {
    const value = values[index];
    const had = contact[field];
    if (same(had, value)) continue;
    if (had === true && CONSENT_FLAGS.some((flag) => flag === field)) {
      keptConsent = true;
      continue;
    }
    changes ??= {};
    changes[field] = value;
  }
  return { changes, keptConsent };
}

function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  return canonical(one) === canonical(other);
}
