import { type Keyword, type KeywordPlace, samePlacePart } from './keyword.ts';
import { type Assertion, misfit, misfitOf, type Subschema } from './subschema.ts';

function samePlaceParts(word: unknown, place: KeywordPlace): Subschema[] {
  return Array.isArray(word) ? word.map((raw) => samePlacePart(raw, place)) : [];
}

function reference(word: unknown, { document, subschema }: KeywordPlace): Assertion {
  const target = document.referred(subschema, word, '$ref');
  subschema.samePlace.push(target);
  return (value, work, covered) => misfitOf(target, value, work, covered);
}

/** The name of an anchor that a reference ends with. */
function anchorOf(word: unknown): string {
  const text = String(word);
  return text.slice(text.lastIndexOf('#') + 1);
}

/**
 * A reference to the outermost of the documents that the check is in which has the same anchor, where the schema that it
 * names by itself takes part in that.
 */
function dynamicReference(word: unknown, { document, subschema }: KeywordPlace): Assertion {
  const target = document.referred(subschema, word, '$dynamicRef');
  const name = anchorOf(word);
  subschema.samePlace.push(target);
  if (target.word('$dynamicAnchor') !== name) return (value, work, covered) => misfitOf(target, value, work, covered);
  return (value, work, covered) => {
    work.spend(work.scopes.length >> 2);
    const outermost = work.scopes.find((scope) => document.dynamicAnchor(scope, name));
    const found = outermost === undefined ? undefined : document.dynamicAnchor(outermost, name);
    return misfitOf(found ?? target, value, work, covered);
  };
}

/** The form that `$dynamicRef` had in 2019-09, for whole documents. */
function recursiveReference(word: unknown, { document, subschema }: KeywordPlace): Assertion {
  const target = document.referred(subschema, word, '$recursiveRef');
  subschema.samePlace.push(target);
  if (target.word('$recursiveAnchor') !== true) return (value, work, covered) => misfitOf(target, value, work, covered);
  return (value, work, covered) => {
    work.spend(work.scopes.length >> 2);
    const outermost = work.scopes.find((scope) => document.documentAt(scope)?.word('$recursiveAnchor') === true);
    const found = outermost === undefined ? undefined : document.documentAt(outermost);
    return misfitOf(found ?? target, value, work, covered);
  };
}

function fitsAll(word: unknown, place: KeywordPlace): Assertion {
  const parts = samePlaceParts(word, place);
  return (value, work, covered) => {
    for (const part of parts) {
      const found = misfitOf(part, value, work, covered);
      if (found) return found;
    }
    return undefined;
  };
}

function fitsAny(word: unknown, place: KeywordPlace): Assertion {
  const parts = samePlaceParts(word, place);
  return (value, work, covered) => {
    let isFound = false;
    for (const part of parts) {
      if (misfitOf(part, value, work, covered)) continue;
      isFound = true;
      // Another one that fits may have looked at more.
      if (!covered) break;
    }
    return isFound ? undefined : misfit('must match a schema in anyOf');
  };
}

function fitsOne(word: unknown, place: KeywordPlace): Assertion {
  const parts = samePlaceParts(word, place);
  return (value, work, covered) => {
    let count = 0;
    for (const part of parts) if (!misfitOf(part, value, work, covered)) count += 1;
    return count === 1 ? undefined : misfit('must match exactly one schema in oneOf');
  };
}

function fitsNot(word: unknown, place: KeywordPlace): Assertion {
  const part = samePlacePart(word, place);
  return (value, work) => (misfitOf(part, value, work) ? undefined : misfit('must NOT be valid'));
}

function ifThenElse(word: unknown, place: KeywordPlace): Assertion {
  const condition = samePlacePart(word, place);
  const branch = (name: 'then' | 'else') => {
    const raw = place.subschema.word(name);
    return raw === undefined ? undefined : { name, part: samePlacePart(raw, place) };
  };
  const [then, otherwise] = [branch('then'), branch('else')];
  return (value, work, covered) => {
    const chosen = misfitOf(condition, value, work, covered) ? otherwise : then;
    const found = chosen && misfitOf(chosen.part, value, work, covered);
    return found && misfit(`must match "${chosen.name}" schema`);
  };
}

/** Keywords that hold the same value against other schemas. */
export const SAME_PLACE_KEYWORDS: readonly [string, Keyword][] = [
  ['$ref', reference],
  ['$recursiveRef', recursiveReference],
  ['$dynamicRef', dynamicReference],
  ['allOf', fitsAll],
  ['anyOf', fitsAny],
  ['oneOf', fitsOne],
  ['not', fitsNot],
  ['if', ifThenElse],
];
