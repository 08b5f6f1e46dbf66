import { isObject } from '../base/json.ts';
import type { SchemaWork } from './schema-work.ts';

/** Where a value doesn't fit a schema, from the outside in, and why. */
export type Misfit = { path: string[]; text: string };

/** One keyword of a schema, made to check values. `covered` takes up which parts of the value it looked at. */
export type Assertion = (value: unknown, work: SchemaWork, covered: CoveredParts | undefined) => Misfit | undefined;

/** The parts of an object or array that some keyword has looked at: what `unevaluated...` leaves alone. */
class CoveredParts {
  readonly keys = new Set<string>();
  readonly places = new Set<number>();
  everyKey = false;
  everyPlace = false;

  add(other: CoveredParts, work: SchemaWork): void {
    work.spend(2 * (other.keys.size + other.places.size));
    for (const key of other.keys) this.keys.add(key);
    for (const place of other.places) this.places.add(place);
    this.everyKey ||= other.everyKey;
    this.everyPlace ||= other.everyPlace;
  }
}

/** A schema within a schema document. */
export class Subschema {
  readonly assertions: Assertion[] = [];
  /** Subschemas that check the same value as this one does. */
  readonly samePlace: Subschema[] = [];
  /** Whether what was looked at has to be known, because the document has an `unevaluated...` keyword. */
  tracks = false;
  readonly words: Readonly<Record<string, unknown>>;
  /** The URI of the document, or of the part with an `$id`, that it stands in. */
  readonly scope: string;
  /** Where it stands, for people: `properties.q`. */
  readonly at: string;

  constructor(words: Readonly<Record<string, unknown>>, scope: string, at: string) {
    this.words = words;
    this.scope = scope;
    this.at = at;
  }

  /** The value of a keyword; undefined where the schema has none. A schema may use any name, `constructor` too. */
  word(name: string): unknown {
    return Object.hasOwn(this.words, name) ? this.words[name] : undefined;
  }
}

export function misfit(text: string): Misfit {
  return { path: [], text };
}

/** The misfit of a part of a value, as one of the whole value. */
export function below(key: string | number, found: Misfit | undefined): Misfit | undefined {
  found?.path.unshift(String(key));
  return found;
}

/** Why a value doesn't fit a subschema; undefined where it fits, and then `covered` knows what was looked at. */
export function misfitOf(
  subschema: Subschema,
  value: unknown,
  work: SchemaWork,
  covered?: CoveredParts,
): Misfit | undefined {
  work.spend(1 + subschema.assertions.length);
  work.enter(subschema.scope);
  const own = subschema.tracks ? new CoveredParts() : undefined;
  for (const assertion of subschema.assertions) {
    const found = assertion(value, work, own);
    if (found) {
      work.leave();
      return found;
    }
  }
  work.leave();
  if (own) covered?.add(own, work);
  return undefined;
}

/** The keys of a value that is an object; none for any other. To list them is work. */
export function listKeys(value: unknown, work: SchemaWork): string[] {
  if (!isObject(value)) return [];
  const keys = Object.keys(value);
  work.spend(4 * keys.length);
  return keys;
}

/** JSON text of a value with sorted keys, by which objects and arrays are compared. */
export function spelledOut(value: unknown, work: SchemaWork): string {
  work.spend(8);
  if (Array.isArray(value)) return `[${value.map((item) => spelledOut(item, work)).join(',')}]`;
  if (isObject(value)) {
    const parts = listKeys(value, work)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${spelledOut(value[key], work)}`);
    return `{${parts.join(',')}}`;
  }
  if (typeof value === 'string') work.spend(value.length >> 3);
  return JSON.stringify(value) ?? 'null';
}
