import { Budget } from '../base/budget.ts';
import { FORBIDDEN_KEY, isObject } from '../base/json.ts';
import { filterProblem, pathTo } from './operators.ts';

/** The most levels of objects and arrays in a filter, counting the filter itself. */
const MAX_LEVELS = 32;
/**
 * The most values of a filter: a hundred thousand in lists, or five thousand that have a name, as each is mostly a test of its
 * own.
 */
const MOST_VALUES = 100_000;
const NAMED_VALUE = 20;
/** What a list or an object in a list counts, beside what is in it. */
const LISTED_CONTAINER = 10;
/** The most steps of looking at one document: some 20 ms. */
const DOCUMENT_STEPS = 500_000;

const INSTEAD = 'Use fewer or shorter conditions, patterns and lists, and call again.';

/** The budget of a filter's work on one document, or on several that are looked at together. */
export function filterBudget(path: string, steps: number = DOCUMENT_STEPS): Budget {
  return new Budget(path || 'The filter', steps, INSTEAD);
}

/** Whether a value of JSON holds no others. */
export function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Where a value stands in a filter: its path, and its level of nesting. */
type Place = { path: string; level: number };

/**
 * Refuses what isn't JSON, nests too deeply, names a prototype or is too much. The functions below rely on it when they
 * recurse.
 */
function checkShape(value: unknown, { path, level }: Place, size: Budget): void {
  if (isScalar(value)) return;
  if (level > MAX_LEVELS) throw filterProblem(path, `nests deeper than ${MAX_LEVELS} levels`);
  if (Array.isArray(value)) {
    size.spend(value.length);
    for (const [at, item] of value.entries()) {
      if (isScalar(item)) continue;
      size.spend(LISTED_CONTAINER);
      checkShape(item, { path: `${path}[${at}]`, level: level + 1 }, size);
    }
    return;
  }
  if (!isObject(value) || Object.prototype.toString.call(value) !== '[object Object]') {
    throw filterProblem(path, 'is not a JSON value');
  }
  size.spend(Object.keys(value).length * NAMED_VALUE);
  for (const [key, item] of Object.entries(value)) {
    const at = pathTo(path, key);
    if (key.includes(FORBIDDEN_KEY) && key.split('.').includes(FORBIDDEN_KEY)) {
      throw filterProblem(at, `names ${FORBIDDEN_KEY}, which no field may be called`);
    }
    checkShape(item, { path: at, level: level + 1 }, size);
  }
}

/**
 * Refuses a filter that isn't JSON, nests too deeply, names a prototype, or has too many values: VALIDATION_ERROR, or
 * LIMIT_EXCEEDED for the last.
 */
export function demandShape(filter: unknown, path: string): void {
  checkShape(filter, { path, level: 1 }, new Budget(path || 'The filter', MOST_VALUES, INSTEAD));
}
