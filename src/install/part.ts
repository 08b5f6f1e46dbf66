import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../domain/base/errors.ts';
import { FORBIDDEN_KEY, isObject, type Json, type JsonObject } from '../domain/base/json.ts';

/**
 * What Countersign puts at one place of a client's file. `value` stands under a path of keys; `items` stand in the list at
 * that path, beside those of others.
 */
export type Put = {
  at: readonly string[];
  value?: Json;
  items?: readonly Json[];
  /** What an entry has too, unless it says something else already. */
  defaults?: Json;
  /** The name of the entry. One that is there under this name is changed only where it is Countersign's own. */
  entry?: string;
  /** What is there already stays, whatever it says: a person's own rule. */
  keeps?: true;
  /** Where the object around it is written as one word, that word is its `*`. */
  spreads?: true;
};

export type TextFormatName = 'json' | 'toml' | 'yaml';

/** What Countersign puts into one file of a client. `begins` is the text of a file that isn't there yet. */
export type FilePart = { file: string; format: TextFormatName; puts: readonly Put[]; begins?: string };

/** How files of a format are read and changed. Each change gives the text with everything else as it was. */
export type TextFormat = {
  /** The values in a text. Throws `Damaged` where it isn't of this format. */
  parse: (text: string) => JsonObject;
  put: (text: string, at: readonly string[], value: Json) => string;
  take: (text: string, at: readonly string[]) => string;
  addItem: (text: string, at: readonly string[], item: Json) => string;
  takeItem: (text: string, at: readonly string[], index: number) => string;
};

/** Why a text can't be read or changed: a clause that goes on from the file's name. */
export class Damaged extends Error {}

/**
 * What TOML and YAML of settings have at the most: their editors need a while for each value. Lines and commas count values
 * from above, and no key is written with as many dots.
 */
const MOST = { characters: 1_000_000, values: 20_000, dots: 500 };

/** Whether a line has a key of very many parts, which a parser goes through again for each of them. */
function hasEndlessKey(text: string): boolean {
  let dots = 0;
  for (const [mark] of text.matchAll(/[.\n=,[\]{}]/g)) {
    dots = mark === '.' ? dots + 1 : 0;
    if (dots > MOST.dots) return true;
  }
  return false;
}

/** Refuses a text with which its editor would be busy for minutes. */
export function demandModest(text: string): void {
  const values = text.length > MOST.characters ? Number.POSITIVE_INFINITY : (text.match(/[\n,]/g)?.length ?? 0);
  if (values > MOST.values || hasEndlessKey(text))
    throw new Damaged('it is too large or too deep for settings of its kind. Change it by hand');
}

/** The error for a file that is left alone. */
export function untouched(file: string, why: string): AppError {
  return new AppError('STORE_ERROR', `${file} is left as it is: ${why}.`, { file });
}

/** The value at a path; undefined where there is none. */
export function jsonAt(root: Json, at: readonly string[]): Json | undefined {
  let value: Json | undefined = root;
  for (const key of at) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** A copy of a value with another one at a path; undefined takes what is there away. */
export function withValue(root: JsonObject, at: readonly string[], value: Json | undefined): JsonObject {
  const [key = '', ...rest] = at;
  if (key === FORBIDDEN_KEY) throw new Damaged(`a key can't be ${FORBIDDEN_KEY}`);
  const copy: JsonObject = { ...root };
  if (rest.length === 0) {
    if (value === undefined) delete copy[key];
    else copy[key] = value;
    return copy;
  }
  const inner = copy[key];
  copy[key] = withValue(isObject(inner) ? inner : {}, rest, value);
  return copy;
}

/** Two values as one: where both are objects by keys, else the second. */
export function mergedJson(under: Json | undefined, over: Json): Json {
  if (!isObject(under) || !isObject(over)) return over;
  const keys = Object.keys(over).map((key): [string, Json] => [key, mergedJson(under[key], over[key] ?? null)]);
  return { ...under, ...Object.fromEntries(keys) };
}

/** Whether two items of a list are the same one: equal, or objects with the same name. */
export function isSameItem(one: Json, other: Json): boolean {
  if (isObject(one) && isObject(other) && one.name !== undefined) return one.name === other.name;
  return isDeepStrictEqual(one, other);
}

/** A value of a parser as plain objects and lists, whatever it makes them of. A date of TOML stays one: none is ours. */
function plainJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plainJson);
  if (isObject(value) && !(value instanceof Date)) return plainObject(value);
  return isKnown(value) ? value : null;
}

function isKnown(value: unknown): value is Json {
  return value !== undefined;
}

/** What a parser gives for a whole file. */
export function plainObject(value: unknown): JsonObject {
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([key, inner]) => [key, plainJson(inner)]));
}
