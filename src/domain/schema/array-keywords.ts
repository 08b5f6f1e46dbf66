import { demandCount, type Keyword, type KeywordPlace } from './keyword.ts';
import { SchemaFlaw } from './schema-document.ts';
import { type Assertion, below, misfit, misfitOf, type Subschema, spelledOut } from './subschema.ts';

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** Each of the first items against its own schema. */
function firstItems(parts: readonly Subschema[]): Assertion {
  return (value, work, covered) => {
    for (const [index, item] of (listOf(value) ?? []).slice(0, parts.length).entries()) {
      const part = parts[index];
      const found = part && below(index, misfitOf(part, item, work));
      if (found) return found;
      covered?.places.add(index);
    }
    return undefined;
  };
}

/** All items from the `from`th against one schema. */
function itemsFrom(from: number, part: Subschema, isForbidden: boolean): Assertion {
  return (value, work, covered) => {
    const list = listOf(value);
    if (!list) return undefined;
    if (isForbidden && list.length > from) return misfit(`must NOT have more than ${from} items`);
    for (let index = from; index < list.length; index++) {
      const found = below(index, misfitOf(part, list[index], work));
      if (found) return found;
    }
    if (covered) covered.everyPlace = true;
    return undefined;
  };
}

function prefixItems(word: unknown, { document }: KeywordPlace): Assertion | undefined {
  return Array.isArray(word) ? firstItems(word.map((raw) => document.part(raw))) : undefined;
}

/** `items`: one schema for all, those of `prefixItems` left out; or, before 2020-12, a list of them for the first. */
function items(word: unknown, place: KeywordPlace): Assertion | undefined {
  if (Array.isArray(word)) return prefixItems(word, place);
  const before = place.subschema.word('prefixItems');
  return itemsFrom(Array.isArray(before) ? before.length : 0, place.document.part(word), word === false);
}

function additionalItems(word: unknown, { document, subschema }: KeywordPlace): Assertion | undefined {
  const before = subschema.word('items');
  return Array.isArray(before) ? itemsFrom(before.length, document.part(word), word === false) : undefined;
}

function contains(word: unknown, { document, subschema, at }: KeywordPlace): Assertion {
  const part = document.part(word);
  const limit = (name: string) => {
    const given = subschema.word(name);
    return given === undefined ? undefined : demandCount(given, { document, subschema, at });
  };
  const least = limit('minContains') ?? 1;
  const most = limit('maxContains') ?? Number.POSITIVE_INFINITY;
  const marks = document.dialect === '2020-12';
  return (value, work, covered) => {
    const list = listOf(value);
    if (!list) return undefined;
    let count = 0;
    for (const [index, item] of list.entries()) {
      if (misfitOf(part, item, work)) continue;
      count += 1;
      if (marks) covered?.places.add(index);
    }
    if (count < least) return misfit(`must contain at least ${least} valid item(s)`);
    return count <= most ? undefined : misfit(`must contain at most ${most} valid item(s)`);
  };
}

function minItems(word: unknown, place: KeywordPlace): Assertion {
  const least = demandCount(word, place);
  return (value) =>
    (listOf(value)?.length ?? least) >= least ? undefined : misfit(`must NOT have fewer than ${least} items`);
}

function maxItems(word: unknown, place: KeywordPlace): Assertion {
  const most = demandCount(word, place);
  return (value) =>
    (listOf(value)?.length ?? most) <= most ? undefined : misfit(`must NOT have more than ${most} items`);
}

function uniqueItems(word: unknown, { at }: KeywordPlace): Assertion | undefined {
  if (typeof word !== 'boolean') throw new SchemaFlaw(at, "isn't true or false");
  if (!word) return undefined;
  return (value, work) => {
    // Texts of objects and arrays are kept apart, because an item may be such a text itself.
    const [scalars, others] = [new Map<unknown, number>(), new Map<unknown, number>()];
    for (const [index, item] of (listOf(value) ?? []).entries()) {
      work.spend(4);
      const isScalar = typeof item !== 'object' || item === null;
      const key = isScalar ? item : spelledOut(item, work);
      const seen = isScalar ? scalars : others;
      const before = seen.get(key);
      if (before !== undefined)
        return misfit(`must NOT have duplicate items (items ## ${before} and ${index} are identical)`);
      seen.set(key, index);
    }
    return undefined;
  };
}

function unevaluatedItems(word: unknown, { document }: KeywordPlace): Assertion {
  const part = document.part(word);
  return (value, work, covered) => {
    const list = listOf(value);
    if (!list || covered?.everyPlace) return undefined;
    for (const [index, item] of list.entries()) {
      work.spend(1);
      if (covered?.places.has(index)) continue;
      if (misfitOf(part, item, work)) return misfit(`must NOT have unevaluated items (${index})`);
    }
    if (covered) covered.everyPlace = true;
    return undefined;
  };
}

/** Keywords that check arrays. */
export const ARRAY_KEYWORDS: readonly [string, Keyword][] = [
  ['minItems', minItems],
  ['maxItems', maxItems],
  ['uniqueItems', uniqueItems],
  ['prefixItems', prefixItems],
  ['items', items],
  ['additionalItems', additionalItems],
  ['contains', contains],
];

/** Keywords that check what all others of the same schema left unchecked. */
export const REST_OF_ARRAY: readonly [string, Keyword][] = [['unevaluatedItems', unevaluatedItems]];
