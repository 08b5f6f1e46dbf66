import { describe, expect, it } from 'vitest';
import { compile } from '../../src/checks/ajv.ts';

type Schema = Record<string, unknown>;

function problem(schema: Schema, value: unknown): string | undefined {
  return compile(structuredClone(schema)).check(value);
}

const fits = (schema: Schema, value: unknown) => problem(schema, value) === undefined;

const DRAFT_04 = 'http://json-schema.org/draft-04/schema#';
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';
const IN_2019 = 'https://json-schema.org/draft/2019-09/schema';
const IN_2020 = 'https://json-schema.org/draft/2020-12/schema';

describe('a schema of each dialect', () => {
  it('of draft-04 has limits that are excluded by a flag, and ids without $', () => {
    const schema = {
      $schema: DRAFT_04,
      id: 'http://example.com/root',
      properties: {
        n: { minimum: 3, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
        a: { $ref: 'item' },
      },
      definitions: { item: { id: 'item', type: 'string' } },
    };
    expect([3, 4, 9, 10].map((n) => fits(schema, { n }))).toEqual([false, true, true, false]);
    expect(problem(schema, { a: 1 })).toBe('a must be string');
  });

  it('of draft-07 leaves out what stands beside a $ref, and has if, then, else and lists of items', () => {
    const ref = { $schema: DRAFT_07, $ref: '#/definitions/a', maxLength: 1, definitions: { a: { type: 'string' } } };
    expect([fits(ref, 'long'), fits(ref, 1)]).toEqual([true, false]);
    expect(fits({ ...ref, $schema: IN_2019 }, 'long')).toBe(false);
    const other = JSON.parse('{"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}');
    expect(['a', 'ab', 1, 2].map((value) => fits({ $schema: DRAFT_07, ...other }, value))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    const list = { $schema: DRAFT_07, items: [{ type: 'string' }, { type: 'number' }], additionalItems: false };
    expect(
      [
        ['a', 1],
        ['a', 'b'],
        ['a', 1, 2],
      ].map((value) => fits(list, value)),
    ).toEqual([true, false, false]);
  });

  it('of 2019-09 has anchors, references to the outermost document, and what was not evaluated', () => {
    const anchored = { $schema: IN_2019, $ref: '#a', $defs: { x: { $anchor: 'a', type: 'string' } } };
    expect([fits(anchored, 'x'), fits(anchored, 1)]).toEqual([true, false]);
    const tree = {
      $schema: IN_2019,
      $id: 'http://example.com/strict',
      $recursiveAnchor: true,
      $ref: 'tree',
      unevaluatedProperties: false,
      $defs: {
        tree: {
          $id: 'tree',
          $recursiveAnchor: true,
          properties: { value: { type: 'number' }, below: { type: 'array', items: { $recursiveRef: '#' } } },
        },
      },
    };
    expect(fits(tree, { value: 1, below: [{ value: 2, below: [] }] })).toBe(true);
    expect(problem(tree, { value: 1, below: [{ valeu: 2 }] })).toBe(
      'below.0 must NOT have unevaluated properties (valeu)',
    );
  });

  it('of 2020-12 has first items apart, and dynamic references', () => {
    const list = { $schema: IN_2020, prefixItems: [{ type: 'string' }], items: { type: 'number' } };
    expect([['a', 1], ['a', 'b'], [1]].map((value) => fits(list, value))).toEqual([true, false, false]);
    const tree = {
      $schema: IN_2020,
      $id: 'http://example.com/strict',
      $dynamicAnchor: 'node',
      $ref: 'tree',
      unevaluatedProperties: false,
      $defs: {
        tree: {
          $id: 'tree',
          $dynamicAnchor: 'node',
          properties: { value: { type: 'number' }, below: { type: 'array', items: { $dynamicRef: '#node' } } },
        },
      },
    };
    expect(fits(tree, { value: 1, below: [{ value: 2, below: [] }] })).toBe(true);
    expect(problem(tree, { below: [{ valeu: 2 }] })).toBe('below.0 must NOT have unevaluated properties (valeu)');
  });

  it.each([
    'http://json-schema.org/draft-04/schema',
    'https://json-schema.org/draft-04/schema#',
    'http://json-schema.org/draft-04/schema#',
  ])('is known by %s', ($schema) => {
    expect(fits({ $schema, minimum: 3, exclusiveMinimum: true }, 3)).toBe(false);
    expect(fits({ $schema, id: 'x', $ref: '#/definitions/a', definitions: { a: {} }, type: 'null' }, 'no null')).toBe(
      true,
    );
  });

  it('may refer to the schema of schemas, which nobody has to fetch', () => {
    const schema = { properties: { schema: { $ref: DRAFT_07 } } };
    expect([{}, true, 'x'].map((value) => fits(schema, { schema: value }))).toEqual([true, true, false]);
  });
});

describe('a schema without $schema', () => {
  it('is of 2020-12, and takes what tools that were written for draft-07 still say', () => {
    expect(fits({ items: [{ type: 'string' }], additionalItems: false }, ['a', 'b'])).toBe(false);
    expect(fits({ $ref: '#/definitions/a', definitions: { a: { type: 'string' } } }, 1)).toBe(false);
    expect(fits({ dependencies: { a: ['b'], c: { required: ['d'] } } }, { a: 1, b: 1, c: 1 })).toBe(false);
    expect(fits({ minimum: 3, exclusiveMinimum: true }, 3)).toBe(false);
    expect([null, 'x', 1].map((value) => fits({ type: 'string', nullable: true }, value))).toEqual([true, true, false]);
    expect(fits({ properties: { a: { type: 'string', required: true } } }, {})).toBe(true);
    expect(fits({ type: 'string', format: 'carrier-pigeon', 'x-order': 1, example: 'x', discriminator: {} }, 'x')).toBe(
      true,
    );
  });

  it('keeps apart properties that have the names of keywords, or of what every object has', () => {
    const schema = JSON.parse(
      '{"properties":{"constructor":{"type":"number"},"$ref":{"type":"string"},"items":{"const":1}},"required":["constructor","toString"]}',
    );
    expect(problem(schema, {})).toBe("must have required property 'constructor'");
    expect(problem(schema, { constructor: 1 })).toBe("must have required property 'toString'");
    expect(fits(schema, { constructor: 1, toString: 1, $ref: 'y', items: 1 })).toBe(true);
    expect(fits(schema, { constructor: 1, toString: 1, $ref: 2 })).toBe(false);
    const closed = { additionalProperties: false, properties: { a: {} } };
    expect(problem(closed, { constructor: 1 })).toBe('must NOT have additional properties (constructor)');
    expect(fits(closed, JSON.parse('{"__proto__": 1}'))).toBe(false);
    expect(fits({ dependentRequired: { toString: ['a'] } }, {})).toBe(true);
    expect(fits({ $ref: '#/$defs/constructor', $defs: { constructor: { type: 'string' } } }, 1)).toBe(false);
  });
});

describe('what is said of a value', () => {
  it.each<[Schema, unknown, string]>([
    [
      { properties: { a: { items: { required: ['b'] } } } },
      { a: [{ b: 1 }, {}] },
      "a.1 must have required property 'b'",
    ],
    [{ enum: ['a', 'b'] }, 'c', 'must be equal to one of the allowed values (a, b)'],
    [{ const: { a: [1, { b: 2 }] } }, { a: [1, { b: 3 }] }, 'must be equal to constant'],
    [{ type: ['string', 'null'] }, 1, 'must be string,null'],
    [{ multipleOf: 0.01 }, 1.005, 'must be multiple of 0.01'],
    [{ maxLength: 1 }, '👍👍', 'must NOT have more than 1 characters'],
    [
      { uniqueItems: true },
      [{ a: 1, b: 2 }, 'x', { b: 2, a: 1 }],
      'must NOT have duplicate items (items ## 0 and 2 are identical)',
    ],
    [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, 'must match exactly one schema in oneOf'],
    [
      { propertyNames: { maxLength: 1 } },
      { ab: 1 },
      'property name must be valid (ab) (must NOT have more than 1 characters)',
    ],
    [
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      1,
      'must match a schema in anyOf (must be string; must be null)',
    ],
    [{ contains: { const: 1 }, minContains: 2 }, [1], 'must contain at least 2 valid item(s)'],
    [{ patternProperties: { '^x': false } }, { xy: 1 }, 'xy boolean schema is false'],
  ])('%j', (schema, value, text) => {
    expect(problem(schema, value)).toBe(text);
  });

  it('of formats counts only for those that are known', () => {
    const cases: [string, string, string][] = [
      ['email', 'ada@example.com', 'nobody'],
      ['date', '2024-02-29', '2023-02-29'],
      ['date-time', '2026-11-27T10:00:00Z', '2026-11-27 10:00'],
      ['time', '23:59:60Z', '12:59:60Z'],
      ['uri', 'https://example.com/a?b=c', 'no uri'],
      ['uuid', '2eb8aa08-aa98-11ea-b4aa-73b441d16380', '2eb8aa08'],
      ['ipv4', '192.0.2.1', '192.0.2.256'],
      ['ipv6', '::1', ':::1'],
      ['hostname', 'www.example.com', '-bad-.example'],
      ['duration', 'P1Y2M3DT4H', 'P'],
      ['json-pointer', '/a/b~0', 'a~'],
      ['regex', '^a+$', '('],
    ];
    for (const [format, good, bad] of cases)
      expect([format, fits({ format }, good), fits({ format }, bad)]).toEqual([format, true, false]);
  });
});
