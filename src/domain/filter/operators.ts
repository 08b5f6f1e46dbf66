import { RE2JS } from 're2js';
import { type AppError, invalid } from '../base/errors.ts';
import { isObject } from '../base/json.ts';

/** All that a filter may use (contract, section 3); `$options` stands next to `$regex`. */
export const OPERATORS = [
  ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$exists', '$and', '$or', '$nor', '$not'],
  ...['$regex', '$options', '$all', '$size', '$elemMatch'],
] as const;

/** Asks one value; undefined is a missing field. */
export type Test = (value: unknown) => boolean;
/** Makes a test of one value a test of what holds it. `spread` also asks each element where the value is an array. */
export type PathValues = (test: Test, spread: boolean) => Test;
export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

/** One part of a field's name. `rest` is the name from here on, `index` the part as an array index or -1. */
type PathStep = { rest: string; part: string; index: number; next: PathStep | undefined };

const MAX_PATTERN_LENGTH = 1_000;
/** Matching takes program size times text, so a small pattern of large repeats would still be slow. */
const MAX_PATTERN_PROGRAM = 5_000;
const MAX_SHOWN = 200;

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

export function pathTo(path: string, key: string): string {
  return path === '' ? shown(key) : `${path}.${shown(key)}`;
}

/** The VALIDATION_ERROR for what is wrong at `path`: `problem` continues a sentence that the path begins. */
export function filterProblem(path: string, problem: string): AppError {
  const message = `The filter can't be used: ${path || 'it'} ${problem}. Valid operators are ${OPERATORS.join(', ')}. Correct the filter and call again.`;
  return invalid(message, { [path]: problem });
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A missing field and null are one in MongoDB's equality. */
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

/** Equal as JSON: objects whatever the order of their keys, arrays in order. */
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

export function oneOf(wanted: readonly unknown[]): Test {
  const scalars = new Set(wanted.filter((item) => !isContainer(item)));
  if (scalars.has(null)) scalars.add(undefined);
  const wholes = wanted.filter(isContainer).map(equalTo);
  if (wholes.length === 0) return (value) => scalars.has(value);
  const isWhole = some(wholes);
  return (value) => scalars.has(value) || isWhole(value);
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

/** Compares within the type of `bound` alone; null is only ever equal to null, as in MongoDB. */
export function comparison(operator: Comparison, bound: unknown, path: string): Test {
  if (typeof bound === 'number') return ordered(operator, bound, (value) => typeof value === 'number');
  if (typeof bound === 'string') return ordered(operator, bound, (value) => typeof value === 'string');
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
 * Finds a pattern anywhere in a string, by RE2's syntax and in time linear to the string. Look-around, backreferences
 * and patterns over 1,000 characters or 5,000 RE2 instructions are a VALIDATION_ERROR.
 */
export function containsPattern(pattern: unknown, options: unknown, paths: { regex: string; options: string }): Test {
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
  return (value) => typeof value === 'string' && compiled.test(value);
}

function stepsOf(name: string): PathStep {
  let start = name.lastIndexOf('.') + 1;
  let step = stepAt(name, start, name.length, undefined);
  while (start > 0) {
    const end = start - 1;
    start = end === 0 ? 0 : name.lastIndexOf('.', end - 1) + 1;
    step = stepAt(name, start, end, step);
  }
  return step;
}

function stepAt(name: string, start: number, end: number, next: PathStep | undefined): PathStep {
  const part = name.slice(start, end);
  return { rest: name.slice(start), part, index: /^(0|[1-9]\d*)$/.test(part) ? Number(part) : -1, next };
}

/** An array's `length` is its own property too, but no element. */
function hasField(container: Record<string, unknown>, name: string): boolean {
  return Object.hasOwn(container, name) && !(name === 'length' && Array.isArray(container));
}

function reachesValue(value: unknown, test: Test, spread: boolean): boolean {
  if (spread && Array.isArray(value)) {
    for (const item of value) if (test(item)) return true;
  }
  return test(value);
}

function reaches(container: Record<string, unknown>, step: PathStep, test: Test, spread: boolean): boolean {
  if (hasField(container, step.rest)) return reachesValue(container[step.rest], test, spread);
  if (step.next === undefined || !hasField(container, step.part)) return test(undefined);
  const value = container[step.part];
  if (Array.isArray(value)) return reachesItems(value, step.next, test, spread);
  return isObject(value) ? reaches(value, step.next, test, spread) : test(undefined);
}

/**
 * As MongoDB walks an array in the middle of a path: every subdocument in it, then the element at a numeric part. An
 * array named by its index at the path's end is asked as a whole, and items that aren't subdocuments are passed over.
 */
function reachesItems(items: readonly unknown[], step: PathStep, test: Test, spread: boolean): boolean {
  for (const item of items) if (isObject(item) && reaches(item, step, test, spread)) return true;
  if (step.index < 0 || step.index >= items.length) return false;
  const item = items[step.index];
  if (step.next === undefined) return test(item);
  if (Array.isArray(item)) return reachesItems(item, step.next, test, spread);
  return isObject(item) && reaches(item, step.next, test, spread);
}

/** Reaches the field `name` of a document: own properties only, the name as it stands before the dotted path. */
export function fieldReach(name: string): PathValues {
  const steps = stepsOf(name);
  return (test, spread) => (document) => isContainer(document) && reaches(document, steps, test, spread);
}
