import { isObject } from '../base/json.ts';
import { formatCheck } from './formats.ts';
import { demandCount, demandNumber, demandText, type Keyword, type KeywordPlace } from './keyword.ts';
import type { LinearPatterns } from './linear-pattern.ts';
import { SchemaFlaw } from './schema-document.ts';
import type { SchemaWork } from './schema-work.ts';
import { type Assertion, misfit, spelledOut } from './subschema.ts';

const TYPES: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['null', (value: unknown) => value === null],
  ['boolean', (value: unknown) => typeof value === 'boolean'],
  ['number', (value: unknown) => typeof value === 'number'],
  ['integer', (value: unknown) => Number.isInteger(value)],
  ['string', (value: unknown) => typeof value === 'string'],
  ['array', (value: unknown) => Array.isArray(value)],
  ['object', isObject],
]);

function type(word: unknown, { subschema, at }: KeywordPlace): Assertion {
  const names: unknown[] = Array.isArray(word) ? word : [word];
  const checks = names.map((name) => {
    const known = typeof name === 'string' ? TYPES.get(name) : undefined;
    if (!known) throw new SchemaFlaw(at, `${JSON.stringify(name)?.slice(0, 100)} isn't a type`);
    return known;
  });
  // OpenAPI's word for a type that may also be null.
  if (subschema.word('nullable') === true) checks.push((value) => value === null);
  return (value) => (checks.some((check) => check(value)) ? undefined : misfit(`must be ${names.join(',')}`));
}

/** Whether a value is one of those given. A scalar is found at once, and only objects and arrays are spelled out. */
function oneOfThese(values: readonly unknown[]): (value: unknown, work: SchemaWork) => boolean {
  const isScalar = (value: unknown) => typeof value !== 'object' || value === null;
  const scalars = new Set(values.filter(isScalar));
  const others = values.filter((value) => !isScalar(value));
  return (value, work) => {
    if (isScalar(value)) return scalars.has(value);
    if (others.length === 0) return false;
    const text = spelledOut(value, work);
    return others.some((other) => spelledOut(other, work) === text);
  };
}

function enumOf(word: unknown, { at }: KeywordPlace): Assertion {
  if (!Array.isArray(word)) throw new SchemaFlaw(at, "isn't a list of values");
  const isIn = oneOfThese(word);
  const told = word.slice(0, 50).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const allowed = told.join(', ').slice(0, 200);
  return (value, work) =>
    isIn(value, work) ? undefined : misfit(`must be equal to one of the allowed values (${allowed})`);
}

function constOf(word: unknown): Assertion {
  const isIt = oneOfThese([word]);
  return (value, work) => (isIt(value, work) ? undefined : misfit('must be equal to constant'));
}

function bound(sign: string, fits: (value: number, limit: number) => boolean): Keyword {
  return (word, place) => {
    const limit = demandNumber(word, place);
    return (value) =>
      typeof value !== 'number' || fits(value, limit) ? undefined : misfit(`must be ${sign} ${limit}`);
  };
}

/** In draft-04 `exclusiveMinimum: true` stands beside a `minimum`. Later it is a limit of its own. */
function exclusiveBound(beside: 'minimum' | 'maximum', limitOf: Keyword): Keyword {
  return (word, place) => {
    if (typeof word !== 'boolean') return limitOf(word, place);
    const limit = place.subschema.word(beside);
    return word && limit !== undefined ? limitOf(limit, place) : undefined;
  };
}

function multipleOf(word: unknown, place: KeywordPlace): Assertion {
  const divisor = demandNumber(word, place);
  if (divisor <= 0) throw new SchemaFlaw(place.at, "isn't above 0");
  return (value) => {
    if (typeof value !== 'number') return undefined;
    const times = value / divisor;
    // Fractions are inexact: 0.0075 / 0.0001 is 75.00000000000001.
    const isWhole = Number.isFinite(times) ? Math.abs(times - Math.round(times)) < 1e-9 : value % divisor === 0;
    return isWhole ? undefined : misfit(`must be multiple of ${divisor}`);
  };
}

/** How many characters a text has. A pair of surrogates is one. */
function charactersOf(text: string, work: SchemaWork): number {
  work.spend(text.length >> 3);
  let pairs = 0;
  for (let at = 1; at < text.length; at++) {
    const isPair = (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
    if (isPair) pairs += 1;
  }
  return text.length - pairs;
}

function maxLength(word: unknown, place: KeywordPlace): Assertion {
  const most = demandCount(word, place);
  return (value, work) =>
    typeof value !== 'string' || value.length <= most || charactersOf(value, work) <= most
      ? undefined
      : misfit(`must NOT have more than ${most} characters`);
}

function minLength(word: unknown, place: KeywordPlace): Assertion {
  const least = demandCount(word, place);
  return (value, work) =>
    typeof value !== 'string' || value.length >= 2 * least || charactersOf(value, work) >= least
      ? undefined
      : misfit(`must NOT have fewer than ${least} characters`);
}

function format(word: unknown, place: KeywordPlace): Assertion | undefined {
  const name = demandText(word, place);
  const check = formatCheck(name);
  return check && ((value, work) => (check(value, work) ? undefined : misfit(`must match format "${name}"`)));
}

/** Keywords that check a scalar, or any value as a whole. */
export function valueKeywords(patterns: LinearPatterns): [string, Keyword][] {
  const above = bound('>', (value, limit) => value > limit);
  const below = bound('<', (value, limit) => value < limit);
  return [
    ['type', type],
    ['enum', enumOf],
    ['const', constOf],
    ['minimum', bound('>=', (value, limit) => value >= limit)],
    ['maximum', bound('<=', (value, limit) => value <= limit)],
    ['exclusiveMinimum', exclusiveBound('minimum', above)],
    ['exclusiveMaximum', exclusiveBound('maximum', below)],
    ['multipleOf', multipleOf],
    ['minLength', minLength],
    ['maxLength', maxLength],
    [
      'pattern',
      (word, place) => {
        const pattern = patterns.add(demandText(word, place));
        return (value, work) =>
          typeof value !== 'string' || pattern.isIn(value, work)
            ? undefined
            : misfit(`must match pattern "${pattern.source.slice(0, 200)}"`);
      },
    ],
    ['format', format],
  ];
}
