import { bytesOf, depthOf, FORBIDDEN_KEY } from '../base/json.ts';
import { subschemasOf } from './subschemas.ts';

const MOST_BYTES = 65_536;
const MOST_LEVELS = 64;
/** The most schemas that a schema may have in it, itself included. */
const MOST_SCHEMAS = 1_000;
const LONGEST_PLACE = 200;

/** The schema of schemas, in any dialect. It is known without being fetched. */
const OF_SCHEMAS = /^https?:\/\/json-schema\.org\/(draft-0\d\/|draft\/20\d\d-\d\d\/)?schema#?$/;

/** What is wrong with a part of a schema, in words that begin with its place. */
function flaw(at: string, problem: string): string {
  const place = at.length > LONGEST_PLACE ? `…${at.slice(-LONGEST_PLACE)}` : at;
  return `${place || 'it'} ${problem}`;
}

/** Whether a reference begins with a URL of another document than those that the ids in a schema name. */
function leadsAway(reference: unknown, ids: readonly string[]): reference is string {
  if (typeof reference !== 'string' || !URL.canParse(reference) || OF_SCHEMAS.test(reference)) return false;
  const { origin, protocol } = new URL(reference);
  return !ids.some((id) => URL.canParse(id) && new URL(id).origin === origin && new URL(id).protocol === protocol);
}

/**
 * Why a schema is refused before anything is made of it: it is too large, no JSON Schema, or leads to another document.
 * Undefined where it may be tried. What a schema costs to check is limited elsewhere, by time.
 */
export function beyondLimits(schema: Record<string, unknown>): string | undefined {
  if (bytesOf(schema, MOST_BYTES) > MOST_BYTES) return flaw('', `is larger than ${MOST_BYTES >> 10} kB`);
  if (depthOf(schema, MOST_LEVELS) > MOST_LEVELS) return flaw('', `nests deeper than ${MOST_LEVELS} levels`);
  // Objects of JavaScript can't be asked for this name safely, so no schema may ask for it.
  if (/["/]__proto__["/]/.test(JSON.stringify(schema))) return flaw('', `uses the name ${FORBIDDEN_KEY}`);
  const all = [];
  for (const subschema of subschemasOf(schema)) {
    if (all.push(subschema) > MOST_SCHEMAS) return flaw('', `has more than ${MOST_SCHEMAS} schemas in it`);
    if (Object.hasOwn(subschema.words, '$async'))
      return flaw(subschema.at, "uses $async, which isn't part of JSON Schema");
  }
  const ids = all.flatMap(({ words }) => [words.$id, words.id]).filter((id) => typeof id === 'string');
  for (const { words, at } of all) {
    const reference = [words.$ref, words.$dynamicRef, words.$recursiveRef].find((each) => leadsAway(each, ids));
    if (reference !== undefined)
      return flaw(
        at,
        `refers to ${JSON.stringify(reference).slice(0, 100)}, another document, and none is ever fetched`,
      );
  }
  return undefined;
}
