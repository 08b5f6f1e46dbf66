import { isObject } from '../../../domain/base/json.ts';
import { addressKey, wireAddress } from '../../../domain/contacts/address.ts';
import { contactLiterals } from '../../../domain/contacts/contact-filter.ts';
import { isRelativeTime } from '../../../domain/filter/time-words.ts';
import { rowKey } from '../memory/row-key.ts';

/** A condition in SQL, and the values that it names by their numbers, from `$1` on. */
export type SqlCondition = { where: string; values: unknown[] };
/**
 * What a row must have to be found. `isIndexed`: an index finds what it is about. `exact`: of the contacts that `narrow` holds, it finds the
 * very same as the filter does.
 */
export type Narrowing = SqlCondition & { isIndexed: boolean; exact?: SqlCondition | undefined };

/** Beyond so many values of which one would do, the index is of no use. */
const MOST_VALUES = 20;
/** Compared in a form of its own: the stored text may be another one, and the table of addresses has that form. */
const EMAIL = 'email';
const BY_ADDRESS = 'c.id in (select a.contact_id from addresses a where a.key = any(';
const SIGNS: ReadonlyMap<string, string> = new Map([
  ...([
    ['$gt', '>'],
    ['$gte', '>='],
    ['$lt', '<'],
    ['$lte', '<='],
  ] as const),
]);
/** Texts in ASCII alone: whichever letters they are compared with, the order is the same by bytes as by JavaScript. */
const ASCII = /^[\x20-\x7e]+$/;
/** What of a text stands in JSON as it is, within one value. */
const PLAIN_PIECES = /[!#-[\]-~]+/g;
/** The capital letters beyond ASCII whose small ones begin with a letter of it. JavaScript makes them small, and the database doesn't. */
const ODD_CAPITALS = ['\u212a', '\u0130'];
const MOST_PIECES = 4;

/** What a filter demands of a field, one operator at a time. A part that is no field's, such as `$or`, is one as a whole. */
type Demand = { field: string; operator: string; operand: unknown };

/** All of what a filter demands, inside of `$and` too. */
function demandsOf(filter: unknown): Demand[] {
  if (!isObject(filter)) return [];
  return Object.entries(filter).flatMap(([field, condition]): Demand[] => {
    if (field === '$and' && Array.isArray(condition)) return condition.flatMap(demandsOf);
    if (field.startsWith('$')) return [{ field, operator: field, operand: condition }];
    const isOperated = isObject(condition) && Object.keys(condition).some((key) => key.startsWith('$'));
    const operators = Object.entries(isOperated ? condition : { $eq: condition });
    return operators.map(([operator, operand]) => ({ field, operator, operand }));
  });
}

/** jsonb has neither NUL nor half of a surrogate pair. */
function isInJsonb(text: string): boolean {
  return !/[\0\p{Cs}]/u.test(text);
}

/** Whether a value is a plain one that jsonb holds as JSON writes it. There, infinity is null. */
function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' ? isInJsonb(value) : typeof value === 'boolean' || Number.isFinite(value);
}

/** The values one of which a field has to have; undefined where that isn't what is demanded. */
function valuesOf({ operator, operand }: Demand): unknown[] | undefined {
  if (operator === '$eq') return [operand];
  const isShort = operator === '$in' && Array.isArray(operand) && operand.length > 0 && operand.length <= MOST_VALUES;
  return isShort ? operand : undefined;
}

/** The test of a value, in SQL's own language for paths; undefined where it has none. */
function testInPath(demand: Demand): string | undefined {
  const values = valuesOf(demand);
  if (values?.every(isPlain)) return `(${values.map((value) => `@ == ${JSON.stringify(value)}`).join(' || ')})`;
  const { operator, operand: bound } = demand;
  const sign = SIGNS.get(operator);
  const isTold = Number.isFinite(bound) || (typeof bound === 'string' && ASCII.test(bound));
  return sign && isTold ? `@ ${sign} ${JSON.stringify(bound)}` : undefined;
}

type Place = (value: unknown) => string;
/** A demand in SQL. `exact`, where `narrow` holds the contact, says all of it. */
type SqlDemand = { where: string; isIndexed: boolean; exact?: string | undefined };

function addressInSql(demand: Demand, place: Place): SqlDemand | undefined {
  const keys = valuesOf(demand)?.map((value) => (typeof value === 'string' ? rowKey(addressKey(value)) : ''));
  if (!keys || keys.includes('')) return undefined;
  return { where: `${BY_ADDRESS}${place(keys)}::text[]))`, isIndexed: true };
}

function demandInSql(demand: Demand, place: Place): SqlDemand | undefined {
  const { field, operator, operand } = demand;
  const isIndexed = !SIGNS.has(operator);
  if (field === EMAIL && isIndexed) return addressInSql(demand, place);
  const test = field.startsWith('$') || field.includes('.') || !isInJsonb(field) ? undefined : testInPath(demand);
  if (test === undefined) return undefined;
  // A path looks into a list for each of its items, as the filter does, and into lists among those, as it doesn't.
  const path = place(`$.${JSON.stringify(field)} ? (${test} && @.type() != "array")`);
  // An index would be read as a whole for a comparison.
  const exact = isIndexed ? `narrow @? ${path}::jsonpath` : `jsonb_path_exists(narrow, ${path}::jsonpath)`;
  const isOdd = !isIndexed && typeof operand === 'string' && isRelativeTime(operand);
  return { where: `(narrow is null or ${exact})`, isIndexed, exact: isOdd ? undefined : exact };
}

/** What a row must have before a search for a text can find it. */
function searched(text: string, place: Place): string {
  const pieces = text.toLowerCase().match(PLAIN_PIECES) ?? [];
  const longest = pieces.toSorted((one, other) => other.length - one.length).slice(0, MOST_PIECES);
  const all = longest.map((piece) => `strpos(lower(body collate "C"), ${place(piece)}) > 0`);
  if (all.length === 0) return 'true';
  const address = wireAddress(text);
  const odd = longest.some((piece) => /[ik]/.test(piece)) ? ODD_CAPITALS : [];
  return `(${[
    ...[`(${all.join(' and ')})`, ...odd.map((letter) => `strpos(body, ${place(letter)}) > 0`)],
    ...(address === undefined ? [] : [`${BY_ADDRESS}${place([rowKey(address)])}::text[]))`]),
  ].join(' or ')})`;
}

/** Whether all of a filter is told in SQL, exactly: then that is the condition for it. */
function exactOf(told: readonly (SqlDemand | undefined)[], values: readonly unknown[]): SqlCondition | undefined {
  const exact = told.map((each) => each?.exact);
  return exact.length === 0 || exact.includes(undefined)
    ? undefined
    : { where: exact.join(' and '), values: [...values] };
}

/**
 * What a contact's row must have before a filter, and a search for a text, can find it. It lets pass whatever they find, and more: they
 * themselves decide.
 */
export function narrowed(filter: Record<string, unknown> | undefined, text?: string): Narrowing {
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const told = demandsOf(filter).map((demand) => demandInSql(demand, place));
  const exact = text === undefined ? exactOf(told, values) : undefined;
  const conditions = told.flatMap((each) => (each ? [each.where] : []));
  for (const texts of contactLiterals(filter ?? {}))
    conditions.push(
      texts.length === 0 ? 'false' : `(${texts.map((one) => `strpos(body, ${place(one)}) > 0`).join(' or ')})`,
    );
  if (text !== undefined) conditions.push(searched(text, place));
  const where = conditions.length === 0 ? 'true' : conditions.join(' and ');
  return { where, values, isIndexed: told.some((each) => each?.isIndexed), exact };
}
