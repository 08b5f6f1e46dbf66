import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { compileFilter } from '../../src/domain/filter/filter.ts';
import { OPERATORS } from '../../src/domain/filter/operators.ts';
import { isMatch } from '../support/mongo.ts';
import { cases, PATIENCE } from '../support/property.ts';

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

/** Few values and few names, so that values are often equal, nested or missing. */
const FIELDS = ['a', 'b', 'c'] as const;
const scalar = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom('', 'x', 'y', 'Xy', 'x\ny'),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { weight: 4, arbitrary: scalar },
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 2 }),
  ),
}));
const document = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 3 });
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...FIELDS) },
  fc.constantFrom('a.b', 'a.c', 'b.0', 'a.1', 'a.0.b', 'a.b.c', 'a.b.0', 'a.0.0', 'length', 'a.length'),
);

/** Patterns that RE2 and JavaScript read alike. */
const pattern = fc.record(
  {
    $regex: fc.constantFrom('x', '^x', 'y$', '^$', 'x.y', '[xX]y?', '(x|y)+', 'X\\w', '\\d'),
    $options: fc.constantFrom('', 'i', 'm', 's', 'ims'),
  },
  { requiredKeys: ['$regex'] },
);
const condition = (key: string, operand: fc.Arbitrary<unknown>) => operand.map((item) => ({ [key]: item }));
const { filter } = fc.letrec<{ filter: Record<string, unknown>; operators: object; part: object }>((tie) => ({
  part: fc.oneof(
    ...['$eq', '$ne'].map((key) => condition(key, value)),
    ...['$gt', '$gte', '$lt', '$lte'].map((key) => condition(key, scalar)),
    ...['$in', '$nin'].map((key) => condition(key, fc.array(value, { maxLength: 3 }))),
    condition('$all', fc.array(fc.oneof(value, condition('$elemMatch', tie('operators'))), { maxLength: 2 })),
    condition('$size', fc.nat({ max: 3 })),
    condition('$exists', fc.boolean()),
    pattern,
  ),
  operators: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('part'),
    fc.tuple(tie('part'), tie('part')).map(([one, other]) => ({ ...one, ...other })),
    condition('$not', tie('operators')),
    condition('$elemMatch', fc.oneof(tie('operators'), tie('filter'))),
  ),
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: fc.dictionary(name, fc.oneof(tie('operators'), value), { maxKeys: 2 }) },
    fc
      .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 }))
      .map(([operator, parts]) => ({ [operator]: parts })),
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
      cases(1_200),
    );
  });

  it('give the same answers as a simple model of MongoDB, with nested arrays and patterns', {
    timeout: PATIENCE,
  }, () => {
    fc.assert(
      fc.property(filter, document, (wanted, item) => {
        expect(compileFilter(wanted, 'filter')(item)).toBe(isMatch(wanted, item));
      }),
      cases(4_000),
    );
  });
});
