import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { compileFilter } from '../../src/domain/filter/filter.ts';

type Document = Record<string, unknown>;
const PATH = 'monitoring.filter';

function refusalOf(filter: unknown, path = PATH): AppError {
  try {
    compileFilter(filter, path);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(filter)}`);
}

/** A filter of an odd number of levels, objects and arrays in turn. */
function nested(levels: number): Document {
  let filter: Document = { a: 1 };
  for (let level = 1; level < levels; level += 2) filter = { $and: [filter] };
  return filter;
}

const REFUSED: [filter: unknown, at: string, problem: RegExp][] = [
  [null, '', /must be an object/],
  [[{ a: 1 }], '', /must be an object/],
  ['a', '', /must be an object/],
  [{ $where: 'true' }, '.$where', /run code/],
  [{ a: { $where: 'true' } }, '.a.$where', /run code/],
  [{ a: { b: { $where: 'true' } } }, '.a.b.$where', /run code/],
  [{ $expr: {} }, '.$expr', /not a supported operator/],
  [{ $text: {} }, '.$text', /not a supported operator/],
  [{ a: { $type: 2 } }, '.a.$type', /not a supported operator/],
  [{ a: { $mod: [2, 0] } }, '.a.$mod', /not a supported operator/],
  [{ $or: [{ age: { $foo: 1 } }] }, '.$or[0].age.$foo', /not a supported operator/],
  [{ a: { $not: { $elemMatch: { b: { $near: 1 } } } } }, '.a.$not.$elemMatch.b.$near', /not a supported operator/],
  [{ $eq: 1 }, '.$eq', /goes under a field name/],
  [{ $not: { a: 1 } }, '.$not', /\$nor/],
  [{ a: { $or: [{ b: 1 }] } }, '.a.$or', /outside of a field/],
  [{ $and: [] }, '.$and', /non-empty array/],
  [{ $or: { a: 1 } }, '.$or', /non-empty array/],
  [{ $nor: [{ a: 1 }, 5] }, '.$nor[1]', /must be an object/],
  [{ a: { $in: 'x' } }, '.a.$in', /must be an array/],
  [{ a: { $nin: {} } }, '.a.$nin', /must be an array/],
  [{ a: { $all: 1 } }, '.a.$all', /must be an array/],
  [{ a: { $in: [1, { $regex: 'x' }] } }, '.a.$in[1].$regex', /compared as a whole/],
  [{ a: { b: { $gt: 1 } } }, '.a.b.$gt', /dotted path/],
  [{ a: { $not: 5 } }, '.a.$not', /object of operators/],
  [{ a: { $not: {} } }, '.a.$not', /object of operators/],
  [{ a: { $not: { b: 1 } } }, '.a.$not.b', /plain key/],
  [{ a: { $gt: 1, b: 2 } }, '.a.b', /plain key among operators/],
  [{ a: { $elemMatch: { $gt: 1, b: 2 } } }, '.a.$elemMatch.b', /plain key among operators/],
  [{ a: { $elemMatch: [1] } }, '.a.$elemMatch', /must be an object/],
  [{ a: { $gt: [1] } }, '.a.$gt', /number, a string or a boolean/],
  [{ a: { $exists: 'yes' } }, '.a.$exists', /true or false/],
  [{ a: { $size: -1 } }, '.a.$size', /non-negative integer/],
  [{ a: { $size: 1.5 } }, '.a.$size', /non-negative integer/],
  [{ a: { $size: '1' } }, '.a.$size', /non-negative integer/],
  [{ a: { $options: 'i' } }, '.a.$options', /\$regex only/],
  [{ a: { $regex: 'x', $options: 'x' } }, '.a.$options', /i, m and s/],
  [{ a: { $regex: 'x', $options: 1 } }, '.a.$options', /i, m and s/],
  [{ a: { $regex: 5 } }, '.a.$regex', /must be a string/],
  [{ a: { $regex: '(unclosed' } }, '.a.$regex', /missing closing \)/],
  [{ a: { $regex: '(?=look)' } }, '.a.$regex', /look-around and backreferences aren't possible/],
  [{ a: { $regex: '(?<!look)x' } }, '.a.$regex', /look-around and backreferences aren't possible/],
  [{ a: { $regex: '(a)\\1' } }, '.a.$regex', /look-around and backreferences aren't possible/],
  [
    { a: { $regex: 'x'.repeat(1_001) } },
    '.a.$regex',
    /1000 characters.*look-around and backreferences aren't possible/,
  ],
  [{ a: { $regex: '(a?){1000}'.repeat(50) } }, '.a.$regex', /repeats too much/],
  [{ a: undefined }, '.a', /not a JSON value/],
  [{ a: /x/ }, '.a', /not a JSON value/],
  [{ a: new Date(0) }, '.a', /not a JSON value/],
];

describe('what is refused', () => {
  test.each(REFUSED)('%j at %s', (filter, at, problem) => {
    const error = refusalOf(filter);
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(error.details).toEqual({ [`${PATH}${at}`]: expect.stringMatching(problem) });
    expect(error.message).toContain(`${PATH}${at} `);
    expect(error.message).toMatch(/\$eq, \$ne, \$gt, .*\$elemMatch/);
  });

  test('without a prefix the path starts at the field', () => {
    expect(refusalOf({ a: { $foo: 1 } }, '').details).toHaveProperty(['a.$foo']);
  });
});

describe('hostile filters and documents', () => {
  test.each(['{"__proto__": 1}', '{"a.__proto__.b": 1}', '{"a": {"$eq": {"__proto__": {"x": 1}}}}'])('%s', (json) => {
    expect(refusalOf(JSON.parse(json)).message).toContain('__proto__');
  });

  test('a document with its own __proto__ key is only data', () => {
    const document: Document = JSON.parse('{"__proto__": {"admin": true}, "a": {"__proto__": {"b": 1}}}');
    expect(compileFilter({ admin: { $exists: true } }, PATH)(document)).toBe(false);
    expect(compileFilter({ 'a.b': 1 }, PATH)(document)).toBe(false);
  });

  test('a pattern on which a backtracking engine would run for ages gets its answer', () => {
    const matches = compileFilter({ a: { $regex: '^(a+)+$' } }, PATH);
    expect(matches({ a: `${'a'.repeat(100_000)}!` })).toBe(false);
    expect(matches({ a: 'a'.repeat(100_000) })).toBe(true);
  });

  test('32 levels are accepted and more refused, however deep', () => {
    expect(compileFilter(nested(31), PATH)({ a: 1 })).toBe(true);
    expect(refusalOf(nested(33)).message).toContain('deeper than 32 levels');
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect(refusalOf(deep).message).toContain('deeper than 32 levels');
    const wide: unknown = JSON.parse(`{"a":${'['.repeat(32)}${']'.repeat(32)}}`);
    expect(refusalOf(wide).message).toContain('deeper than 32 levels');
    const fits: unknown = JSON.parse(`{"a":${'['.repeat(31)}${']'.repeat(31)}}`);
    expect(compileFilter(fits, PATH)({ a: 1 })).toBe(false);
  });

  test('huge lists and names are accepted', () => {
    const list = Array.from({ length: 90_000 }, (_, at) => at);
    expect(compileFilter({ a: { $in: list } }, PATH)({ a: 89_999 })).toBe(true);
    expect(compileFilter({ ['a.'.repeat(100_000)]: 1 }, PATH)({ a: 1 })).toBe(false);
    expect(refusalOf({ [`$${'x'.repeat(1_000_000)}`]: 1 }).message.length).toBeLessThan(1_000);
  });

  test('a later change of the document is seen: nothing is remembered between calls', () => {
    const matches = compileFilter({ a: { $regex: 'x' }, b: { $in: [1] } }, PATH);
    expect(
      [
        { a: 'x', b: 1 },
        { a: 'y', b: 1 },
        { a: 'x', b: 1 },
      ].map(matches),
    ).toEqual([true, false, true]);
  });
});
