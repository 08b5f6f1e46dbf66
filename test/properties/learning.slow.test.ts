import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, textDistance } from '../../src/domain/learning/edit-distance.ts';
import { mcNemar } from '../../src/domain/learning/exact.ts';
import { differenceOf, rateOf } from '../../src/domain/learning/intervals.ts';
import { medianOf, p90Of } from '../../src/domain/learning/quantiles.ts';
import { topIssues } from '../../src/domain/learning/top-issues.ts';
import { decisionsFor, trustIn } from '../../src/domain/learning/trust.ts';
import { cases, PATIENCE } from '../support/property.ts';

const share = fc
  .tuple(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 0, max: 2_000 }))
  .map(([n, k]) => ({ k: Math.min(k, n), n }));
const text = fc.string({ unit: 'grapheme', maxLength: 40 });

/** Levenshtein's distance by its own recurrence, over characters. */
function plainDistance(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  let row = b.map((_, at) => at + 1);
  row.unshift(0);
  for (const [at, letter] of a.entries()) {
    const next = [at + 1];
    for (const [place, wanted] of b.entries())
      next.push(
        Math.min((next[place] ?? 0) + 1, (row[place + 1] ?? 0) + 1, (row[place] ?? 0) + (letter === wanted ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe('figures of any decisions', { timeout: PATIENCE }, () => {
  it('lie inSpan their bounds, and rise with what they count', () => {
    fc.assert(
      fc.property(share, ({ k, n }) => {
        const { rate, low, high } = rateOf({ k, n });
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(rate ?? -1);
        expect(high).toBeGreaterThanOrEqual(rate ?? 2);
        const mirrored = rateOf({ k: n - k, n });
        expect(mirrored.low).toBeCloseTo(1 - (high ?? 0), 9);
        if (k < n) expect(rateOf({ k: k + 1, n }).low).toBeGreaterThan(low ?? 2);
      }),
      cases(1_000),
    );
  });

  it('differ by as much in one direction as in the other', () => {
    fc.assert(
      fc.property(share, share, (one, other) => {
        const [there, back] = [differenceOf(one, other), differenceOf(other, one)];
        expect(there?.change).toBeCloseTo(-(back?.change ?? 9), 9);
        expect(there?.low).toBeCloseTo(-(back?.high ?? 9), 9);
        expect(there?.low).toBeLessThanOrEqual((there?.change ?? -9) + 1e-12);
        expect(there?.low).toBeGreaterThanOrEqual(-1);
      }),
      cases(1_000),
    );
  });

  it('are tested by a chance that is the same for both sides, and falls as a split grows uneven', () => {
    const side = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(side, side, (b, c) => {
        const p = mcNemar(b, c);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(mcNemar(c, b)).toBe(p);
        if (b > c && c > 0) expect(mcNemar(b + 1, c - 1)).toBeLessThanOrEqual(p);
      }),
      cases(1_000),
    );
  });

  it('earn trust with more decisions, and lose it with each miss', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 60 }), (n, misses) => {
        const trust = trustIn(n, misses);
        expect(trustIn(n + 1, misses)).toBeGreaterThanOrEqual(trust - 1e-12);
        expect(trustIn(n, misses + 1)).toBeLessThanOrEqual(trust + 1e-12);
        expect(decisionsFor(misses + 1)).toBeGreaterThan(decisionsFor(misses));
      }),
      cases(300),
    );
  });

  it('have medians that stand among them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 60 }), (values) => {
        const [median, p90] = [medianOf(values) ?? Number.NaN, p90Of(values) ?? Number.NaN];
        expect(values.filter((value) => value <= median).length * 2).toBeGreaterThanOrEqual(values.length);
        expect(values.filter((value) => value >= median).length * 2).toBeGreaterThanOrEqual(values.length);
        expect(values.filter((value) => value <= p90).length * 10).toBeGreaterThanOrEqual(values.length * 9);
        expect(values).toContain(p90);
      }),
      cases(1_000),
    );
  });
});

describe('texts of any kind', { timeout: PATIENCE }, () => {
  it("are as far from each other as Levenshtein's own recurrence says, in both directions", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const longer = Math.max([...one].length, [...other].length);
        const far = textDistance(one, other);
        expect(far).toBeCloseTo(longer === 0 ? 0 : plainDistance(one, other) / longer, 9);
        expect(textDistance(other, one)).toBe(far);
      }),
      cases(1_000),
    );
  });

  it('are no edit where nothing was edited', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (params) => {
        expect(editDistance(params, structuredClone(params))).toBe(0);
      }),
      cases(500),
    );
  });

  it('are each counted in one issue', () => {
    const reason = fc.oneof(text, fc.constantFrom('Too long', 'Too short', 'Wrong name', 'Name is wrong', ''));
    fc.assert(
      fc.property(fc.array(reason, { maxLength: 30 }), (reasons) => {
        const issues = topIssues(reasons, reasons.length);
        for (const { quotes } of issues) expect(quotes.length).toBeLessThanOrEqual(3);
        const counted = issues.reduce((sum, { frequency }) => sum + frequency, 0);
        expect(counted).toBeLessThanOrEqual(reasons.length);
        expect(counted).toBeGreaterThanOrEqual(reasons.filter((each) => /[a-z0-9]/i.test(each)).length);
      }),
      cases(300),
    );
  });
});
