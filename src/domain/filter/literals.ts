import { isObject } from '../base/json.ts';
import type { Forms } from './filter.ts';

/** Texts one of which must stand in a document's JSON; none at all where no document matches. */
type AnyText = readonly string[];
/**
 * What must stand in a document's JSON, as `JSON.stringify` writes it, before a filter can find the document: one text of
 * each list. Without lists, any document may match.
 */
export type Literals = readonly AnyText[];

/** Beyond so many texts of which one would do, a search for all of them takes longer than a look at the documents. */
const MOST_TEXTS = 12;

/** A field of a filter, and the texts that lead to its value; one of them must stand where the field isn't missing. */
type Key = { texts: AnyText; isPlain: boolean; hasForm: boolean };

function keyOf(name: string, forms: Forms): Key {
  const first = name.split('.', 1)[0] ?? name;
  const texts = [...new Set([name, first])].map((part) => `${JSON.stringify(part)}:`);
  return { texts, isPlain: first === name, hasForm: Object.hasOwn(forms, name) };
}

/** The texts of a field whose value begins like this, or is an array, in which such a value may be. */
function beginning({ texts, isPlain }: Key, starts: readonly string[]): AnyText {
  return isPlain ? texts.flatMap((text) => [...starts, '['].map((start) => text + start)) : texts;
}

function equalsMissing(value: unknown): boolean {
  return value === null || value === undefined;
}

/** The literals of a field that equals one of these values. A missing field equals null. */
function equalLiterals(key: Key, values: readonly unknown[]): AnyText[] {
  if (values.some(equalsMissing)) return [];
  if (values.length === 0) return [[]];
  if (values.some((value) => typeof value === 'object') || values.length >= MOST_TEXTS) return [key.texts];
  const starts = values.map((value) => (key.hasForm && typeof value === 'string' ? '"' : JSON.stringify(value)));
  const begun = beginning(key, [...new Set(starts)]);
  return key.isPlain || key.hasForm ? [begun] : [begun, starts];
}

function comparedLiterals(key: Key, bound: unknown): AnyText[] {
  if (equalsMissing(bound)) return [];
  return typeof bound === 'string' ? [beginning(key, ['"'])] : [key.texts];
}

function allLiterals(key: Key, items: unknown): AnyText[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) =>
    isObject(item) && Object.hasOwn(item, '$elemMatch') ? [beginning(key, [])] : equalLiterals(key, [item]),
  );
}

function operatorLiterals(key: Key, operator: string, operand: unknown): AnyText[] {
  switch (operator) {
    case '$eq':
      return equalLiterals(key, [operand]);
    case '$in':
      return Array.isArray(operand) ? equalLiterals(key, operand) : [];
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return comparedLiterals(key, operand);
    case '$exists':
      return operand ? [key.texts] : [];
    case '$regex':
      return [beginning(key, ['"'])];
    case '$all':
      return allLiterals(key, operand);
    case '$size':
    case '$elemMatch':
      return [beginning(key, [])];
    default:
      return [];
  }
}

function fieldLiterals(name: string, condition: unknown, forms: Forms): AnyText[] {
  const key = keyOf(name, forms);
  if (!isObject(condition) || !Object.keys(condition).some((operator) => operator.startsWith('$')))
    return equalLiterals(key, [condition]);
  return Object.entries(condition).flatMap(([operator, operand]) => operatorLiterals(key, operator, operand));
}

/** How few documents a list of texts leaves, by the length of its shortest one. */
function sharpness(texts: AnyText): number {
  return Math.min(...texts.map((text) => text.length));
}

/** Of what each of several filters needs, one list for all of them: the sharpest of each. */
function eitherLiterals(filters: unknown, forms: Forms): AnyText[] {
  if (!Array.isArray(filters)) return [];
  const texts = new Set<string>();
  for (const filter of filters) {
    const [sharpest] = requiredLiterals(filter, forms);
    if (sharpest === undefined) return [];
    for (const text of sharpest) texts.add(text);
  }
  return texts.size > MOST_TEXTS ? [] : [[...texts]];
}

/**
 * What a filter's documents must have in their JSON, the list that leaves the fewest first. A document that lacks it needs
 * no parsing; one that has it may still not match.
 *
 * @param filter one that `compileFilter` has taken
 * @param forms the forms that it was compiled with
 */
export function requiredLiterals(filter: unknown, forms: Forms): Literals {
  if (!isObject(filter)) return [];
  const found = Object.entries(filter).flatMap(([key, value]) => {
    if (key === '$and') return Array.isArray(value) ? value.flatMap((item) => requiredLiterals(item, forms)) : [];
    if (key === '$or') return eitherLiterals(value, forms);
    return key.startsWith('$') ? [] : fieldLiterals(key, value, forms);
  });
  return found.sort((one, other) => sharpness(other) - sharpness(one));
}
