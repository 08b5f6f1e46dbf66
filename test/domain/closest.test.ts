import { describe, expect, it } from 'vitest';
import { closestTo } from '../../src/domain/text/closest.ts';

describe('the closest name', () => {
  it('is looked for among the first of very many', () => {
    let seen = 0;
    function* names() {
      yield 'jansen';
      for (; seen < 100_000_000; seen++) yield `contact-${seen}-with-a-long-name-that-is-no-match-at-all`;
    }
    expect(closestTo('janssen', names())).toBe('jansen');
    expect(seen).toBeLessThan(10_000_000);
  });

  it('is no text that is longer than any name', () => {
    expect(closestTo('x'.repeat(1_000_000), ['x'.repeat(5_000_000), 'xx'])).toBe('xx');
  });
});
