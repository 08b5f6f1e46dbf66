import type { Contact } from '../../../domain/contacts/contact.ts';
import type { Page, Rows } from '../../../domain/state/queries.ts';
import type { DatabaseAccess } from '../access/database-access.ts';
import type { Narrowing, SqlCondition } from './narrowing.ts';
import {
  type BirthKey,
  betweenEnds,
  endsOf,
  keysBehind,
  type Passed,
  STRETCH,
  type WalkWay,
  walkContacts,
} from './walk-contacts.ts';

/** A total above this may be told as "at least so many" (contract, "Reads by key and index"). */
export const MOST_IN_TOTAL = 10_000;
/** Once a page is full, so many contacts more are looked at for its total, as in a home of files. */
export const MOST_LOOKED_AT = 50_000;

/** A filter that SQL tells exactly. The filter itself decides on what is shown, and on contacts that aren't in `narrow`. */
type ExactFilter = Narrowing & { exact: SqlCondition; matches: (contact: Contact) => boolean };
/** The ends between which contacts are counted. */
type Ends = Pick<WalkWay, 'after' | 'upTo'>;
type Total = { total: number; isAll: boolean };

const rowsOf = (rows: Contact[], { total, isAll }: Total): Rows<Contact> => ({
  rows,
  total,
  ...(isAll ? {} : { isAtLeast: true }),
});

/** A page of what such a filter finds. No more contacts are read than it takes to show it: the database counts the others. */
export class ExactPage {
  private readonly rows: Contact[] = [];
  /** How many contacts were found, those before the page included, and the last of them. */
  private found = 0;
  private last: BirthKey | undefined;
  private readonly end: number;
  private readonly access: DatabaseAccess;
  private readonly filter: ExactFilter;
  private readonly way: WalkWay;
  private readonly page: Page;

  constructor(access: DatabaseAccess, filter: ExactFilter, way: WalkWay, page: Page) {
    this.access = access;
    this.filter = filter;
    this.way = way;
    this.page = page;
    this.end = Math.max(1, page.offset + page.limit);
  }

  /** Throws AppError LIMIT_EXCEEDED. */
  read(): Promise<Rows<Contact>> {
    return this.filter.isIndexed && Number.isFinite(this.end) ? this.readByIndex() : this.readAlong();
  }

  /** Where no index helps, or all are wanted, the contacts are looked at in their order. */
  private async readAlong(): Promise<Rows<Contact>> {
    await this.find({});
    if (!this.isFull) return rowsOf(this.rows, { total: this.found, isAll: true });
    const after = this.last;
    const [upTo, further] = await keysBehind(this.access, { ...this.way, after }, MOST_LOOKED_AT);
    const { total, isAll } = await this.total({ after, upTo });
    return rowsOf(this.rows, { total: this.found + total, isAll: isAll && further === undefined });
  }

  /** Of very many, the first are mostly near the end that the walk begins at. Few are found by the index sooner. */
  private async readByIndex(): Promise<Rows<Contact>> {
    const { total, isAll } = await this.total({});
    const [upTo] = isAll ? [] : await keysBehind(this.access, this.way, STRETCH);
    if (upTo) await this.find({ upTo });
    if (!this.isFull) await this.find({ after: upTo, isSorted: true });
    // Contacts may have come or gone since they were counted.
    return rowsOf(
      this.rows,
      this.isFull ? { total: Math.max(total, this.found), isAll } : { total: this.found, isAll: true },
    );
  }

  private get isFull(): boolean {
    return this.found >= this.end;
  }

  /** Goes a way on until the page is full. */
  private async find(way: Partial<WalkWay>): Promise<void> {
    const { offset, limit } = this.page;
    const take = ({ contact, key }: Passed) => {
      if (!this.filter.matches(contact)) return true;
      [this.found, this.last] = [this.found + 1, key];
      if (this.found > offset && this.rows.length < limit) this.rows.push(contact);
      return !this.isFull;
    };
    await walkContacts(this.access, this.filter, { ...this.way, ...way, first: this.end - this.found }, { take });
  }

  /** How many contacts there are to be found between two ends, and whether these are all: the total goes no further than others do. */
  private async total(ends: Ends): Promise<Total> {
    const way = { ...this.way, ...ends };
    const most = Math.max(MOST_IN_TOTAL, this.end) - this.found;
    const odd = await this.odd(way);
    const total = odd.total + (await this.counted(way, most + 1));
    return { total: Math.min(total, most), isAll: odd.isAll && total <= most };
  }

  /** How many contacts the database counts on a way. */
  private async counted(way: WalkWay, most: number): Promise<number> {
    const { exact } = this.filter;
    // What is materialized is planned for all that there are: a plan for the first ones may pass all others before it finds any. It ends
    // early all the same.
    const text = `with found as materialized (select from contacts c where ${betweenEnds(exact, way)})
      select count(*) from (select from found limit ${most}) f`;
    const values = [...exact.values, ...endsOf(way).flat()];
    const { rows } = await this.access.connections.untilDone((client) => client.query<{ count: number }>(text, values));
    return rows[0]?.count ?? 0;
  }

  /** How many of the contacts on a way that aren't in `narrow` the filter itself finds. It looks at so many and no more. */
  private async odd(way: WalkWay): Promise<Total> {
    const { where, values, matches } = this.filter;
    let [total, lookedAt] = [0, 0];
    const take = ({ contact }: Passed) => {
      lookedAt += 1;
      if (lookedAt <= MOST_LOOKED_AT && matches(contact)) total += 1;
      return lookedAt <= MOST_LOOKED_AT;
    };
    await walkContacts(this.access, { where: `narrow is null and ${where}`, values, isIndexed: true }, way, { take });
    return { total, isAll: lookedAt <= MOST_LOOKED_AT };
  }
}
