import { describe, expect, it } from 'vitest';
import { createSchemas } from '../../src/checks/schemas.ts';
import { withChecks } from '../../src/domain/base/schema-check.ts';

type Schema = Record<string, unknown>;

const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const named = (count: number, make: (n: number) => unknown) =>
  Object.fromEntries(many(count, (n) => [`k${n}`, make(n)]));

const schemas = createSchemas();
const TOO_LARGE = "is larger than 1 MB, or holds more than 20,000 values, so it can't be checked";

/** What is said of a value, or of the schema where that can't be used. */
async function problem(schema: Schema, value: unknown, by = schemas): Promise<string> {
  const check = await by.checkOf(schema);
  return typeof check === 'function' ? ((await withChecks(() => check(value))) ?? 'fits') : check.problem;
}

const unread: [string, Schema, string][] = [
  ['$async', { $async: true }, "it uses $async, which isn't part of JSON Schema"],
  ['$async within', { properties: { a: { anyOf: [{ $async: false }] } } }, 'properties.a.anyOf.0 uses $async'],
  ['another document', { items: { $ref: 'https://example.com/x.json#/a' } }, 'items refers to "https://example.com/x'],
  ['another host', { $id: 'https://a.example/x', $ref: 'https://b.example/x' }, 'another document, and none is ever'],
  ['a file', { $ref: 'file:///etc/passwd' }, 'another document, and none is ever fetched'],
  ['a dangerous name', JSON.parse('{"properties": {"__proto__": {"type": "string"}}}'), 'it uses the name __proto__'],
  ['into a prototype', { $ref: '#/__proto__/constructor' }, 'it uses the name __proto__'],
  ['1,001 schemas', { properties: named(1_000, () => ({})) }, 'it has more than 1000 schemas in it'],
  ['64 kB', { description: 'x'.repeat(65_600) }, 'it is larger than 64 kB'],
  ['3 MB of anyOf', { anyOf: many(60_000, (n) => ({ required: [`a${n}`.padEnd(30, 'x')] })) }, 'larger than 64 kB'],
  ['70 levels', JSON.parse(`${'{"not":'.repeat(70)}{}${'}'.repeat(70)}`), 'it nests deeper than 64 levels'],
  ['null for properties', { properties: null }, 'properties must be object'],
  ['a text for required', { required: 'a' }, 'required must be array'],
  ['a flag for required', { required: true }, 'required must be array'],
  ['an unknown type', { properties: { q: { type: 'strnig' } } }, 'properties.q.type must '],
  ['a number for a schema', { additionalProperties: 5 }, 'additionalProperties must be object,boolean'],
  ['a limit of text', { maxLength: '5' }, 'maxLength must be integer'],
  [
    'a list under $defs',
    { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: [] },
    '$defs must be object',
  ],
  ['an object under anyOf', { anyOf: {} }, 'anyOf must be array'],
];

describe('a schema that is refused', () => {
  it.each(unread)('when it is read, for %s', async (_, schema, text) => {
    const check = await schemas.checkOf(schema);
    expect(typeof check === 'function' ? 'a check' : check.problem).toContain(text);
    expect(await schemas.trial(schema)).toContain(text);
  });

  it('is told of in few words, however long its names are', async () => {
    const schema = { properties: { ['n'.repeat(30_000)]: { type: 'x'.repeat(30_000) } } };
    expect(await schemas.trial(schema)).toMatch(/^.{1,1000}$/);
  });

  it('is none that is as large as one may be, or that leads back to itself by its parts', async () => {
    const wide = { properties: named(999, () => ({ type: 'string' })) };
    expect(await problem(wide, { k998: 1 })).toBe('k998 must be string');
    expect(await problem({ description: 'x'.repeat(65_000) }, {})).toBe('fits');
    const tree = { type: 'object', properties: { below: { type: 'array', items: { $ref: '#' } } } };
    expect(await problem(tree, { below: [{ below: [{ below: 1 }] }] })).toBe('below.0.below.0.below must be array');
  });
});

describe('a value', () => {
  it('beyond 1 MB is refused, and none is taken for another', async () => {
    expect(
      await problem(
        {},
        named(1_000_000, () => 1),
      ),
    ).toBe(TOO_LARGE);
    const list = { items: { type: 'object', properties: { n: { type: 'number' } } } };
    const rows = (last: unknown) => [...many(3_000, (n) => ({ n })), last];
    const said = await Promise.all(
      [rows({ n: 1 }), rows({ n: 'x' }), rows({ n: 1 }), rows(7)].map((v) => problem(list, v)),
    );
    expect(said).toEqual(['fits', '3000.n must be number', 'fits', '3000 must be object']);
  });

  it('has no result at once, and one at once after its check is made', async () => {
    const check = await schemas.checkOf({ type: 'string' });
    if (typeof check !== 'function') throw new Error(check.problem);
    expect(() => check(1)).toThrow('no result yet');
    expect(await withChecks(() => check(1))).toBe('must be string');
    expect(check(1)).toBe('must be string');
    expect(() => check(2)).toThrow('no result yet');
  });
});

describe('a pattern', () => {
  it('is run in linear time, and left out where it can’t be', async () => {
    const patterns = { a: '^(a+)+$', b: '^(?!x)y', c: '^z' };
    const schema = {
      properties: Object.fromEntries(Object.entries(patterns).map(([name, pattern]) => [name, { pattern }])),
    };
    expect(await problem(schema, { a: `${'a'.repeat(50)}!` })).toBe('a must match pattern "^(a+)+$"');
    expect(await problem(schema, { a: 'aaa', b: 'x', c: 'x' })).toBe('c must match pattern "^z"');
    expect(await problem(schema, { a: 'aaa', b: 'x', c: 'z' })).toBe('fits');
    expect(await schemas.trial(schema)).toBe('the pattern "^(?!x)y" can\'t run in linear time');
  });

  it('may be a usual one, on a text as long as a letter', async () => {
    const schema = {
      properties: {
        name: { pattern: "^[\\p{L}\\p{M}' .-]+$" },
        text: { pattern: '^[^<>]*$' },
        slug: { pattern: '^[a-z0-9-]{1,255}$' },
      },
    };
    expect(await schemas.trial(schema)).toBeUndefined();
    const letter = { name: 'Zoë van den Berg', text: 'word '.repeat(5_000), slug: 'a-slug' };
    expect(await problem(schema, letter)).toBe('fits');
    expect(await problem(schema, { name: 'Z0e' })).toContain('must match pattern');
  });
});
