import { isObject } from '../../src/domain/base/json.ts';

type Document = Record<string, unknown>;

/** What ends a line for JavaScript's patterns, but not for those of MongoDB (PCRE2) and RE2, which know the line feed alone. */
const OTHER_LINE_ENDS = /[\r\u2028\u2029]/g;

/** A value that a path leads to; undefined where there is none. `isElement`: an element of an array, by its index. */
type Found = { value: unknown; isElement: boolean };

/** All values that a path leads to. In an array it goes into each document, and to the element of an index. */
function follow(value: unknown, [part, ...rest]: readonly string[]): Found[] {
  if (part === undefined) return [{ value, isElement: false }];
  if (Array.isArray(value)) {
    const inner = value.filter(isObject).flatMap((item) => follow(item, [part, ...rest]));
    if (!/^\d+$/.test(part) || Number(part) >= value.length) return inner;
    const element: unknown = value[Number(part)];
    if (rest.length === 0) return [...inner, { value: element, isElement: true }];
    // An element that is no object or array ends the path: it gives no value, not even a missing one.
    return typeof element === 'object' && element !== null ? [...inner, ...follow(element, rest)] : inner;
  }
  if (isObject(value) && Object.hasOwn(value, part)) return follow(value[part], rest);
  return [{ value: undefined, isElement: false }];
}

function equal(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other)) return false;
    return one.length === other.length && one.every((item, index) => equal(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return (one ?? null) === (other ?? null);
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.every((name) => Object.hasOwn(one, name) && Object.hasOwn(other, name) && equal(one[name], other[name]));
}

/** The order of two values of one type as -1, 0 or 1; undefined for values that can't be compared. */
function order(one: unknown, other: unknown): number | undefined {
  if ((one ?? null) === null && other === null) return 0;
  if (typeof one === 'number' && typeof other === 'number') return Math.sign(one - other);
  if (typeof one === 'boolean' && typeof other === 'boolean') return Math.sign(Number(one) - Number(other));
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : Number(one > other);
  return undefined;
}

const COMPARED: Record<string, (sign: number) => boolean> = {
  $gt: (sign) => sign > 0,
  $gte: (sign) => sign >= 0,
  $lt: (sign) => sign < 0,
  $lte: (sign) => sign <= 0,
};

function list(operand: unknown): unknown[] {
  return Array.isArray(operand) ? operand : [];
}

function isElementMatching(item: unknown, operand: unknown): boolean {
  if (!isObject(operand)) return false;
  const asksValues = Object.keys(operand).some((key) => key.startsWith('$') && !['$and', '$or', '$nor'].includes(key));
  if (asksValues) return isCondition([{ value: item, isElement: true }], operand);
  return Array.isArray(item) ? isMatchIn(item, operand) : isObject(item) && isMatch(operand, item);
}

/** Whether one operator of a field matches. Arrays are taken whole, and by element where MongoDB does that. */
function isHeld(found: readonly Found[], operator: string, operand: unknown, options: unknown): boolean {
  const each = (test: (value: unknown) => boolean) =>
    found.some(({ value, isElement }) => test(value) || (!isElement && Array.isArray(value) && value.some(test)));
  const whole = (test: (value: unknown) => boolean) => found.some(({ value }) => test(value));
  const compared = COMPARED[operator];
  if (compared) return each((value) => [order(value, operand)].some((sign) => sign !== undefined && compared(sign)));
  if (operator === '$eq') return each((value) => equal(value, operand));
  if (operator === '$ne') return !each((value) => equal(value, operand));
  if (operator === '$in') return each((value) => list(operand).some((item) => equal(value, item)));
  if (operator === '$nin') return !each((value) => list(operand).some((item) => equal(value, item)));
  if (operator === '$exists') return whole((value) => value !== undefined) === operand;
  if (operator === '$not') return !isCondition(found, isObject(operand) ? operand : {});
  if (operator === '$size') return whole((value) => Array.isArray(value) && value.length === operand);
  if (operator === '$elemMatch')
    return whole((value) => Array.isArray(value) && value.some((item) => isElementMatching(item, operand)));
  if (operator === '$regex') {
    const pattern = new RegExp(String(operand), String(options ?? ''));
    return each((value) => typeof value === 'string' && pattern.test(value.replace(OTHER_LINE_ENDS, '-')));
  }
  const all = list(operand);
  const wanted = (item: unknown) => (isObject(item) && Object.hasOwn(item, '$elemMatch') ? item : { $eq: item });
  return all.length > 0 && all.every((item) => isCondition(found, wanted(item)));
}

function isCondition(found: readonly Found[], condition: Document): boolean {
  return Object.entries(condition).every(
    ([operator, operand]) => operator === '$options' || isHeld(found, operator, operand, condition.$options),
  );
}

/** Whether a filter matches an array, whose elements have their indexes as names. */
function isMatchIn(items: readonly unknown[], filter: Document): boolean {
  return isMatch(filter, Object.fromEntries(items.entries()));
}

/** MongoDB's queries, written slowly after its manual. Tests compare our filters with this. */
export function isMatch(filter: Document, document: Document): boolean {
  return Object.entries(filter).every(([name, condition]) => {
    const parts = list(condition).filter(isObject);
    if (name === '$and') return parts.every((part) => isMatch(part, document));
    if (name === '$or') return parts.some((part) => isMatch(part, document));
    if (name === '$nor') return !parts.some((part) => isMatch(part, document));
    const found = follow(document, name.split('.'));
    const isOperators = isObject(condition) && Object.keys(condition).some((key) => key.startsWith('$'));
    return isOperators ? isCondition(found, condition) : isHeld(found, '$eq', condition, undefined);
  });
}
