import { describe, expect, it } from 'vitest';
import { compileSchema } from '../../../src/domain/schema/json-schema.ts';

type Schema = Record<string, unknown>;

const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const named = (count: number, make: (n: number) => unknown) =>
  Object.fromEntries(many(count, (n) => [`k${n}`, make(n)]));
const deep = (levels: number): unknown => many(levels, () => 0).reduce<unknown>((inner) => ({ x: inner }), 1);
const TOO_MUCH = 'the schema takes too much work for this value, so it could not be checked';

const refused: [string, Schema, string][] = [
  ['$async', { $async: true }, "$async isn't part of JSON Schema"],
  ['$async within', { properties: { a: { anyOf: [{ $async: false }] } } }, "properties.a.anyOf.0.$async isn't part of"],
  ['a $ref to itself', { $ref: '#' }, 'it leads back to itself'],
  [
    'a ring',
    { allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { not: { $ref: '#/$defs/b' } }, b: { $ref: '#/$defs/a' } } },
    'leads back to itself',
  ],
  ['a ring of anchors', { $dynamicAnchor: 'a', anyOf: [{ $dynamicRef: '#a' }] }, 'leads back to itself'],
  [
    'a ring of old',
    { $schema: 'https://json-schema.org/draft/2019-09/schema', if: { $recursiveRef: '#' } },
    'leads back to itself',
  ],
  [
    'a bomb',
    {
      $ref: '#/$defs/k0',
      $defs: named(40, (n) => (n < 39 ? { anyOf: many(2, () => ({ $ref: `#/$defs/k${n + 1}` })) } : {})),
    },
    'unfolds by its references to more than 10000 schemas',
  ],
  [
    'another document',
    { items: { $ref: 'https://example.com/x.json#/a' } },
    'items.$ref "https://example.com/x.json#/a" leads to another document',
  ],
  ['a file', { $ref: 'file:///etc/passwd' }, 'leads to another document'],
  ['nowhere', { $ref: '#/$defs/none' }, '$ref "#/$defs/none" leads nowhere'],
  ['into a prototype', { $ref: '#/__proto__/constructor' }, 'leads nowhere'],
  ['1,001 schemas', { properties: named(1_000, () => ({})) }, 'it has more than 1000 schemas in it'],
  ['64 kB', { description: 'x'.repeat(65_600) }, 'it is larger than 64 kB'],
  [
    '3 MB of anyOf',
    { anyOf: many(60_000, (n) => ({ required: [`a${n}`.padEnd(30, 'x')] })) },
    'it is larger than 64 kB',
  ],
  ['70 levels', JSON.parse(`${'{"not":'.repeat(70)}{}${'}'.repeat(70)}`), 'it nests deeper than 64 levels'],
  ['null for properties', { properties: null }, "properties isn't an object of schemas"],
  ['a text for required', { required: 'a' }, "required isn't a list of texts"],
  ['a flag for required', { required: true }, "required isn't a list of texts"],
  ['an unknown type', { properties: { q: { type: 'strnig' } } }, 'properties.q.type "strnig" isn\'t a type'],
  ['a number for a schema', { additionalProperties: 5 }, "additionalProperties isn't a schema"],
  ['a limit of text', { maxLength: '5' }, "maxLength isn't a whole number from 0"],
  ['a list under $defs', { $defs: [] }, "$defs isn't an object of schemas"],
  ['an object under anyOf', { anyOf: {} }, "anyOf isn't a list of schemas"],
];

describe('a schema that is refused', () => {
  it.each(refused)('for %s', (_, schema, text) => {
    expect(() => compileSchema(schema)).toThrow(text);
  });

  it('is told of in few words, however long its names are', () => {
    const schema = { properties: { ['n'.repeat(30_000)]: { type: 'x'.repeat(30_000) } } };
    expect(() => compileSchema(schema)).toThrow(/^.{1,500}$/);
  });

  it('is none that is as large as one may be, or that leads back to itself by its parts', () => {
    expect(compileSchema({ properties: named(999, () => ({ type: 'string' })) }).check({ k998: 1 })).toBe(
      'k998 must be string',
    );
    expect(compileSchema({ description: 'x'.repeat(65_000) }).check({})).toBeUndefined();
    const tree = { type: 'object', properties: { below: { type: 'array', items: { $ref: '#' } } } };
    expect(compileSchema(tree).check({ below: [{ below: [{ below: 1 }] }] })).toBe(
      'below.0.below.0.below must be array',
    );
  });
});

const costly: [string, Schema, unknown][] = [
  ['branches that double at each level', { allOf: many(2, () => ({ properties: { x: { $ref: '#' } } })) }, deep(60)],
  ['many branches at each level', { oneOf: many(300, () => ({ properties: { x: { $ref: '#' } } })) }, deep(60)],
  ['a set of large objects', { uniqueItems: true }, many(20_000, (n) => ({ a: n, b: [n, { c: n }] }))],
  ['many sets', { allOf: many(900, () => ({ uniqueItems: true })) }, many(5_000, (n) => n)],
  ['many looks at many keys', { allOf: many(900, () => ({ minProperties: 1 })) }, named(50_000, () => 1)],
  [
    'many patterns for many keys',
    { patternProperties: Object.fromEntries(many(90, (n) => [`^x${n}`, {}])) },
    named(5_000, () => 1),
  ],
  ['a pattern of many states', { pattern: '^[ab]*a[ab]{400}a$' }, 'ab'.repeat(2_500)],
  ['a long text for many formats', { allOf: many(900, () => ({ format: 'uri' })) }, `http://${'a'.repeat(9_900)}`],
  ['a long text to count', { allOf: many(900, () => ({ maxLength: 99_999 })) }, '👍'.repeat(90_000)],
];

describe('a check that would take long', () => {
  it.each(costly)('ends, and says that nothing was checked: %s', (_, schema, value) => {
    const { check } = compileSchema(schema);
    expect(check(value)).toBe(TOO_MUCH);
    // The same again is the same, and small values still have their check.
    expect(check(value)).toBe(TOO_MUCH);
    expect(check({})).not.toBe(TOO_MUCH);
  });

  it('ends where schemas lead through a thousand others', () => {
    const chain = named(990, (n) => (n < 989 ? { $ref: `#/$defs/k${n + 1}` } : { type: 'string' }));
    const { check } = compileSchema({ $ref: '#/$defs/k900', properties: { x: { $ref: '#/$defs/k0' } }, $defs: chain });
    expect(check(1)).toBe('must be string');
    expect(compileSchema({ properties: { x: { $ref: '#/$defs/k0' } }, $defs: chain }).check({ x: 'y' })).toBe(TOO_MUCH);
  });

  it('is told from one of the same value by its result, when it is remembered', () => {
    const rows = (last: unknown) => [...many(3_000, (n) => ({ n })), last];
    const { check } = compileSchema({ items: { type: 'object', properties: { n: { type: 'number' } } } });
    expect([rows({ n: 1 }), rows({ n: 'x' }), rows({ n: 1 }), rows(7)].map(check)).toEqual([
      undefined,
      '3000.n must be number',
      undefined,
      '3000 must be object',
    ]);
  });
});

describe('a pattern', () => {
  it('is run in linear time, and left out where it can’t be', () => {
    const { check, unchecked } = compileSchema({
      properties: {
        a: { pattern: '^(a+)+$' },
        b: { pattern: '^(?!x)y' },
        c: { pattern: '([ab]{1,900}c){1,9}' },
        d: { pattern: '[' },
      },
    });
    expect(check({ a: `${'a'.repeat(50)}!` })).toBe('a must match pattern "^(a+)+$"');
    expect(check({ a: 'aaa', b: 'x', c: 'x', d: 'x' })).toBeUndefined();
    expect(unchecked()).toEqual(['^(?!x)y', '([ab]{1,900}c){1,9}', '[']);
  });

  it('may be a usual one, on a text as long as a letter', () => {
    const schema = {
      properties: {
        name: { pattern: "^[\\p{L}\\p{M}' .-]+$" },
        text: { pattern: '^[^<>]*$' },
        slug: { pattern: '^[a-z0-9-]{1,255}$' },
      },
    };
    const { check, unchecked } = compileSchema(schema);
    expect(unchecked()).toEqual([]);
    expect(check({ name: 'Zoë van den Berg', text: 'word '.repeat(5_000), slug: 'a-slug' })).toBeUndefined();
    expect(check({ name: 'Z0e' })).toContain('must match pattern');
  });
});
