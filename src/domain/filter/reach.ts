import type { Budget } from '../base/budget.ts';
import { isObject } from '../base/json.ts';
import { isContainer, type Test } from './operators.ts';

/**
 * Turns a test of a field's value into a test of a document with that field. With `spread`, the test also passes where
 * the value is an array and one element passes.
 */
export type PathValues = (test: Test, spread: boolean) => Test;

/** One part of a dotted field name. `rest` is the name from this part on; `index` the part as an array index, or -1. */
type PathStep = { rest: string; part: string; index: number; next: PathStep | undefined };

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

/** Whether an object or array has a field or element. An array's `length` is neither, although an own property. */
function hasField(container: Record<string, unknown>, name: string): boolean {
  return Object.hasOwn(container, name) && !(name === 'length' && Array.isArray(container));
}

/** A test of a field: whether an array's elements count too, and what the work is counted against. */
type Reached = { test: Test; spread: boolean; budget: Budget };

function reachesValue(value: unknown, { test, spread, budget }: Reached): boolean {
  budget.spend(1);
  if (spread && Array.isArray(value)) {
    budget.spend(value.length);
    for (const item of value) if (test(item)) return true;
  }
  return test(value);
}

function reaches(container: Record<string, unknown>, step: PathStep, reached: Reached): boolean {
  if (hasField(container, step.rest)) return reachesValue(container[step.rest], reached);
  reached.budget.spend(1);
  if (step.next === undefined || !hasField(container, step.part)) return reached.test(undefined);
  const value = container[step.part];
  if (Array.isArray(value)) return reachesItems(value, step.next, reached);
  return isObject(value) ? reaches(value, step.next, reached) : reached.test(undefined);
}

/**
 * Follows a path through an array as MongoDB does: into each element that is an object, then into the element that a
 * numeric part names. An element named at the end of the path is tested as a whole, even where it is an array. Elements
 * that aren't objects are passed over.
 */
function reachesItems(items: readonly unknown[], step: PathStep, reached: Reached): boolean {
  reached.budget.spend(items.length);
  for (const item of items) if (isObject(item) && reaches(item, step, reached)) return true;
  if (step.index < 0 || step.index >= items.length) return false;
  const item = items[step.index];
  if (step.next === undefined) return reached.test(item);
  if (Array.isArray(item)) return reachesItems(item, step.next, reached);
  return isObject(item) && reaches(item, step.next, reached);
}

/** Finds the field `name` among a document's own properties: the name as it stands first, then as a dotted path. */
export function fieldReach(name: string, budget: Budget): PathValues {
  const steps = stepsOf(name);
  return (test, spread) => {
    const reached = { test, spread, budget };
    return (document) => isContainer(document) && reaches(document, steps, reached);
  };
}
