import { isObject } from '../base/json.ts';
import { demandCount, demandTexts, type Keyword, type KeywordPlace, samePlacePart } from './keyword.ts';
import type { LinearPattern, LinearPatterns } from './linear-pattern.ts';
import { SchemaFlaw } from './schema-document.ts';
import { type Assertion, below, listKeys, misfit, misfitOf, type Subschema } from './subschema.ts';

/** The schemas that a keyword holds by name. */
function namedIn(word: unknown): [string, unknown][] {
  return isObject(word) ? Object.entries(word) : [];
}

function required(word: unknown, place: KeywordPlace): Assertion | undefined {
  // Draft-03 marked a property itself as required. Many tools still do, and nothing depends on it.
  if (typeof word === 'boolean' && place.subschema !== place.document.root) return undefined;
  const names = demandTexts(word, place);
  return (value, work) => {
    if (!isObject(value)) return undefined;
    work.spend(names.length >> 2);
    const missing = names.find((name) => !Object.hasOwn(value, name));
    return missing === undefined ? undefined : misfit(`must have required property '${missing}'`);
  };
}

function minProperties(word: unknown, place: KeywordPlace): Assertion {
  const least = demandCount(word, place);
  return (value, work) =>
    !isObject(value) || listKeys(value, work).length >= least
      ? undefined
      : misfit(`must NOT have fewer than ${least} properties`);
}

function maxProperties(word: unknown, place: KeywordPlace): Assertion {
  const most = demandCount(word, place);
  return (value, work) =>
    listKeys(value, work).length <= most ? undefined : misfit(`must NOT have more than ${most} properties`);
}

function properties(word: unknown, { document }: KeywordPlace): Assertion {
  const parts = new Map(namedIn(word).map(([key, raw]) => [key, document.part(raw)]));
  return (value, work, covered) => {
    if (!isObject(value)) return undefined;
    work.spend(parts.size >> 2);
    for (const [key, part] of parts) {
      if (!Object.hasOwn(value, key)) continue;
      const found = below(key, misfitOf(part, value[key], work));
      if (found) return found;
      covered?.keys.add(key);
    }
    return undefined;
  };
}

type PatternParts = { pattern: LinearPattern; part: Subschema }[];

function patternProperties(parts: PatternParts): Assertion {
  return (value, work, covered) => {
    if (!isObject(value)) return undefined;
    for (const key of listKeys(value, work)) {
      for (const { pattern, part } of parts) {
        work.spend(1);
        if (!pattern.isIn(key, work)) continue;
        const found = below(key, misfitOf(part, value[key], work));
        if (found) return found;
        covered?.keys.add(key);
      }
    }
    return undefined;
  };
}

/** What neither `properties` nor `patternProperties` of the same schema name. */
function additionalProperties(word: unknown, { document, subschema }: KeywordPlace, parts: PatternParts): Assertion {
  const named = new Set(namedIn(subschema.word('properties')).map(([key]) => key));
  const part = document.part(word);
  return (value, work, covered) => {
    if (!isObject(value)) return undefined;
    for (const key of listKeys(value, work)) {
      if (named.has(key) || parts.some(({ pattern }) => pattern.isIn(key, work))) continue;
      const found = misfitOf(part, value[key], work);
      if (found) return word === false ? misfit(`must NOT have additional properties (${key})`) : below(key, found);
    }
    if (covered) covered.everyKey = true;
    return undefined;
  };
}

function propertyNames(word: unknown, { document }: KeywordPlace): Assertion {
  const part = document.part(word);
  return (value, work) => {
    for (const key of listKeys(value, work))
      if (misfitOf(part, key, work)) return misfit(`property name must be valid (${key})`);
    return undefined;
  };
}

/** What has to hold where a property is there: other properties, or a schema. */
function dependencies(word: unknown, place: KeywordPlace): Assertion {
  if (!isObject(word)) throw new SchemaFlaw(place.at, "isn't an object");
  const all = Object.entries(word).map(([key, raw]) =>
    Array.isArray(raw) ? { key, names: demandTexts(raw, place) } : { key, part: samePlacePart(raw, place) },
  );
  return (value, work, covered) => {
    if (!isObject(value)) return undefined;
    for (const { key, names, part } of all) {
      work.spend(1 + ((names?.length ?? 0) >> 2));
      if (!Object.hasOwn(value, key)) continue;
      const missing = names?.find((name) => !Object.hasOwn(value, name));
      if (missing !== undefined) return misfit(`must have property ${missing} when property ${key} is present`);
      const found = part && misfitOf(part, value, work, covered);
      if (found) return found;
    }
    return undefined;
  };
}

function unevaluatedProperties(word: unknown, { document }: KeywordPlace): Assertion {
  const part = document.part(word);
  return (value, work, covered) => {
    if (!isObject(value) || covered?.everyKey) return undefined;
    for (const key of listKeys(value, work)) {
      if (covered?.keys.has(key)) continue;
      if (misfitOf(part, value[key], work)) return misfit(`must NOT have unevaluated properties (${key})`);
    }
    if (covered) covered.everyKey = true;
    return undefined;
  };
}

/** Keywords that check objects. */
export function objectKeywords(patterns: LinearPatterns): [string, Keyword][] {
  const known = new Map<Subschema, PatternParts>();
  const partsOf = ({ document, subschema }: KeywordPlace): PatternParts => {
    const parts =
      known.get(subschema) ??
      namedIn(subschema.word('patternProperties')).map(([source, raw]) => ({
        pattern: patterns.add(source),
        part: document.part(raw),
      }));
    known.set(subschema, parts);
    return parts;
  };
  return [
    ['required', required],
    ['minProperties', minProperties],
    ['maxProperties', maxProperties],
    ['properties', properties],
    ['patternProperties', (_word, place) => patternProperties(partsOf(place))],
    ['additionalProperties', (word, place) => additionalProperties(word, place, partsOf(place))],
    ['propertyNames', propertyNames],
    ['dependencies', dependencies],
    ['dependentRequired', dependencies],
    ['dependentSchemas', dependencies],
  ];
}

/** Keywords that check what all others of the same schema left unchecked. */
export const REST_OF_OBJECT: readonly [string, Keyword][] = [['unevaluatedProperties', unevaluatedProperties]];
