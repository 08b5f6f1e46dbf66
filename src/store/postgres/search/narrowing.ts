import { isObject } from '../../../domain/base/json.ts';
import { addressKey, wireAddress } from '../../../domain/contacts/address.ts';
import { contactLiterals } from '../../../domain/contacts/contact-filter.ts';
import { rowKey } from '../memory/row-key.ts';

/** A condition in SQL, and the values that it names by their numbers, from `$1` on. `isIndexed`: an index finds what it is about. */
export type Narrowing = { where: string; values: unknown[]; isIndexed: boolean };

/** Beyond so many values of which one would do, the index is of no use. */
const MOST_VALUES = 20;
/** Compared in a form of its own: the stored text may be another one, and the table of addresses has that form. */
const EMAIL = 'email';
const BY_ADDRESS = 'c.id in (select a.contact_id from addresses a where a.key = any(';
const COMPARISONS: ReadonlyMap<string, string> = new Map([
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

type Plain = string | number | boolean;

function isPlain(value: unknown): value is Plain {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** The values one of which a field has to have; undefined where that isn't all that is asked. */
function valuesOf(condition: unknown): Plain[] | undefined {
  if (isPlain(condition)) return [condition];
  if (!isObject(condition)) return undefined;
  if (isPlain(condition.$eq)) return [condition.$eq];
  const among: unknown = condition.$in;
  return Array.isArray(among) && among.length <= MOST_VALUES && among.every(isPlain) ? among : undefined;
}

/** The fields that a filter wants to equal something, with the values. */
function equalities(filter: unknown): [field: string, values: Plain[]][] {
  if (!isObject(filter)) return [];
  return Object.entries(filter).flatMap(([field, condition]): [string, Plain[]][] => {
    if (field === '$and') return Array.isArray(condition) ? condition.flatMap(equalities) : [];
    const values = field.startsWith('$') || field.includes('.') ? undefined : valuesOf(condition);
    return values && values.length > 0 ? [[field, values]] : [];
  });
}

/** What a filter wants fields to be above or below, as conditions in SQL's own language for paths. */
function comparisons(filter: unknown): string[] {
  if (!isObject(filter)) return [];
  return Object.entries(filter).flatMap(([field, condition]): string[] => {
    if (field === '$and') return Array.isArray(condition) ? condition.flatMap(comparisons) : [];
    if (field.startsWith('$') || field.includes('.') || !isObject(condition) || !isInJsonb(field)) return [];
    return Object.entries(condition).flatMap(([operator, bound]) => {
      const sign = COMPARISONS.get(operator);
      const isTold = typeof bound === 'number' || (typeof bound === 'string' && ASCII.test(bound));
      return sign && isTold ? [`$.${JSON.stringify(field)} ? (@ ${sign} ${JSON.stringify(bound)})`] : [];
    });
  });
}

/** jsonb has neither NUL nor half of a surrogate pair. */
function isInJsonb(value: Plain): boolean {
  return typeof value !== 'string' || !/[\0\p{Cs}]/u.test(value);
}

type Place = (value: unknown) => string;

function equalityIn([field, wanted]: [field: string, values: Plain[]], place: Place): string[] {
  if (field === EMAIL) {
    const keys = wanted.flatMap((value) => (typeof value === 'string' ? [rowKey(addressKey(value))] : []));
    return keys.length === wanted.length && keys.every((key) => key !== '')
      ? [`${BY_ADDRESS}${place(keys)}::text[]))`]
      : [];
  }
  if (![field, ...wanted].every(isInJsonb)) return [];
  // A field that is an array equals each of its items too.
  const documents = wanted.flatMap((value) =>
    [{ [field]: value }, { [field]: [value] }].map((one) => JSON.stringify(one)),
  );
  const each = documents.map((one) => `narrow @> ${place(one)}::jsonb`);
  return [`(narrow is null or ${each.join(' or ')})`];
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

/**
 * What a contact's row must have before a filter, and a search for a text, can find it. It lets pass whatever they find, and more: they
 * themselves decide.
 */
export function narrowed(filter: Record<string, unknown> | undefined, text?: string): Narrowing {
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const conditions = equalities(filter).flatMap((one) => equalityIn(one, place));
  const isIndexed = conditions.length > 0;
  for (const path of comparisons(filter))
    conditions.push(`(narrow is null or jsonb_path_exists(narrow, ${place(path)}::jsonpath))`);
  for (const texts of contactLiterals(filter ?? {}))
    conditions.push(
      texts.length === 0 ? 'false' : `(${texts.map((one) => `strpos(body, ${place(one)}) > 0`).join(' or ')})`,
    );
  if (text !== undefined) conditions.push(searched(text, place));
  return { where: conditions.length === 0 ? 'true' : conditions.join(' and '), values, isIndexed };
}
