import { isObject } from '../../../domain/base/json.ts';
import { contactLiterals } from '../../../domain/contacts/contact-filter.ts';

/** A condition in SQL, and the values that it names by their numbers, from `$1` on. */
export type Narrowing = { where: string; values: unknown[] };

/** Beyond so many values of which one would do, the index is of no use. */
const MOST_VALUES = 20;
/** Compared in a form of its own, so that the stored text may be another one. */
const WITH_FORM: ReadonlySet<string> = new Set(['email']);

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
    const values =
      field.startsWith('$') || field.includes('.') || WITH_FORM.has(field) ? undefined : valuesOf(condition);
    return values && values.length > 0 ? [[field, values]] : [];
  });
}

/** jsonb has neither NUL nor half of a surrogate pair. */
function isInJsonb(value: Plain): boolean {
  return typeof value !== 'string' || !/[\0\p{Cs}]/u.test(value);
}

/**
 * What a contact's row must have before a filter can find it. It lets pass whatever the filter finds, and more: the filter
 * itself decides.
 */
export function narrowed(filter: Record<string, unknown> | undefined): Narrowing {
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const conditions = equalities(filter).flatMap(([field, wanted]) => {
    // A field that is an array equals each of its items too.
    const documents = wanted.flatMap((value) =>
      [{ [field]: value }, { [field]: [value] }].map((one) => JSON.stringify(one)),
    );
    if (![field, ...wanted].every(isInJsonb)) return [];
    const each = documents.map((one) => `narrow @> ${place(one)}::jsonb`);
    return [`(narrow is null or ${each.join(' or ')})`];
  });
  for (const texts of contactLiterals(filter ?? {}))
    conditions.push(
      texts.length === 0 ? 'false' : `(${texts.map((text) => `strpos(body, ${place(text)}) > 0`).join(' or ')})`,
    );
  return { where: conditions.length === 0 ? 'true' : conditions.join(' and '), values };
}
