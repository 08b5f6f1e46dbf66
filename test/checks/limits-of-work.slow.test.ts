import { describe, expect, it } from 'vitest';
import { createSchemas } from '../../src/checks/schemas.ts';
import { withChecks } from '../../src/domain/base/schema-check.ts';

type Schema = Record<string, unknown>;

const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const named = (count: number, make: (n: number) => unknown) =>
  Object.fromEntries(many(count, (n) => [`k${n}`, make(n)]));
const deep = (levels: number): unknown => many(levels, () => 0).reduce<unknown>((inner) => ({ x: inner }), 1);

const schemas = createSchemas();

/** What is said of a value, or of the schema where that can't be used. */
async function problem(schema: Schema, value: unknown, by = schemas): Promise<string> {
  const check = await by.checkOf(schema);
  return typeof check === 'function' ? ((await withChecks(() => check(value))) ?? 'fits') : check.problem;
}

const untried: [string, Schema, string][] = [
  ['a $ref to itself', { $ref: '#' }, 'leads back to itself'],
  [
    'a ring',
    { allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { not: { $ref: '#/$defs/b' } }, b: { $ref: '#/$defs/a' } } },
    'leads back to itself',
  ],
  ['a ring of anchors', { $dynamicAnchor: 'a', anyOf: [{ $dynamicRef: '#a' }] }, 'leads back to itself'],
  [
    'a ring of old',
    { $schema: 'https://json-schema.org/draft/2019-09/schema', not: { $recursiveRef: '#' } },
    'leads back to itself',
  ],
  [
    'a bomb',
    {
      $ref: '#/$defs/k0',
      $defs: named(40, (n) => (n < 39 ? { allOf: many(2, () => ({ $ref: `#/$defs/k${n + 1}` })) } : {})),
    },
    'takes longer than 1 s',
  ],
  ['nowhere', { $ref: '#/$defs/none' }, "can't resolve reference #/$defs/none"],
];

describe('a schema that is refused when it is used', () => {
  it.each(untried)('when it is tried, for %s', async (_, schema, text) => {
    expect(await schemas.trial(schema)).toContain(text);
    expect(await problem(schema, {})).toContain(text);
    expect(await problem({ type: 'object' }, 1)).toBe('must be object');
  });
});

const costly: [string, Schema, unknown][] = [
  ['branches that double at each level', { allOf: many(2, () => ({ properties: { x: { $ref: '#' } } })) }, deep(60)],
  ['many branches at each level', { oneOf: many(100, () => ({ properties: { x: { $ref: '#' } } })) }, deep(60)],
  ['large sets of objects', { allOf: many(100, () => ({ uniqueItems: true })) }, many(6_000, (n) => ({ a: [n] }))],
];

describe('a check that takes long', () => {
  it.each(costly)('ends, and says so: %s', async (_, schema, value) => {
    const own = createSchemas({ taskMs: 500 });
    // A schema may be compiled in that time, and checked for a small value.
    expect(await problem(schema, [], own)).not.toContain('takes longer');
    const said = 'could not be checked against its schema, which takes longer than 0.5 s';
    expect(await problem(schema, value, own)).toBe(said);
    expect(await problem(schema, value, own)).toBe(said);
    expect(await problem(schema, [], own)).not.toContain('takes longer');
  });

  it('leaves the other calls of the process their turn', async () => {
    const order: string[] = [];
    const [, schema, value] = costly[0] ?? ['', {}, 1];
    const checked = problem(schema, value).then(() => order.push('checked'));
    const timer = new Promise((resolve) => setTimeout(resolve, 5)).then(() => order.push('timer'));
    await Promise.all([checked, timer]);
    expect(order).toEqual(['timer', 'checked']);
  });

  it('lets those that wait behind it be made, each with its own result', async () => {
    const own = createSchemas({ taskMs: 500 });
    const [, schema, value] = costly[0] ?? ['', {}, 1];
    const behind = many(5, (n) => problem({ type: 'object', properties: { n: { const: n } } }, { n: 3 }, own));
    const [first, ...others] = await Promise.all([problem(schema, value, own), ...behind]);
    expect(first).toContain('takes longer');
    expect(others.map((each) => each === 'fits')).toEqual([false, false, false, true, false]);
  });

  it('is the error of that schema alone where it takes all memory', async () => {
    const own = createSchemas({ taskMs: 20_000 });
    const ones = many(19_000, () => 1);
    const contains = { const: 2 };
    const [first, second] = await Promise.all([
      problem({ anyOf: many(300, () => ({ contains })) }, ones, own),
      problem({ type: 'object' }, 2, own),
    ]);
    expect(first).toBe('could not be checked against its schema, which takes more memory than there is for it');
    expect(second).toBe('must be object');
  });
});
