import type { BlockingFlag } from '../../contacts/contact.ts';
import type { Plan } from '../columns.ts';
import { type FlagSaid, sets } from '../flag-steps.ts';
import { excerpt } from '../raw-row.ts';
import { contactCount, type Flagging, firstOf, flagWords, many } from './flagging.ts';

/** What an import did with its columns (contract, section 3). */
export type ImportColumns = { taken: Record<string, string>; kept: string[]; left_out: string[] };

const SHOWN_KEYS = 10;
const SHOWN_WORDS = 3;

/** What an import has to say beside its counts. Those of the parts of a long import are added up. */
export class Tally {
  contactRows = 0;
  /** Of columns and events that the mapping keeps from being read as objections: how many rows object, by name. */
  readonly waived = new Map<string, number>();
  readonly #fields = new Map<string, string>();
  readonly #columns = new Set<string>();
  readonly #filled = new Set<string>();
  readonly #leftOut = new Map<string, string>();
  readonly #flaggings = new Map<string, Flagging>();
  /** The same, by what cells say: rows that say the same share it. */
  readonly #bySaid = new WeakMap<FlagSaid, Flagging>();
  readonly #sharing = new Map<string, string>();
  readonly #twice = new Map<string, string>();
  readonly #back = new Set<string>();
  readonly #ignored = new Set<string>();
  readonly #apart = new Map<string, string>();
  #heldByFaulty = 0;
  #lostByFaulty = 0;

  /** Notes what a plan did with its columns, once the rows were read by it. */
  takePlan(plan: Plan, isMapped: (column: string) => boolean): void {
    for (const column of plan.columns) this.#columns.add(column);
    for (const { column, field, filled } of plan.steps) {
      if (filled) this.#filled.add(column);
      if (field !== column || field === 'id' || field === 'email') this.#add(column, field);
    }
    for (const { column, flag, isGuess, filled } of plan.flags) {
      if (filled) this.#filled.add(column);
      if (!isGuess) this.#add(column, flag);
    }
    if (plan.name) this.#add(plan.name.column, plan.name.fills.join(', '));
    for (const column of plan.leftOut)
      this.#leftOut.set(
        column,
        isMapped(column)
          ? `The column ${excerpt(column)} was left out: mapping fills that field from another column.`
          : `The column ${excerpt(column)} was left out: Countersign keeps that itself. To keep the column, give it another name in mapping.`,
      );
  }

  #add(column: string, field: string): void {
    const so = this.#fields.get(column);
    if (so === undefined) this.#fields.set(column, field);
    else if (!so.split(', ').includes(field)) this.#fields.set(column, `${so}, ${field}`);
  }

  /** Notes what a row's cells said of a contact's flags. */
  takeSaid(contactId: string, said: readonly FlagSaid[]): void {
    for (const one of said) {
      if (one.what === 'clear') continue;
      let flagging = this.#bySaid.get(one);
      if (!flagging) {
        flagging = this.#flaggingOf(one.column, one.flag, one.isGuess);
        this.#bySaid.set(one, flagging);
      }
      if (sets(one)) flagging.set.add(contactId);
      if (one.what === 'unknown') {
        flagging.unknown.add(contactId);
        if (flagging.words.size < SHOWN_WORDS) flagging.words.add(excerpt(one.value));
      }
      if (one.what === 'unasked') flagging.unasked.add(contactId);
      if (one.what === 'disagreed') flagging.disagreed.add(contactId);
    }
  }

  #flaggingOf(column: string, flag: BlockingFlag, isGuess: boolean): Flagging {
    const key = `${flag} ${column}`;
    const known = this.#flaggings.get(key);
    if (known) return known;
    const sets = { set: new Set<string>(), unknown: new Set<string>(), unasked: new Set<string>() };
    const made = { column, flag, isGuess, ...sets, disagreed: new Set<string>(), words: new Set<string>() };
    this.#flaggings.set(key, made);
    return made;
  }

  /** A row's cells, or an event, object, and the mapping keeps that from being read. */
  takeWaived(said: readonly FlagSaid[]): void {
    for (const one of said) if (sets(one)) this.#waive(one.column, 1);
  }

  #waive(column: string, rows: number): void {
    this.waived.set(column, (this.waived.get(column) ?? 0) + rows);
  }

  /** A row gave a contact an address that another contact holds. */
  takeSharing(email: string, contactId: string, otherId: string): void {
    const pair = [contactId, otherId].sort().map((id) => excerpt(id));
    this.#sharing.set(pair.join(' and '), `${pair.join(' and ')} (${email})`);
  }

  /** Rows of this import gave one id two addresses. */
  takeTwoAddresses(contactId: string, one: string, other: string): void {
    if (!this.#twice.has(contactId)) this.#twice.set(contactId, `${excerpt(contactId)} (${one}, ${other})`);
  }

  /** A contact came with an address that had objected for a contact that was erased, or has another address now. */
  takeBack(contactId: string): void {
    this.#back.add(contactId);
  }

  /** A row with an error said an objection: it holds for the contacts that the row names, or for nobody. */
  takeFaulty(holds: boolean): void {
    if (holds) this.#heldByFaulty++;
    else this.#lostByFaulty++;
  }

  takeIgnored(key: string): void {
    this.#ignored.add(key);
  }

  /** An anonymousId that stays apart from the userId that came with it. */
  takeApart(anonymous: string, why: string): void {
    this.#apart.set(anonymous, `${excerpt(anonymous)} ${why}`);
  }

  /** Adds the tally of the next part of the same import. */
  add(next: Tally): void {
    this.contactRows += next.contactRows;
    for (const [column, rows] of next.waived) this.#waive(column, rows);
    for (const column of next.#columns) this.#columns.add(column);
    for (const [column, fields] of next.#fields) for (const field of fields.split(', ')) this.#add(column, field);
    for (const column of next.#filled) this.#filled.add(column);
    for (const [column, words] of next.#leftOut) this.#leftOut.set(column, words);
    for (const { column, flag, isGuess, ...said } of next.#flaggings.values()) {
      const own = this.#flaggingOf(column, flag, isGuess);
      for (const what of ['set', 'unknown', 'unasked', 'disagreed'] as const)
        for (const item of said[what]) own[what].add(item);
      for (const word of said.words) if (own.words.size < SHOWN_WORDS) own.words.add(word);
    }
    for (const [key, words] of next.#sharing) this.#sharing.set(key, words);
    for (const [key, words] of next.#twice) this.#twice.set(key, words);
    for (const [key, words] of next.#apart) this.#apart.set(key, words);
    for (const id of next.#back) this.#back.add(id);
    for (const key of next.#ignored) this.#ignored.add(key);
    this.#heldByFaulty += next.#heldByFaulty;
    this.#lostByFaulty += next.#lostByFaulty;
  }

  /** What became of the columns; `nameless` are those without a name. */
  columns(nameless: readonly string[]): ImportColumns {
    const taken = new Map<string, string>();
    const kept: string[] = [];
    const left_out: string[] = [];
    for (const column of this.#columns) {
      const field = this.#fields.get(column);
      if (!this.#filled.has(column) || (field === undefined && this.#leftOut.has(column))) left_out.push(column);
      else if (field !== undefined) taken.set(column, field);
    }
    for (const { column, flag, isGuess, set } of this.#flaggings.values()) {
      if (!isGuess || set.size === 0) continue;
      const told = `${flag} (${contactCount(set)})`;
      const before = taken.get(column);
      taken.set(column, before === undefined ? told : `${before}, ${told}`);
    }
    const gone = new Set(left_out);
    for (const column of this.#columns) if (!taken.has(column) && !gone.has(column)) kept.push(column);
    return {
      taken: Object.fromEntries(taken),
      kept,
      left_out: [...left_out.filter((c) => !taken.has(c)), ...nameless],
    };
  }

  warnings(): string[] {
    return [
      ...this.#overHalf(),
      ...[...this.#flaggings.values()].flatMap((flagging) => flagWords(flagging)),
      ...this.#aboutAddresses(),
      ...[...this.#leftOut.values()].slice(0, SHOWN_KEYS),
      ...this.#aboutKeys(),
    ];
  }

  #overHalf(): string[] {
    const most = [...this.#flaggings.values()].filter(({ set }) => set.size * 2 > this.contactRows);
    return most
      .filter(({ column }) => this.#columns.has(column))
      .map(
        ({ column, flag, set }) =>
          `The column ${excerpt(column)} sets ${flag} for ${set.size} of ${many(this.contactRows, 'row', 'rows')}: nobody of them gets an email. Check that it says what it seems to.`,
      );
  }

  #aboutAddresses(): string[] {
    const [sharing, twice, apart] = [this.#sharing, this.#twice, this.#apart].map((map) => [...map.values()]);
    const told: string[] = [];
    if (this.#back.size > 0)
      told.push(
        `${contactCount(this.#back)} came with an address that had objected before its contact was erased or got another address, and won't be written to.`,
      );
    if (this.#heldByFaulty > 0)
      told.push(
        `${many(this.#heldByFaulty, 'row', 'rows')} with an error said an objection: it holds for the contacts that the rows name.`,
      );
    if (this.#lostByFaulty > 0)
      told.push(
        `${many(this.#lostByFaulty, 'row', 'rows')} with an error said an objection that was lost, because nobody can tell whose: correct these rows and import them.`,
      );
    if (sharing?.length)
      told.push(
        `${many(sharing.length, 'pair of contacts has', 'pairs of contacts have')} one address, so that consent and messages count for both: ${firstOf(sharing)}.`,
      );
    if (twice?.length)
      told.push(
        `${many(twice.length, 'id came', 'ids came')} with two addresses in this import, which may be two people: ${firstOf(twice)}.`,
      );
    if (apart?.length)
      told.push(
        `Not taken for the contact of their userId: ${firstOf(apart)}. What they object to holds for that one too.`,
      );
    return told;
  }

  #aboutKeys(): string[] {
    if (this.#ignored.size === 0) return [];
    const keys = [...this.#ignored].slice(0, SHOWN_KEYS).map((key) => excerpt(key));
    return [
      `Some keys were left out, because events have no such fields: ${keys.join(', ')}. Put them into properties.`,
    ];
  }
}
