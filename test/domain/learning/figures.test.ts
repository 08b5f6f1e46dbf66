import { describe, expect, it } from 'vitest';
import { editDistance } from '../../../src/domain/learning/edit-distance.ts';
import { mcNemar, pairedVerdict } from '../../../src/domain/learning/exact.ts';
import { differenceOf, differenceVerdict, rateOf, Z_REPEATED } from '../../../src/domain/learning/intervals.ts';
import { medianOf, p90Of } from '../../../src/domain/learning/quantiles.ts';
import { decisionsFor, isEarned, neededMore } from '../../../src/domain/learning/trust.ts';

describe('a rate', () => {
  it.each([
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [18, 20, 0.699, 0.9721],
  ])('of %i in %i lies between %f and %f', (k, n, low, high) => {
    const told = rateOf({ k, n });
    expect(told).toMatchObject({ rate: k / n, n });
    expect(told.low).toBeCloseTo(low, 4);
    expect(told.high).toBeCloseTo(high, 4);
  });

  it('of no case is nothing', () => {
    expect(rateOf({ k: 0, n: 0 })).toEqual({ rate: null, n: 0, low: null, high: null });
  });
});

describe('the example of the manual', () => {
  it('has the figures that come of its decisions', () => {
    const all = rateOf({ k: 46, n: 60 });
    expect([all.rate, all.low, all.high].map((value) => value?.toFixed(2))).toEqual(['0.77', '0.65', '0.86']);
    const told = differenceOf({ k: 28, n: 40 }, { k: 18, n: 20 }, Z_REPEATED);
    expect([told?.low, told?.high].map((value) => value?.toFixed(2))).toEqual(['-0.15', '0.44']);
    expect(pairedVerdict({ b: 9, c: 1, p: mcNemar(9, 1) })).toBe('better');
    expect(mcNemar(9, 1).toFixed(2)).toBe('0.02');
  });
});

describe('a difference of two rates', () => {
  it("has Newcombe's interval, as he worked it out for 56 of 70 against 48 of 80", () => {
    const told = differenceOf({ k: 48, n: 80 }, { k: 56, n: 70 });
    expect(told?.change).toBeCloseTo(0.2, 9);
    expect(told?.low).toBeCloseTo(0.0524, 4);
    expect(told?.high).toBeCloseTo(0.3339, 4);
  });

  it("of 12 in 20 and 17 in 20 says that it can't tell, seen after every decision", () => {
    const told = differenceOf({ k: 12, n: 20 }, { k: 17, n: 20 }, Z_REPEATED);
    expect(told && differenceVerdict(told)).toBe("can't tell");
  });

  it('is nothing where either has no case', () => {
    expect(differenceOf({ k: 0, n: 0 }, { k: 1, n: 2 })).toBeNull();
    expect(differenceOf({ k: 1, n: 2 }, { k: 0, n: 0 })).toBeNull();
  });
});

describe('the exact test of pairs that differ', () => {
  it.each([
    [0, 5, 0.0625, 'too few'],
    [2, 8, 0.109, "can't tell"],
    [3, 9, 0.146, "can't tell"],
    [6, 0, 0.03125, 'better'],
    [0, 6, 0.03125, 'worse'],
    [0, 0, 1, 'too few'],
  ] as const)('of %i and %i gives %f: %s', (b, c, p, verdict) => {
    expect(mcNemar(b, c)).toBeCloseTo(p, 3);
    expect(pairedVerdict({ b, c, p: mcNemar(b, c) })).toBe(verdict);
  });
});

describe('earned trust', () => {
  it.each([
    [58, 0],
    [92, 1],
    [123, 2],
    [152, 3],
    [180, 4],
  ])('takes %i decisions with %i misses, and not one fewer', (n, misses) => {
    expect(decisionsFor(misses)).toBe(n);
    expect(isEarned(n, misses)).toBe(true);
    expect(isEarned(n - 1, misses)).toBe(false);
  });

  it('says how many more it takes', () => {
    expect(neededMore(50, 0)).toBe(8);
    expect(neededMore(58, 1)).toBe(34);
    expect(neededMore(300, 0)).toBe(0);
    expect(neededMore(0, 0)).toBe(58);
  });
});

describe('the distance of an edit', () => {
  it('is the share of letters that were put in, taken out or changed', () => {
    expect(editDistance({ body: 'kitten' }, { body: 'sitting' })).toBeCloseTo(3 / 7, 9);
    expect(editDistance({ body: 'same' }, { body: 'same' })).toBe(0);
    expect(editDistance({ body: '' }, { body: 'all' })).toBe(1);
    expect(editDistance({}, {})).toBe(0);
  });

  it('counts neither the ends of lines nor how a letter is composed, and an emoji as one letter', () => {
    expect(editDistance({ body: 'a\r\nb' }, { body: 'a\nb' })).toBe(0);
    expect(editDistance({ body: 'caf\u0065\u0301' }, { body: 'caf\u00e9' })).toBe(0);
    expect(editDistance({ body: '😀abc' }, { body: '😁abc' })).toBeCloseTo(1 / 4, 9);
  });

  it('reads fields by the code points of their names, nested ones in their place', () => {
    expect(editDistance({ b: 'two', a: { z: 'one' } }, { a: 'one', b: 'two' })).toBe(0);
    expect(editDistance({ '\u{1f600}': 'x', '\ufb00': 'y' }, { a: 'y', b: 'x' })).toBe(0);
  });

  it('of texts as long as may be takes no long while', () => {
    const long = (letter: string) => letter.repeat(2_000_000);
    expect(editDistance({ body: long('a') }, { body: long('b') })).toBe(1);
    expect(editDistance({ body: `${long('a')}b` }, { body: `${long('a')}c` })).toBeCloseTo(1 / 2_000_001, 12);
  });
});

describe('medians', () => {
  it('take the mean of the middle two, and the 90th the nearest rank', () => {
    expect([medianOf([]), medianOf([3]), medianOf([4, 1]), medianOf([9, 1, 2])]).toEqual([null, 3, 2.5, 2]);
    const ten = Array.from({ length: 10 }, (_, at) => at + 1);
    expect([p90Of([]), p90Of([7]), p90Of(ten), p90Of([...ten, 11])]).toEqual([null, 7, 9, 10]);
  });
});
