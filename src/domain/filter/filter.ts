import type { Budget } from '../base/budget.ts';
import { isObject } from '../base/json.ts';
import {
  comparison,
  containsPattern,
  equalTo,
  every,
  filterProblem,
  hasSize,
  isPresent,
  not,
  OPERATORS,
  oneOf,
  pathTo,
  some,
  type Test,
} from './operators.ts';
import { fieldReach, type PathValues } from './reach.ts';
import { demandShape, filterBudget, isScalar } from './shape.ts';

const LOGICAL: readonly string[] = ['$and', '$or', '$nor'];
const KNOWN: readonly string[] = OPERATORS;

/** For fields whose texts can be written in several ways: the form in which they are compared, by the field's name. */
export type Forms = Readonly<Record<string, (text: string) => string>>;
/** A field of a document: how its values are reached, and the form of its texts, where it has one. */
type Field = { reach: PathValues; form: ((text: string) => string) | undefined; budget: Budget };
/** What all tests of a filter share: the forms of fields, and the budget of looking at one document. */
type Terms = { forms: Forms; budget: Budget };

const NO_FORMS: Forms = {};

/** The error for an operator that can't stand at `path`. */
function misplaced(operator: string, path: string): Error {
  if (operator === '$where') return filterProblem(path, 'would run code, which a filter never does');
  if (!KNOWN.includes(operator)) return filterProblem(path, 'is not a supported operator');
  if (LOGICAL.includes(operator)) return filterProblem(path, 'takes whole filters, so it stands outside of a field');
  if (operator === '$not') return filterProblem(path, 'goes under a field name; use $nor for whole filters');
  return filterProblem(path, 'goes under a field name, such as {"age": {"$gt": 30}}');
}

/** A value to compare as a whole. An operator inside is refused: it would count as a field's name and never match. */
function literal(value: unknown, path: string): unknown {
  if (Array.isArray(value))
    for (const [at, item] of value.entries()) if (!isScalar(item)) literal(item, `${path}[${at}]`);
  if (!isObject(value)) return value;
  for (const [key, item] of Object.entries(value)) {
    const at = pathTo(path, key);
    if (key.startsWith('$')) {
      if (!KNOWN.includes(key)) throw misplaced(key, at);
      throw filterProblem(
        at,
        'stands inside a value that is compared as a whole; name an inner field by a dotted path',
      );
    }
    literal(item, at);
  }
  return value;
}

function listOf(operand: unknown, path: string): unknown[] {
  if (Array.isArray(operand)) return operand;
  throw filterProblem(path, 'must be an array');
}

function literals(operand: unknown, path: string): unknown[] {
  const list = listOf(operand, path);
  literal(list, path);
  return list;
}

/** Whether a field has one of these values; texts are compared in the field's own form. */
function among({ reach, form, budget }: Field, wanted: readonly unknown[]): Test {
  const formed = (value: unknown) => (form !== undefined && typeof value === 'string' ? form(value) : value);
  const values = wanted.map(formed);
  const isWanted = values.length === 1 ? equalTo(values[0]) : oneOf(values, budget);
  return reach(form === undefined ? isWanted : (value) => isWanted(formed(value)), true);
}

function compileExists(operand: unknown, path: string, { reach }: Field): Test {
  if (operand !== true && operand !== false && operand !== 1 && operand !== 0) {
    throw filterProblem(path, 'must be true or false');
  }
  const exists = reach(isPresent, false);
  return operand ? exists : not(exists);
}

/** `$elemMatch` with operators tests each element of an array; with field names, each element that is an object. */
function compileElemMatch(operand: unknown, path: string, { reach, form, budget }: Field): Test {
  if (!isObject(operand)) throw filterProblem(path, 'must be an object of operators or of fields');
  const hasOperators = Object.keys(operand).some((key) => key.startsWith('$') && !LOGICAL.includes(key));
  const matches = hasOperators
    ? compileOperators(operand, path, { reach: (test) => countedTest(test, budget), form, budget })
    : compileDocumentTest(operand, path, budget);
  return reach((value) => {
    if (!Array.isArray(value)) return false;
    budget.spend(value.length);
    for (const item of value) if (matches(item)) return true;
    return false;
  }, false);
}

function countedTest(test: Test, budget: Budget): Test {
  return (value) => {
    budget.spend(1);
    return test(value);
  };
}

function compileDocumentTest(query: unknown, path: string, budget: Budget): Test {
  const matches = compileQuery(query, path, { forms: NO_FORMS, budget });
  return (item) => typeof item === 'object' && item !== null && matches(item);
}

function compileAll(operand: unknown, path: string, field: Field): Test {
  const tests = listOf(operand, path).map((item, index) => {
    const at = `${path}[${index}]`;
    if (isObject(item) && Object.hasOwn(item, '$elemMatch')) return compileOperators(item, at, field);
    return among(field, [literal(item, at)]);
  });
  return tests.length === 0 ? () => false : every(tests);
}

function compileOperator(operator: string, operand: unknown, path: string, field: Field): Test {
  switch (operator) {
    case '$eq':
      return among(field, [literal(operand, path)]);
    case '$ne':
      return not(among(field, [literal(operand, path)]));
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return field.reach(comparison(operator, operand, path), true);
    case '$in':
      return among(field, literals(operand, path));
    case '$nin':
      return not(among(field, literals(operand, path)));
    case '$exists':
      return compileExists(operand, path, field);
    case '$not':
      return not(compileOperators(operand, path, field));
    case '$all':
      return compileAll(operand, path, field);
    case '$size':
      return field.reach(hasSize(operand, path), false);
    case '$elemMatch':
      return compileElemMatch(operand, path, field);
    default:
      throw misplaced(operator, path);
  }
}

function compileRegex(operators: Record<string, unknown>, path: string, { reach, budget }: Field): Test {
  const paths = { regex: pathTo(path, '$regex'), options: pathTo(path, '$options') };
  if (!Object.hasOwn(operators, '$regex')) throw filterProblem(paths.options, 'goes with $regex only');
  const options = Object.hasOwn(operators, '$options') ? operators.$options : '';
  return reach(containsPattern({ pattern: operators.$regex, options }, paths, budget), true);
}

function compileOperators(operators: unknown, path: string, field: Field): Test {
  const example = 'must be an object of operators, such as {"$gt": 30}';
  if (!isObject(operators)) throw filterProblem(path, example);
  const keys = Object.keys(operators);
  if (keys.length === 0) throw filterProblem(path, example);
  const plain = keys.find((key) => !key.startsWith('$'));
  if (plain !== undefined) {
    throw filterProblem(pathTo(path, plain), 'is a plain key among operators; use one or the other, or a dotted path');
  }
  const tests: Test[] = [];
  for (const key of keys) {
    if (key === '$options' && Object.hasOwn(operators, '$regex')) continue;
    if (key === '$regex' || key === '$options') tests.push(compileRegex(operators, path, field));
    else tests.push(compileOperator(key, operators[key], pathTo(path, key), field));
  }
  return every(tests);
}

function compileField(condition: unknown, path: string, field: Field): Test {
  if (isObject(condition) && Object.keys(condition).some((key) => key.startsWith('$'))) {
    return compileOperators(condition, path, field);
  }
  return among(field, [literal(condition, path)]);
}

function compileLogical(operator: string, operand: unknown, path: string, terms: Terms): Test {
  if (!Array.isArray(operand) || operand.length === 0)
    throw filterProblem(path, 'must be a non-empty array of filters');
  const tests = operand.map((query, at) => compileQuery(query, `${path}[${at}]`, terms));
  if (operator === '$and') return every(tests);
  return operator === '$or' ? some(tests) : not(some(tests));
}

function compileQuery(query: unknown, path: string, terms: Terms): Test {
  if (!isObject(query)) throw filterProblem(path, 'must be an object, such as {"lifecycle_stage": "lead"}');
  const tests = Object.entries(query).map(([key, value]) => {
    const at = pathTo(path, key);
    if (LOGICAL.includes(key)) return compileLogical(key, value, at, terms);
    if (key.startsWith('$')) throw misplaced(key, at);
    const { forms, budget } = terms;
    return compileField(value, at, {
      reach: fieldReach(key, budget),
      form: Object.hasOwn(forms, key) ? forms[key] : undefined,
      budget,
    });
  });
  return every(tests);
}

/**
 * Checks a filter in MongoDB's query syntax (contract, section 3, "Filter") and makes a predicate of it; `{}` matches
 * every document. A name with a dot is tried as it stands, then as a path through objects and arrays. Two objects are
 * equal whatever the order of their keys, and `$regex` has RE2's syntax.
 *
 * @param path where the filter sits in the caller's argument, such as `monitoring.filter`
 * @param forms the fields whose texts are compared for equality in a form of their own; patterns and order aren't
 * @param shared the budget of all work of the predicate; without it, each document has one of its own
 * @throws AppError LIMIT_EXCEEDED for too many values, and by the predicate for a document that takes too much;
 *   VALIDATION_ERROR that lists the valid operators, with `details` from the exact path
 *   (`monitoring.filter.$or[0].age.$foo`) to its problem
 */
export function compileFilter(
  filter: unknown,
  path: string,
  forms: Forms = NO_FORMS,
  shared?: Budget,
): (document: Record<string, unknown>) => boolean {
  demandShape(filter, path);
  const budget = shared ?? filterBudget(path);
  const matches = compileQuery(filter, path, { forms, budget });
  if (shared) return matches;
  return (document) => {
    budget.renew();
    return matches(document);
  };
}
