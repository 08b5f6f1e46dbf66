import { RE2JS } from 're2js';
import type { Budget } from '../base/budget.ts';
import { type AppError, invalid } from '../base/errors.ts';
import { isObject, valuesIn } from '../base/json.ts';
import { isDated, isRelativeTime } from './time-words.ts';

/** All operators of a filter (contract, section 3); `$options` only stands beside a `$regex`. */
export const OPERATORS = [
  ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$exists', '$and', '$or', '$nor', '$not'],
  ...['$regex', '$options', '$all', '$size', '$elemMatch'],
] as const;

/** A test of one value; a missing field is undefined. */
export type Test = (value: unknown) => boolean;
export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

const MAX_PATTERN_LENGTH = 1_000;
/** The most RE2 instructions of a pattern. Each costs time, and even a short pattern such as (a?){1000} has many. */
const MAX_PATTERN_PROGRAM = 5_000;
const MAX_SHOWN = 200;
/** How many characters are searched for one instruction of a pattern in one step, at the worst. */
const SEARCHED_IN_A_STEP = 12;
/** The most values that are counted in a list of objects, each of which is compared as a whole. */
const MOST_COUNTED = 100_000;

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

/** The path of a key in what stands at `path`; a long key is cut. */
export function pathTo(path: string, key: string): string {
  return path === '' ? shown(key) : `${path}.${shown(key)}`;
}

/** The VALIDATION_ERROR for a fault at `path`. `problem` is a sentence without its subject, which is the path. */
export function filterProblem(path: string, problem: string): AppError {
  const message = `The filter can't be used: ${path || 'it'} ${problem}. Valid operators are ${OPERATORS.join(', ')}. Correct the filter and call again.`;
  return invalid(message, { [path]: problem });
}

/** Whether a value holds others: an object or an array. */
export function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether a value equals null as in MongoDB, where a missing field does too. */
function isNullish(value: unknown): boolean {
  return value === null || value === undefined;
}

export function isPresent(value: unknown): boolean {
  return value !== undefined;
}

export function not(test: Test): Test {
  return (value) => !test(value);
}

export function every(tests: readonly Test[]): Test {
  const [first, ...others] = tests;
  if (first === undefined) return () => true;
  if (others.length === 0) return first;
  return (value) => {
    for (const test of tests) if (!test(value)) return false;
    return true;
  };
}

export function some(tests: readonly Test[]): Test {
  return (value) => {
    for (const test of tests) if (test(value)) return true;
    return false;
  };
}

/** Whether two values are equal as JSON. The order of an object's keys doesn't count; that of an array's items does. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, at) => isSame(item, right[at]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]));
}

export function equalTo(wanted: unknown): Test {
  if (wanted === null) return isNullish;
  if (!isContainer(wanted)) return (value) => value === wanted;
  return (value) => isContainer(value) && isSame(wanted, value);
}

export function oneOf(wanted: readonly unknown[], budget: Budget): Test {
  const scalars = new Set(wanted.filter((item) => !isContainer(item)));
  if (scalars.has(null)) scalars.add(undefined);
  const wholes = wanted.filter(isContainer).map(equalTo);
  if (wholes.length === 0) return (value) => scalars.has(value);
  const isWhole = some(wholes);
  const steps = valuesIn(wanted, MOST_COUNTED);
  return (value) => {
    if (scalars.has(value)) return true;
    if (!isContainer(value)) return false;
    budget.spend(steps);
    return isWhole(value);
  };
}

function ordered<T extends number | string | boolean>(
  operator: Comparison,
  bound: T,
  isKind: (value: unknown) => value is T,
): Test {
  switch (operator) {
    case '$gt':
      return (value) => isKind(value) && value > bound;
    case '$gte':
      return (value) => isKind(value) && value >= bound;
    case '$lt':
      return (value) => isKind(value) && value < bound;
    case '$lte':
      return (value) => isKind(value) && value <= bound;
  }
}

/** The texts that compare with `bound`. Where it says a time from now on, such as `-30d`, no date does: all would match. */
function textsFor(bound: string): (value: unknown) => value is string {
  if (!isRelativeTime(bound)) return (value) => typeof value === 'string';
  return (value): value is string => typeof value === 'string' && !isDated(value);
}

/**
 * A comparison with `bound`, as in MongoDB: only values of the same type match. Null is neither above nor below
 * anything, so with null only $gte and $lte match, and only null.
 */
export function comparison(operator: Comparison, bound: unknown, path: string): Test {
  if (typeof bound === 'number') return ordered(operator, bound, (value) => typeof value === 'number');
  if (typeof bound === 'string') return ordered(operator, bound, textsFor(bound));
  if (typeof bound === 'boolean') return ordered(operator, bound, (value) => typeof value === 'boolean');
  if (bound !== null) throw filterProblem(path, 'must be a number, a string or a boolean to compare with');
  return operator === '$gte' || operator === '$lte' ? isNullish : () => false;
}

export function hasSize(size: unknown, path: string): Test {
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
    throw filterProblem(path, 'must be a non-negative integer');
  }
  return (value) => Array.isArray(value) && value.length === size;
}

function flagsOf(options: unknown, path: string): number {
  if (typeof options !== 'string' || !/^[ims]*$/.test(options)) {
    throw filterProblem(path, 'must be a string of the letters i, m and s');
  }
  const ignoreCase = options.includes('i') ? RE2JS.CASE_INSENSITIVE : 0;
  const multiline = options.includes('m') ? RE2JS.MULTILINE : 0;
  const dotAll = options.includes('s') ? RE2JS.DOTALL : 0;
  return ignoreCase | multiline | dotAll;
}

function compilePattern(pattern: string, flags: number, path: string): RE2JS {
  try {
    return RE2JS.compile(pattern, flags);
  } catch (error) {
    const why = shown(error instanceof Error ? error.message : String(error));
    throw filterProblem(
      path,
      `is not a pattern that runs in linear time (${why}); look-around and backreferences aren't possible`,
    );
  }
}

/**
 * A test that finds a pattern, in RE2's syntax, anywhere in a string. It takes time linear to the string, and that is counted. Look-around,
 * backreferences and patterns over 1,000 characters or 5,000 RE2 instructions are a VALIDATION_ERROR.
 */
export function containsPattern(
  { pattern, options }: { pattern: unknown; options: unknown },
  paths: { regex: string; options: string },
  budget: Budget,
): Test {
  if (typeof pattern !== 'string') throw filterProblem(paths.regex, 'must be a string');
  const flags = flagsOf(options, paths.options);
  const hint = "look-around and backreferences aren't possible either";
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw filterProblem(paths.regex, `is longer than ${MAX_PATTERN_LENGTH} characters; ${hint}`);
  }
  const compiled = compilePattern(pattern, flags, paths.regex);
  if (compiled.programSize() > MAX_PATTERN_PROGRAM) {
    throw filterProblem(paths.regex, `repeats too much, so it would be slow; use smaller repeat counts; ${hint}`);
  }
  return (value) => {
    if (typeof value !== 'string') return false;
    budget.spend(Math.ceil((compiled.programSize() * value.length) / SEARCHED_IN_A_STEP));
    return compiled.test(value);
  };
}
