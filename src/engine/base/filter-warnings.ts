import { type Contact, TEXT_FIELDS } from '../../domain/contacts/contact.ts';
import { type FilterTerm, odditiesOf } from '../../domain/filter/oddities.ts';
import { fieldReach } from '../../domain/filter/reach.ts';
import { filterBudget } from '../../domain/filter/shape.ts';
import { comparesWithDates, isDated, isRelativeTime } from '../../domain/filter/time-words.ts';
import { fieldOf, nameKey } from '../../domain/import/columns.ts';
import { closestTo } from '../../domain/text/closest.ts';
import { shortened } from '../../domain/text/shortened.ts';
import type { House } from './house.ts';

/** A filter of contacts, and where it stands in the caller's argument. */
export type PlacedFilter = { filter: unknown; path: string };

/** So many of the newest contacts show which fields there are, and what is in them. */
const SAMPLE = 100;
/** The most fields that are looked for among all contacts, since each look walks through all of them. */
const MOST_LOOKS = 5;
/** Fields that Countersign sets itself, also where no contact has them yet. */
export const SET_FIELDS: readonly string[] = ['created_at', 'updated_at', 'bounced', 'bounced_at'];
/** So many values of a field show what is in it. */
const MOST_SEEN = 1_000;
/** The most terms of filters that are held against what is in their fields, and the most names of fields that are known. */
const MOST_TERMS = 100;
const MOST_NAMES = 10_000;
/** The most warnings that are said. */
const MOST_SAID = 20;
const LONGEST_SAID = 500;
const COMPARISONS = ['$gt', '$gte', '$lt', '$lte'];
const PLAIN = ['string', 'number', 'boolean'];
const FLAGS = ['do_not_email', 'do_not_contact', 'bounced'];
const EQUALS = ['$eq', '$ne', '$in', '$nin'];

/** The values of a field in some contacts, the first of them; the items of lists one by one. */
function valuesOf(contacts: readonly Contact[], field: string): unknown[] {
  const values: unknown[] = [];
  const gather = fieldReach(field, filterBudget(field, Number.POSITIVE_INFINITY))((value) => {
    if (value !== undefined && value !== null && typeof value !== 'object') values.push(value);
    return values.length >= MOST_SEEN;
  }, true);
  for (const contact of contacts) if (values.length < MOST_SEEN) gather(contact);
  return values;
}

function has(contacts: readonly Contact[], field: string): boolean {
  return contacts.some(
    fieldReach(field, filterBudget(field, Number.POSITIVE_INFINITY))((value) => value !== undefined, false),
  );
}

/** What a term compares its field with: one value, or each of a list. */
function operandsOf({ operand }: FilterTerm): unknown[] {
  return Array.isArray(operand) ? operand : [operand];
}

function typeWarning(term: FilterTerm, values: readonly unknown[]): string | undefined {
  const { path, field, operator } = term;
  const [example = FLAGS.includes(field) ? false : undefined] = values;
  if (![...COMPARISONS, ...EQUALS].includes(operator) || example === undefined) return undefined;
  for (const operand of operandsOf(term).slice(0, MOST_SEEN)) {
    const types = [typeof operand, typeof example];
    const isOther = types.every((type) => PLAIN.includes(type)) && types[0] !== types[1];
    if (isOther && values.every((value) => typeof value === typeof example))
      return `${path}: ${JSON.stringify(operand)} is a ${types[0]}, and "${field}" holds ${types[1]}s, as ${JSON.stringify(example)}: they never compare.`;
    const areDates = values.every((value) => typeof value === 'string' && isDated(value));
    if (typeof operand === 'string' && EQUALS.includes(operator) && areDates && isRelativeTime(operand))
      return `${path}: ${JSON.stringify(operand)} is no date, and "${field}" holds dates, as ${JSON.stringify(example)}: none equals it. Write a date such as "2026-01-31".`;
    const isDate = typeof operand === 'string' && COMPARISONS.includes(operator) && !comparesWithDates(operand);
    if (isDate && areDates && !isRelativeTime(operand))
      return `${path}: ${JSON.stringify(operand)} isn't written like the dates in "${field}", as ${JSON.stringify(example)}, and they are compared letter by letter.`;
  }
  return undefined;
}

/** Whether a field is one of every contact's, filled or not. */
function isOwn(field: string): boolean {
  return fieldOf(field) === field || SET_FIELDS.includes(field);
}

/** Of these fields, those that no contact has. */
async function missing(house: House, fields: readonly string[], sample: readonly Contact[]): Promise<Set<string>> {
  const none = new Set<string>();
  const unseen = fields.filter((field) => !isOwn(field) && !has(sample, field));
  for (const field of unseen.slice(0, MOST_LOOKS)) {
    const { total } = await house.store.find.contacts(
      { filter: { [field]: { $exists: true } } },
      { limit: 1, offset: 0 },
    );
    if (total === 0) none.add(field);
  }
  return none;
}

/** The name of a field that is probably meant; without regard to case first. */
function meantBy(field: string, names: ReadonlySet<string>): string | undefined {
  if (['name', 'fullname'].includes(nameKey(field))) return 'firstname';
  return [...names].find((name) => nameKey(name) === nameKey(field)) ?? closestTo(field, names);
}

/** The names of fields that some contacts have, or may have. */
function namesOf(rows: readonly Contact[]): Set<string> {
  const own = rows.flatMap((contact) => Object.keys(contact).slice(0, MOST_NAMES));
  return new Set([...TEXT_FIELDS, 'lifecycle_stage', ...own.slice(0, MOST_NAMES)]);
}

/** Of these names of fields, those that no contact has, each with the closest one that some have. None without contacts. */
export async function unknownFields(house: House, fields: readonly string[]): Promise<Map<string, string>> {
  const { rows } = fields.length > 0 ? await house.store.find.contacts({}, { limit: SAMPLE, offset: 0 }) : { rows: [] };
  const none = rows.length > 0 ? await missing(house, fields, rows) : [];
  const names = namesOf(rows);
  return new Map([...none].map((field) => [field, meantBy(field, names) ?? 'firstname']));
}

/** The first of many warnings, and how many more there are. */
function firstWarnings(said: readonly string[]): string[] {
  const first = said.slice(0, MOST_SAID).map((warning) => shortened(warning, LONGEST_SAID));
  const rest = said.length - first.length;
  return rest > 0 ? [...first, `${rest} more warnings about filters are left out.`] : first;
}

/**
 * What filters of contacts say that means something else than one may think (contract, section 2, `warnings[]`): by
 * themselves, and by what the contacts hold. While there are no contacts, a field that none has is no fault. `seen` are
 * contacts that are at hand already: with them, most filters need no look at the others.
 */
export async function filterWarnings(
  house: House,
  filters: readonly PlacedFilter[],
  seen: readonly Contact[] = [],
): Promise<string[]> {
  return firstWarnings(await allWarnings(house, filters, seen));
}

async function allWarnings(
  house: House,
  filters: readonly PlacedFilter[],
  seen: readonly Contact[],
): Promise<string[]> {
  const odd = filters.map(({ filter, path }) => odditiesOf(filter, path));
  const said = odd.flatMap((each) => each.said);
  const terms = odd.flatMap((each) => each.terms).filter(({ field }) => field !== '');
  if (terms.length === 0) return said;
  const rows = seen.length > 0 ? seen : (await house.store.find.contacts({}, { limit: SAMPLE, offset: 0 })).rows;
  if (rows.length === 0) return said;
  const fields = [...new Set(terms.map(({ field }) => field))];
  const none = await missing(house, fields, rows);
  const names = namesOf(rows);
  const where = new Map([...terms].reverse().map(({ field, path }) => [field, path]));
  const unknown = [...none].map(
    (field) =>
      `${where.get(field)}: no contact has a field ${JSON.stringify(field)}. The closest one is ${JSON.stringify(meantBy(field, names))}.`,
  );
  const mistyped = terms.slice(0, MOST_TERMS).map((term) => typeWarning(term, valuesOf(rows, term.field)));
  return [...said, ...unknown, ...mistyped.filter((warning) => warning !== undefined)];
}
