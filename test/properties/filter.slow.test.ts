import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { compileFilter } from '../../src/domain/filter/filter.ts';
import { requiredLiterals } from '../../src/domain/filter/literals.ts';
import { OPERATORS } from '../../src/domain/filter/operators.ts';
import { anyDocument, anyDottedDocument, anyEqual, anyFilter } from '../support/any-filter.ts';
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
      fc.property(anyFilter, anyDocument, (wanted, item) => {
        expect(compileFilter(wanted, 'filter')(item)).toBe(isMatch(wanted, item));
      }),
      cases(4_000),
    );
  });

  it('find no document whose JSON lacks what they say that it must have', { timeout: PATIENCE }, () => {
    const pairs = fc.oneof({ weight: 9, arbitrary: fc.tuple(anyFilter, anyDottedDocument) }, anyEqual);
    const addresses = { a: (text: string) => text.toLowerCase() };
    fc.assert(
      fc.property(pairs, fc.constantFrom({}, addresses), ([wanted, item], forms) => {
        if (!compileFilter(wanted, 'filter', forms)(item)) return;
        const json = JSON.stringify(item);
        for (const texts of requiredLiterals(wanted, forms))
          expect(texts.filter((text) => json.includes(text))).not.toEqual([]);
      }),
      cases(20_000),
    );
  });
});
