import { describe, expect, it } from 'vitest';
import { compileContactFilter } from '../../src/domain/contacts/contact-filter.ts';

const matches = (filter: unknown, email: unknown) => compileContactFilter(filter, 'filter')({ id: 'a', email });

describe('a filter of contacts', () => {
  it.each<[string, unknown]>([
    ['in another case', { email: 'Ann@Bücher.Example' }],
    ['in brackets', { email: '<ann@bücher.example>' }],
    ['as a link', { email: { $eq: 'mailto:ann@xn--bcher-kva.example' } }],
    ['in a list', { email: { $in: ['bob@example.com', ' ANN@bücher.example '] } }],
    ['in a list of one', { email: { $in: ['ANN@bücher.example'] } }],
    ['in $all', { email: { $all: ['Ann@bücher.example'] } }],
    ['under $and', { $and: [{ email: '"Ann@Bücher.example"' }] }],
    ['under $not', { email: { $not: { $eq: 'bob@example.com' } } }],
    ['next to others', { email: { $ne: 'BOB@example.com', $nin: ['c@example.com'] } }],
  ])('finds an address however it is written: %s', (_, filter) => {
    for (const stored of ['ann@xn--bcher-kva.example', 'Ann@BÜCHER.example'])
      expect(matches(filter, stored)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['$ne', { email: { $ne: '<ANN@example.com>' } }],
    ['$nin', { email: { $nin: ['Ann@Example.com'] } }],
    ['$nor', { $nor: [{ email: 'Ann@Example.com' }] }],
    ['a pattern, which looks at what is stored', { email: { $regex: '^Ann@' } }],
    ['an order', { email: { $gt: 'ann@example.com' } }],
    ['another address', { email: 'anna@example.com' }],
    ['no address', { email: '' }],
    ['nothing', { email: null }],
    ['a text of another kind', { email: 'ann' }],
  ])('does not find it by %s', (_, filter) => {
    expect(matches(filter, 'ann@example.com')).toBe(false);
  });

  it('leaves other fields as they are, and a missing address missing', () => {
    const filter = compileContactFilter({ other: 'Ann@Example.com' }, 'filter');
    expect(filter({ other: 'ann@example.com' })).toBe(false);
    expect(filter({ other: 'Ann@Example.com' })).toBe(true);
    expect(matches({ email: null }, undefined)).toBe(true);
    expect(matches({ email: { $exists: false } }, undefined)).toBe(true);
    expect(matches({ email: 'ann' }, 'ANN')).toBe(true);
  });

  it('says what is wrong, and where, as any filter', () => {
    expect(() => compileContactFilter({ email: { $wrong: 1 } }, 'monitoring.filter')).toThrow(
      /monitoring\.filter\.email\.\$wrong is not a supported operator/,
    );
  });
});
