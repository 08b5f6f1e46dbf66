import type { Contact } from '../../contacts/contact.ts';
import type { Plan } from '../columns.ts';
import type { FlagSaid } from '../flag-steps.ts';
import { sets } from '../flag-steps.ts';
import type { RawRow } from '../raw-row.ts';
import { addressesIn, type EventWords, readFaultyEvent } from '../read-event.ts';
import { readFlags } from '../read-flags.ts';
import { addressesOf, readId } from '../values.ts';
import type { Contacts } from './contacts.ts';
import { Ambiguous, type Drafts } from './drafts.ts';
import type { Tally } from './tally.ts';

/** What the objections of rows with an error are held by. `heard` leaves out what the mapping keeps from being read. */
type Holding = {
  contacts: Contacts;
  drafts: Drafts;
  tally: Tally;
  words: EventWords;
  heard: (said: readonly FlagSaid[]) => readonly FlagSaid[];
  resolve: (id: string | undefined) => string | undefined;
};

/**
 * Holds what rows with an error object to, for the contacts that they name: nobody is written to by mistake (contract,
 * section 3).
 */
export class Faulty {
  readonly #on: Holding;

  constructor(on: Holding) {
    this.#on = on;
  }

  /** An objection in a row with an error, for the contacts that the row names; where it names none, it is lost. */
  hold(all: readonly FlagSaid[], contacts: readonly Contact[]): void {
    const said = all.filter(sets);
    if (said.length === 0) return;
    this.#on.tally.takeFaulty(contacts.length > 0);
    for (const id of new Set(contacts.map((contact) => contact.id))) this.#on.contacts.object(id, said);
  }

  holdRow(row: RawRow, plan: Plan): void {
    const said = this.#on.heard(row.shifted ? saidInLongRow(row, row.shifted, plan) : readFlags(row, plan));
    if (said.length > 0) this.hold(said, this.#namedBy(row, plan));
  }

  /** What a faulty event objects to, for the contact that it is about and those of the addresses in it. */
  holdEvent(row: RawRow): void {
    const read = readFaultyEvent(row);
    const said = read && this.#on.heard(this.#on.words.saidBy(read));
    if (!read || !said || said.length === 0) return;
    const found = this.#on.drafts.find(this.#on.resolve(read.id), read.email);
    const own = found instanceof Ambiguous ? found.holders : found ? [found] : [];
    this.hold(said, [...own, ...this.holdersOf(addressesIn(row))]);
  }

  holdersOf(addresses: readonly string[]): readonly Contact[] {
    return addresses.flatMap((address) => this.#on.drafts.holders(address));
  }

  /** The contacts that a faulty row names nevertheless, by an id or by addresses that can be read. */
  #namedBy(row: RawRow, plan: Plan): readonly Contact[] {
    const { cells, shifted } = row;
    const ids = plan.steps.flatMap(({ field, column }) => {
      const id = field === 'id' ? readId(cells[column] ?? '', column) : undefined;
      return (typeof id === 'string' ? this.#on.drafts.byId(id) : undefined) ?? [];
    });
    // Nobody knows in which columns the cells of a row belong that can't be split.
    const keys =
      row.problem !== undefined && row.text ? [...Object.values(cells), ...Object.values(shifted ?? {})] : [];
    const own = plan.steps.flatMap(({ field, column, otherwise = [] }) =>
      field === 'email' ? [column, ...otherwise].map((name) => cells[name]) : [],
    );
    return [...ids, ...this.holdersOf([...own, ...keys].flatMap(addressesOf))];
  }
}

/**
 * What a row with too many cells says: nobody knows where the cell stands that is one too many, so its cells are read
 * as they stand from either end. A word that isn't known counts where both ends give one.
 */
function saidInLongRow(row: RawRow, shifted: Record<string, unknown>, plan: Plan): readonly FlagSaid[] {
  const [front, end] = [readFlags(row, plan), readFlags({ ...row, cells: shifted }, plan)];
  const set = [...front, ...end].filter(({ what }) => what === 'set');
  if (set.length > 0) return set;
  const unknown = end.filter(({ what }) => what === 'unknown').map(({ column }) => column);
  return front.filter(({ what, column }) => what === 'unknown' && unknown.includes(column));
}
