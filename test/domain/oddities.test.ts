import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/domain/filter/filter.ts';
import { odditiesOf } from '../../src/domain/filter/oddities.ts';
import { isRelativeTime } from '../../src/domain/filter/time-words.ts';

describe('a filter that is valid and means something else', () => {
  it.each([
    [{ score: { gt: 5 } }, 'filter.score.gt: "gt" is taken for a part of the value. The operator is "$gt".'],
    [{ score: { '>=': 5 } }, 'The operator is "$gte".'],
    [{ score: { GTE: 5, lt: 9 } }, 'The operator is "$gte".'],
    [{ tags: { in: ['a'] } }, 'The operator is "$in".'],
    [{ plan: { contains: 'pro' } }, 'The operator is "$regex".'],
    [{ email: { exists: true } }, 'The operator is "$exists".'],
    [{ or: [{ plan: 'pro' }, { plan: 'max' }] }, 'The operator is "$or".'],
    [{ $or: [{ plan: 'pro' }, { score: { gt: 5 } }] }, 'filter.$or[1].score.gt: "gt"'],
    [{ score: '> 5' }, 'compared as a text, sign and all'],
    [{ signup: { $gte: '-30d' } }, '"-30d" is no date'],
    [{ signup: { $not: { $lt: '30 days ago' } } }, '"30 days ago" is no date'],
    [{ signup: { $lt: 'now' } }, '"now" is no date'],
    [{ signup: { $lt: 'now-7d/d' } }, '"now-7d/d" is no date'],
    [{ signup: { $gt: 'P30D' } }, '"P30D" is no date'],
    [{ plan: { $regex: '/^pro$/i' } }, 'Write {"$regex":"^pro$","$options":"i"}.'],
    [{ plan: { $regex: '/pro/i' } }, 'taken with its slashes'],
    [{ plan: '/^pro/' }, 'taken with its slashes'],
    [{ 'properties.path': { $regex: '/^pricing$/' } }, 'taken with its slashes'],
    [{ list: { $elemMatch: { score: { gt: 5 } } } }, 'The operator is "$gt".'],
  ])('is told of: %j', (filter, words) => {
    compileFilter(filter, 'filter');
    expect(odditiesOf(filter, 'filter').said.join('\n')).toContain(words);
  });

  it.each([
    [{}],
    [{ plan: 'Pro', score: { $gte: 5, $lt: 9 }, tags: { $in: ['a', 'b'] } }],
    [{ $or: [{ email: { $exists: false } }, { do_not_email: true }] }],
    [{ lifecycle_stage: { $regex: '^customer$', $options: 'i' } }],
    [{ 'properties.path': { $regex: '/pricing/' } }],
    [{ 'properties.url': { $regex: '/en/gb/i' } }],
    [{ path: '/pricing/' }],
    [{ signup: { $gte: '2026-01-31' }, seen: { $lt: '2026-01-31T10:00:00.000Z' }, year: { $gt: '2026' } }],
    [{ name: { $gte: 'M', $lt: 'N' } }],
    [{ shirt: { size: 'L' } }],
    [{ address: { city: 'Utrecht', in: 'NL' } }],
    [{ score: { $in: [1, '2', null] }, plan: null }],
    [{ and: 'so on' }],
    [{ discount: '>' }],
  ])('is not told of where it means what it says: %j', (filter) => {
    compileFilter(filter, 'filter');
    expect(odditiesOf(filter, 'filter').said).toEqual([]);
  });

  it.each([
    ['$gte', '-30d'],
    ['$gt', '+7 days'],
    ['$lte', 'now'],
    ['$lt', 'today'],
  ])('finds nobody by their dates where it says %s %s', (operator, text) => {
    const matches = compileFilter({ signup: { [operator]: text } }, 'filter');
    for (const signup of ['2020-01-05', '2026-11-27T10:00:00.000Z']) expect(matches({ signup })).toBe(false);
  });

  it('tells times from now on from other words', () => {
    for (const text of ['-30d', '30d', '2 weeks ago', 'last month', 'Today', 'now()', '$now', 'next_week', '-1.5h'])
      expect([text, isRelativeTime(text)]).toEqual([text, true]);
    for (const text of ['2026-01-31', 'Pro', '30', 'd', 'nowhere', '5 stars', 'M', '', 'monthly', '10:30'])
      expect([text, isRelativeTime(text)]).toEqual([text, false]);
  });
});
