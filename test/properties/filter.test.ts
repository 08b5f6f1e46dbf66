import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { compileFilter } from '../../src/domain/filter.ts';
import { OPERATORS } from '../../src/domain/filter-operators.ts';
import { cases, PATIENCE } from '../support/property.ts';

const FIELDS = ['a', 'b', 'c'] as const;
const scalar = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom('', 'x', 'y'),
  fc.boolean(),
  fc.constant(null),
);
const document = fc.dictionary(fc.constantFrom(...FIELDS), scalar, { maxKeys: 3 });

/** Anything that looks like a filter: known and unknown operators over any JSON. */
const { wild } = fc.letrec((tie) => ({
  wild: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.jsonValue({ maxDepth: 2 }),
    fc.array(tie('wild'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom(...OPERATORS, '$where', '$expr', '__proto__', 'a', 'a.b', 'a.0'), fc.string()),
      tie('wild'),
      { maxKeys: 3 },
    ),
  ),
}));

/** The reference: filters over flat documents of scalars, written as one would say them. */
type Reference = { filter: Record<string, unknown>; holds: (document: Record<string, unknown>) => boolean };

function bothOf(one: unknown, other: unknown, test: (sign: number) => boolean): boolean {
  if (one === null || other === null) return (one ?? null) === (other ?? null) && test(0);
  if (typeof one !== typeof other) return false;
  return test(String(one) === String(other) ? 0 : isAbove(one, other) ? 1 : -1);
}

function isAbove(one: unknown, other: unknown): boolean {
  return typeof one === 'string' && typeof other === 'string' ? one > other : Number(one) > Number(other);
}

const equal = (one: unknown, other: unknown) => (one ?? null) === (other ?? null);
const COMPARE: Record<string, (value: unknown, bound: unknown) => boolean> = {
  $eq: equal,
  $ne: (value, bound) => !equal(value, bound),
  $gt: (value, bound) => bothOf(value ?? null, bound, (sign) => sign > 0),
  $gte: (value, bound) => bothOf(value ?? null, bound, (sign) => sign >= 0),
  $lt: (value, bound) => bothOf(value ?? null, bound, (sign) => sign < 0),
  $lte: (value, bound) => bothOf(value ?? null, bound, (sign) => sign <= 0),
};

const field = fc.constantFrom(...FIELDS);
const compared: fc.Arbitrary<Reference> = fc
  .tuple(field, fc.constantFrom(...Object.keys(COMPARE)), scalar, fc.boolean())
  .map(([name, operator, bound, isNegated]) => {
    const condition = { [operator]: bound };
    const holds = (item: Record<string, unknown>) => COMPARE[operator]?.(item[name], bound) === true;
    if (!isNegated) return { filter: { [name]: condition }, holds };
    return { filter: { [name]: { $not: condition } }, holds: (item) => !holds(item) };
  });
const listed: fc.Arbitrary<Reference> = fc
  .tuple(field, fc.boolean(), fc.array(scalar, { maxLength: 3 }))
  .map(([name, isIn, list]) => ({
    filter: { [name]: { [isIn ? '$in' : '$nin']: list } },
    holds: (item) => list.some((one) => equal(item[name], one)) === isIn,
  }));
const present: fc.Arbitrary<Reference> = fc.tuple(field, fc.boolean()).map(([name, wanted]) => ({
  filter: { [name]: { $exists: wanted } },
  holds: (item) => Object.hasOwn(item, name) === wanted,
}));
const { reference } = fc.letrec<{ reference: Reference }>((tie) => ({
  reference: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    compared,
    listed,
    present,
    fc
      .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(tie('reference'), { minLength: 1, maxLength: 3 }))
      .map(([operator, parts]) => ({
        filter: { [operator]: parts.map((part) => part.filter) },
        holds: (item: Record<string, unknown>) => {
          if (operator === '$and') return parts.every((part) => part.holds(item));
          return parts.some((part) => part.holds(item)) === (operator === '$or');
        },
      })),
  ),
}));

describe('filters of any shape', () => {
  it('are refused by VALIDATION_ERROR, or answer yes or no for every document', { timeout: PATIENCE }, () => {
    fc.assert(
      fc.property(
        wild,
        fc.array(fc.dictionary(fc.oneof(fc.constantFrom('a'), fc.string()), fc.jsonValue({ maxDepth: 3 })), {
          maxLength: 5,
        }),
        (filter, documents) => {
          const before = JSON.stringify(documents);
          try {
            const matches = compileFilter(filter, 'filter');
            for (const item of documents) expect(typeof matches(item)).toBe('boolean');
          } catch (error) {
            expect(error).toBeInstanceOf(AppError);
            expect(error).toMatchObject({ code: 'VALIDATION_ERROR' });
          }
          expect(JSON.stringify(documents)).toBe(before);
        },
      ),
      cases(2_000),
    );
  });

  it('agree with a plain reading of MongoDB on flat documents', { timeout: PATIENCE }, () => {
    fc.assert(
      fc.property(reference, document, ({ filter, holds }, item) => {
        expect(compileFilter(filter, 'filter')(item)).toBe(holds(item));
      }),
      cases(3_000),
    );
  });
});
