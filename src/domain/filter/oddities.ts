import { isObject } from '../base/json.ts';
import { OPERATORS, pathTo } from './operators.ts';
import { isRelativeTime } from './time-words.ts';

/** A comparison of a filter with one value, as `oddities` hands it on. */
export type FilterTerm = {
  /** Where it stands, such as `monitoring.filter.age.$gt`. */
  path: string;
  /** The field, by the name that the filter gives it. */
  field: string;
  /** The operator; `$eq` where the filter only names a value. */
  operator: string;
  operand: unknown;
};

/** What a filter says that means something else than one may think; and the terms that data may tell more about. */
export type Oddities = { said: string[]; terms: FilterTerm[] };

const COMPARISONS = ['$gt', '$gte', '$lt', '$lte'];
const LOGICAL = ['and', 'or', 'nor'];
/** Operators as other languages write them. */
const SYNONYMS: Record<string, string> = {
  ...{ '>': '$gt', '>=': '$gte', '<': '$lt', '<=': '$lte', '=': '$eq', '==': '$eq', '!=': '$ne', '<>': '$ne' },
  ...{ equals: '$eq', contains: '$regex', like: '$regex', greaterthan: '$gt', lessthan: '$lt', notin: '$nin' },
  ...{ min: '$gte', atleast: '$gte', from: '$gte', since: '$gte', max: '$lte', atmost: '$lte', to: '$lte' },
  ...{ over: '$gt', above: '$gt', after: '$gt', morethan: '$gt', under: '$lt', below: '$lt', before: '$lt' },
  ...{ until: '$lte', is: '$eq', isnot: '$ne', notequals: '$ne', startswith: '$regex', endswith: '$regex' },
  ...{ matches: '$regex', between: '$gte" and "$lte', range: '$gte" and "$lte' },
};
/** What an operator takes: a word with another value is a name of the person's own. */
const TAKES: Record<string, (operand: unknown) => boolean> = {
  ...{ $in: Array.isArray, $nin: Array.isArray, $all: Array.isArray },
  $size: (operand) => Number.isInteger(operand),
  $exists: (operand) => typeof operand === 'boolean',
  $regex: (operand) => typeof operand === 'string',
  $options: (operand) => typeof operand === 'string',
  $not: isObject,
  $elemMatch: isObject,
};
/** A longer text is no pattern of anybody. */
const LONGEST_PATTERN = 1_000;
const SLASHED = /^\/(?<pattern>[\s\S]+)\/(?<flags>[a-z]{0,6})$/;
/** Fields whose values hold slashes, so that a pattern may begin and end with one. */
const PATHS = /path|url|href|page|link|referr?er|route|uri|^name$/i;
/** Fields of events and actions that hold objects of any names. */
const OBJECTS = ['properties', 'params'];
const COMPARED = /^\s*(?:[<>]=?|!=|==?)\s*[\d"'-]/;

function operatorFor(word: string): string | undefined {
  const plain = word.toLowerCase().replace(/[\s_-]/g, '');
  const known = OPERATORS.find((operator) => operator.toLowerCase() === `$${plain}`);
  return known ?? (Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : undefined);
}

/** The operators that the keys of a value mean, where all of them do, and each has what its operator takes. */
function meantOperators(value: Record<string, unknown>): [string, string][] {
  const entries = Object.entries(value);
  const meant: [string, string][] = [];
  for (const [key, operand] of entries) {
    const operator = operatorFor(key);
    if (operator === undefined || TAKES[operator]?.(operand) === false) return [];
    meant.push([key, operator]);
  }
  return meant;
}

function patternSaid(text: string, field: string, path: string): string | undefined {
  if (text.length > LONGEST_PATTERN) return undefined;
  const { pattern = '', flags = '' } = SLASHED.exec(text)?.groups ?? {};
  const isAnchored = pattern.startsWith('^') || pattern.endsWith('$');
  if (pattern === '' || (!isAnchored && PATHS.test(field))) return undefined;
  const options = flags.replace(/[^ims]/g, '');
  const meant = { $regex: pattern, ...(options === '' ? {} : { $options: options }) };
  return `${path}: ${JSON.stringify(text)} is taken with its slashes, so next to nobody has it. Write ${JSON.stringify(meant)}.`;
}

/** What is odd about one comparison, as far as no data is needed to tell. */
function termSaid({ path, field, operator, operand }: FilterTerm): string | undefined {
  if (Array.isArray(operand) && (operator === '$in' || operator === '$nin')) {
    const texts = operand.filter((item) => typeof item === 'string');
    return texts.map((text) => patternSaid(text, field, path)).find((said) => said !== undefined);
  }
  if (typeof operand !== 'string') return undefined;
  if (COMPARISONS.includes(operator) && isRelativeTime(operand))
    return `${path}: ${JSON.stringify(operand)} is no date, and no date compares with it. Write a date such as "2026-01-31"; a rule's events and recent_actions take a window, within: "30d".`;
  if (operator === '$regex' || operator === '$eq' || operator === '$ne') {
    const pattern = patternSaid(operand, field, path);
    if (pattern !== undefined) return pattern;
  }
  if (operator === '$eq' && COMPARED.test(operand))
    return `${path}: ${JSON.stringify(operand)} is compared as a text, sign and all. Write an operator such as {"$gt": 5}.`;
  return undefined;
}

class Walk {
  readonly said: string[] = [];
  readonly terms: FilterTerm[] = [];

  query(query: unknown, path: string, isInner: boolean): void {
    if (!isObject(query)) return;
    for (const [key, value] of Object.entries(query)) {
      const at = pathTo(path, key);
      const isLogical = LOGICAL.includes(key.replace(/^\$/, '')) && Array.isArray(value);
      if (isLogical && !key.startsWith('$') && value.every(isObject))
        this.said.push(`${at}: "${key}" is taken for the name of a field. The operator is "$${key}".`);
      else if (isLogical) for (const [index, part] of value.entries()) this.query(part, `${at}[${index}]`, isInner);
      else this.field(isInner ? '' : key, value, at);
    }
  }

  private field(field: string, condition: unknown, path: string): void {
    const isOperated = isObject(condition) && Object.keys(condition).some((key) => key.startsWith('$'));
    if (isOperated) this.operators(field, condition, path);
    else this.value(field, condition, path);
  }

  private value(field: string, condition: unknown, path: string): void {
    const meant = isObject(condition) && !OBJECTS.includes(field) ? meantOperators(condition) : [];
    for (const [word, operator] of meant)
      this.said.push(
        `${pathTo(path, word)}: "${word}" is taken for a part of the value. The operator is "${operator}".`,
      );
    this.term({ path, field, operator: meant.length > 0 ? '$none' : '$eq', operand: condition });
  }

  private operators(field: string, operators: Record<string, unknown>, path: string): void {
    for (const [operator, operand] of Object.entries(operators)) {
      const at = pathTo(path, operator);
      if (operator === '$not' && isObject(operand)) this.operators(field, operand, at);
      else if (operator === '$elemMatch' && isObject(operand)) this.elements(operand, at);
      else this.term({ path: at, field, operator, operand });
    }
  }

  /** The conditions of `$elemMatch` are about elements: their names are no fields. */
  private elements(operand: Record<string, unknown>, path: string): void {
    if (Object.keys(operand).some((key) => key.startsWith('$'))) this.operators('', operand, path);
    else this.query(operand, path, true);
  }

  private term(term: FilterTerm): void {
    this.terms.push(term);
    const said = termSaid(term);
    if (said !== undefined) this.said.push(said);
  }
}

/**
 * Looks at a filter that is valid for what it hardly means: operators without `$`, times from now on, patterns between
 * slashes (contract, section 2, `warnings[]`).
 *
 * @param path where the filter stands in the caller's argument, such as `monitoring.filter`
 */
export function odditiesOf(filter: unknown, path: string): Oddities {
  const walk = new Walk();
  walk.query(filter, path, false);
  return { said: walk.said, terms: walk.terms };
}
