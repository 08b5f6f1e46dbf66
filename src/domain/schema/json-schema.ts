import { digest } from '../base/digest.ts';
import { bytesOf, depthOf } from '../base/json.ts';
import { ARRAY_KEYWORDS, REST_OF_ARRAY } from './array-keywords.ts';
import { dialectOf, refStandsAlone } from './dialect.ts';
import type { Keyword } from './keyword.ts';
import { LinearPatterns } from './linear-pattern.ts';
import { objectKeywords, REST_OF_OBJECT } from './object-keywords.ts';
import { SAME_PLACE_KEYWORDS } from './same-place-keywords.ts';
import { SchemaDocument, SchemaFlaw } from './schema-document.ts';
import { type SchemaWork, withinWork } from './schema-work.ts';
import { misfitOf, type Subschema } from './subschema.ts';
import { valueKeywords } from './value-keywords.ts';

/** Bytes of a schema, and of a value whose check is remembered. */
const MOST_BYTES = 65_536;
const MOST_LEVELS = 64;
/** To how many schemas one may unfold that all check the same value. */
const MOST_UNFOLDED = 10_000;
const LONGEST_PROBLEM = 1_000;
/** The most results of costly checks that are kept for a schema. */
const MOST_KNOWN = 1_000;
const TOO_MUCH = { problem: 'the schema takes too much work for this value, so it could not be checked' };

/** Keywords that check what all others of the same schema left unchecked. They come last. */
const REST = [...REST_OF_ARRAY, ...REST_OF_OBJECT];

type Ranked = { keyword: Keyword; rank: number };

/** Says why a value doesn't fit a schema; undefined where it fits. Never throws. */
export type Check = (value: unknown) => string | undefined;

export type CompiledSchema = {
  check: Check;
  /** The patterns that no linear-time engine can run, which `check` therefore leaves out. */
  unchecked: () => string[];
};

function demandSmall(schema: Record<string, unknown>): void {
  if (bytesOf(schema, MOST_BYTES) > MOST_BYTES) throw new SchemaFlaw('', `is larger than ${MOST_BYTES >> 10} kB`);
  if (depthOf(schema, MOST_LEVELS) > MOST_LEVELS) throw new SchemaFlaw('', `nests deeper than ${MOST_LEVELS} levels`);
}

/** The keywords of a schema that check something, each with its value, in the order in which they are looked at. */
function keywordsIn(
  words: object,
  keywords: ReadonlyMap<string, Ranked>,
): { name: string; word: unknown; keyword: Keyword }[] {
  const found = Object.entries(words).flatMap(([name, word]) => {
    const known = keywords.get(name);
    return known ? [{ name, word, ...known }] : [];
  });
  return found.sort((a, b) => a.rank - b.rank);
}

/** Makes the keywords of every subschema into checks. References may lead to subschemas that nothing else leads to. */
function assertAll(document: SchemaDocument, keywords: ReadonlyMap<string, Ranked>): void {
  const tracks = document.all.some(({ words }) => REST.some(([name]) => Object.hasOwn(words, name)));
  for (const subschema of document.all) {
    const isRefAlone = refStandsAlone(document.dialect) && typeof subschema.word('$ref') === 'string';
    subschema.tracks = tracks;
    for (const { name, word, keyword } of keywordsIn(subschema.words, keywords)) {
      if (isRefAlone && name !== '$ref') continue;
      const at = subschema.at === '' ? name : `${subschema.at}.${name}`;
      const assertion = keyword(word, { document, subschema, at });
      if (assertion) subschema.assertions.push(assertion);
    }
  }
}

/** Refuses schemas that lead back to themselves for the same value, or to too many others. */
function demandFinite(all: readonly Subschema[]): void {
  const sizes = new Map<Subschema, number>();
  const open = new Set<Subschema>();
  const sizeOf = (subschema: Subschema): number => {
    const known = sizes.get(subschema);
    if (known !== undefined) return known;
    if (open.has(subschema))
      throw new SchemaFlaw(subschema.at, 'leads back to itself by its references, without an end');
    open.add(subschema);
    const size = subschema.samePlace.reduce((sum, part) => sum + sizeOf(part), 1);
    open.delete(subschema);
    if (size > MOST_UNFOLDED)
      throw new SchemaFlaw(subschema.at, `unfolds by its references to more than ${MOST_UNFOLDED} schemas`);
    sizes.set(subschema, size);
    return size;
  };
  for (const subschema of all) sizeOf(subschema);
}

/**
 * A check within its limit of work. Results that took much work are kept, so that who must not be kept waiting (a commit)
 * can have the check made before. A large value isn't, because to know it again would be much work itself.
 */
function rememberingCostly(look: (value: unknown, work: SchemaWork) => string | undefined): Check {
  const known = new Map<string, string | undefined>();
  const keyOf = (value: unknown) => (bytesOf(value, MOST_BYTES) > MOST_BYTES ? undefined : digest(value));
  return (value) => {
    const key = known.size > 0 ? keyOf(value) : undefined;
    if (key !== undefined && known.has(key)) return known.get(key);
    const { result = TOO_MUCH, isCostly } = withinWork((work) => ({ problem: look(value, work) }));
    const costlyKey = isCostly ? (key ?? keyOf(value)) : undefined;
    if (costlyKey !== undefined) {
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(costlyKey, result.problem);
    }
    return result.problem;
  };
}

/**
 * Makes the check of one JSON Schema, from draft-04 to 2020-12, within limits of size and of work. Throws SchemaFlaw
 * where the schema itself is broken, too large, without an end, or points to another document. Unknown keywords and
 * formats check nothing. Formats are checked although the newer dialects leave that open.
 *
 * The schema is read and never made into code: a compiler of schemas took four seconds for 900 properties.
 */
export function compileSchema(schema: Record<string, unknown>): CompiledSchema {
  demandSmall(schema);
  const document = new SchemaDocument(schema, dialectOf(schema.$schema));
  const patterns = new LinearPatterns();
  const known = [...valueKeywords(patterns), ...ARRAY_KEYWORDS, ...objectKeywords(patterns), ...SAME_PLACE_KEYWORDS];
  const ranked = [...known, ...REST].map(([name, keyword], rank): [string, Ranked] => [name, { keyword, rank }]);
  assertAll(document, new Map(ranked));
  demandFinite(document.all);
  const check = rememberingCostly((value, work) => {
    const found = misfitOf(document.root, value, work);
    if (!found) return undefined;
    const at = found.path.join('.');
    return `${at === '' ? '' : `${at} `}${found.text}`.slice(0, LONGEST_PROBLEM);
  });
  const unchecked = () => patterns.all.filter((pattern) => !pattern.runs()).map(({ source }) => source);
  return { check, unchecked };
}
