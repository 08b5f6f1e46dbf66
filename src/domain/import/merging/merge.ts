import { AppError } from '../../base/errors.ts';
import type { BlockingFlag, Contact, ContactEvent } from '../../contacts/contact.ts';
import { type Mapping, mayWaive, type Plan, planColumns, readMapping } from '../columns.ts';
import type { FlagSaid } from '../flag-steps.ts';
import { columnsOf, excerpt, type RawRow, refuseTooManyRows, type Spot } from '../raw-row.ts';
import { profileIn, readContact } from '../read-contact.ts';
import { addressesIn, type EventRow, EventWords, readEvent } from '../read-event.ts';
import { Problem } from '../values.ts';
import { Anonymous } from './anonymous.ts';
import { Contacts } from './contacts.ts';
import { Ambiguous, Drafts } from './drafts.ts';
import { EventIndex } from './event-index.ts';
import { Faulty } from './faulty.ts';
import type { MergeOptions } from './options.ts';
import { Tally } from './tally.ts';

/** What is wrong with a row; its words follow the row's number. */
export type RowError = Spot & { message: string };

/** What an import changes: the records to save, and the counts of `import_contacts` (contract, section 4). */
export type ImportOutcome = {
  /** The new and changed contacts, whole, each once. */
  contacts: Contact[];
  /** Other ids that rows used for contacts found by their email, each with the contact's own id. */
  aliases: [id: string, contactId: string][];
  /** The events that weren't stored yet. */
  events: ContactEvent[];
  /** Addresses that contacts left, with what they had objected to: it stays with the address. */
  left: [address: string, flags: BlockingFlag[]][];
  /** Stored contacts of an anonymousId that became one with the contact of a userId: they go. */
  melted: string[];
  created: number;
  updated: number;
  unchanged: number;
  kept_consent: number;
  events_recorded: number;
  error_count: number;
  /** The first 20 errors, in the order of their rows. */
  errors: RowError[];
  tally: Tally;
};

/** So many errors are told. */
const SHOWN_ERRORS = 20;

/** The first of all these errors, in the order of their rows. */
export function firstErrors(errors: readonly RowError[]): RowError[] {
  return errors.toSorted((one, other) => one.at - other.at).slice(0, SHOWN_ERRORS);
}

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
  readonly #guesses: boolean;
  /** Whether the mapping may keep objections from being read. */
  readonly #waives: boolean;
  readonly #contacts: Contacts;
  readonly #drafts: Drafts;
  readonly #index: EventIndex;
  readonly #anonymous: Anonymous;
  readonly #faulty: Faulty;
  readonly #now: string;
  readonly #events: ContactEvent[] = [];
  readonly #problems: RowError[] = [];
  readonly #tally = new Tally();
  readonly #plans = new Map<string, Plan>();
  readonly #words = new EventWords();
  #last: { columns: readonly string[]; plan: Plan } | undefined;

  constructor(options: MergeOptions, mapping: Mapping) {
    this.#options = options;
    this.#mapping = mapping;
    this.#waives = mayWaive(options.mapping);
    this.#guesses = options.mapping?.do_not_email !== null;
    this.#drafts = new Drafts(options.state);
    this.#contacts = new Contacts(options, this.#drafts, this.#tally);
    this.#index = new EventIndex(options.state.events);
    this.#anonymous = new Anonymous(options.state, this.#tally);
    this.#now = options.now.toISOString();
    this.#faulty = new Faulty({
      ...{ contacts: this.#contacts, drafts: this.#drafts, tally: this.#tally, words: this.#words },
      heard: (said) => this.#heard(said),
      resolve: (id) => this.#anonymous.resolve(id),
    });
  }

  run(rows: readonly RawRow[]): ImportOutcome {
    this.#anonymous.look(rows, this.#drafts);
    for (const kind of ['contact', 'event'] as const) {
      for (const row of rows) {
        if (row.kind !== kind) continue;
        const message = this.#apply(row);
        if (message !== undefined) this.#problems.push({ row: row.row, at: row.at, message });
      }
    }
    for (const plan of this.#plans.values()) this.#tally.takePlan(plan, (column) => this.#mapping.has(column));
    return this.#outcome();
  }

  #apply(row: RawRow): string | undefined {
    if (row.problem !== undefined) {
      if (row.kind === 'event') this.#faulty.holdEvent(row);
      else if (Object.keys(row.cells).length > 0) this.#faulty.holdRow(row, this.#planFor(row));
      return row.problem;
    }
    try {
      return row.kind === 'event' ? this.#applyEvent(row) : this.#applyContact(row);
    } catch (error) {
      if (error instanceof AppError && !row.text)
        throw new AppError(error.code, `Row ${row.row}: ${error.message}`, error.details);
      throw error;
    }
  }

  #applyContact(row: RawRow): string | undefined {
    this.#tally.contactRows++;
    const plan = this.#planFor(row);
    const read = readContact(row, plan);
    if (!(read instanceof Problem)) {
      read.said = this.#heard(read.said);
      const id = this.#anonymous.resolve(read.id);
      const known = this.#drafts.find(id, read.email);
      // Its profile was the key while no address was known.
      const contact = known ?? (id === undefined ? this.#drafts.byId(profileIn(read)) : undefined);
      if (!(contact instanceof Ambiguous)) {
        this.#contacts.take(contact, { ...read, id });
        return undefined;
      }
      this.#faulty.hold(read.said, contact.holders);
      return severalHolders(contact);
    }
    this.#faulty.holdRow(row, plan);
    return read.message;
  }

  /** What a row or an event said, without what the mapping keeps from being read: that is counted. */
  #heard(said: readonly FlagSaid[]): readonly FlagSaid[] {
    if (!this.#waives || said.length === 0) return said;
    const isWaived = (one: FlagSaid) => one.isWaived === true || (one.isGuess && !this.#guesses);
    this.#tally.takeWaived(said.filter(isWaived));
    return said.filter((one) => !isWaived(one));
  }

  /** The plan for a row's columns. The last plan is kept, because most rows have the columns of the row before. */
  #planFor(row: RawRow): Plan {
    const columns = Object.keys(row.cells);
    if (this.#last && sameNames(this.#last.columns, columns)) return this.#last.plan;
    const key = columns.join('\n');
    const plan = this.#plans.get(key) ?? planColumns(columns, this.#mapping);
    this.#plans.set(key, plan);
    this.#last = { columns, plan };
    return plan;
  }

  #applyEvent(row: RawRow): string | undefined {
    const read = readEvent(row, (key) => this.#tally.takeIgnored(key), this.#options.now);
    if (read instanceof Problem) {
      this.#faulty.holdEvent(row);
      return read.message;
    }
    const found = this.#drafts.find(this.#anonymous.resolve(read.id), read.email);
    if (found instanceof Ambiguous) {
      this.#faulty.hold(this.#heard(this.#words.saidBy(read)), found.holders);
      return severalHolders(found);
    }
    this.#recordEvent(row, read, found ?? this.#contacts.createFor(read));
    return undefined;
  }

  #recordEvent(row: RawRow, read: EventRow, contact: Contact): void {
    const event = { contact_id: contact.id, ...read.event, timestamp: read.timestamp ?? this.#now };
    if (this.#index.add(event, read.timestamp !== undefined)) this.#events.push(event);
    const said = this.#heard(this.#words.saidBy(read));
    if (said.length === 0) return;
    const others = this.#faulty.holdersOf([...(read.email ? [read.email] : []), ...addressesIn(row)]);
    for (const id of new Set([contact.id, ...others.map((other) => other.id)])) this.#contacts.object(id, said);
  }

  #outcome(): ImportOutcome {
    this.#anonymous.takeOver(this.#drafts, (id, said) => this.#contacts.object(id, said));
    const melted = this.#anonymous.melt(this.#drafts, this.#now, (event) => {
      if (this.#index.add(event, true)) this.#events.push(event);
    });
    const { contacts, undone } = this.#drafts.finish();
    return {
      contacts,
      aliases: this.#drafts.aliases,
      events: this.#events,
      melted,
      left: this.#drafts.left,
      ...this.#contacts.counts,
      updated: this.#contacts.counts.updated - undone,
      unchanged: this.#contacts.counts.unchanged + undone,
      events_recorded: this.#events.length,
      error_count: this.#problems.length,
      errors: firstErrors(this.#problems),
      tally: this.#tally,
    };
  }
}

function severalHolders({ holders }: Ambiguous): string {
  const ids = holders.slice(0, SHOWN_ERRORS).map(({ id }) => excerpt(id));
  return `has no id, and ${holders.length} contacts have its address (${ids.join(', ')}): give the id of one`;
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}
