import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSchemas } from '../../src/checks/schemas.ts';
import { bytesOf } from '../../src/domain/base/json.ts';
import { withChecks } from '../../src/domain/base/schema-check.ts';
import { cases, PATIENCE } from '../support/property.ts';

const KEYWORDS = [
  ...['$schema', '$id', 'id', '$ref', '$anchor', '$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$recursiveAnchor'],
  ...[
    '$defs',
    'definitions',
    'type',
    'enum',
    'const',
    'minimum',
    'exclusiveMinimum',
    'multipleOf',
    'maxLength',
    'pattern',
  ],
  ...[
    'format',
    'items',
    'prefixItems',
    'additionalItems',
    'contains',
    'minContains',
    'uniqueItems',
    'unevaluatedItems',
  ],
  ...['properties', 'patternProperties', 'additionalProperties', 'propertyNames', 'required', 'dependencies'],
  ...['dependentSchemas', 'unevaluatedProperties', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', '$async'],
  ...['__proto__', 'constructor', 'a', 'b'],
];
const TEXTS = [
  '#',
  '#/$defs/a',
  '#/properties/b',
  '#a',
  'a',
  'http://json-schema.org/draft-07/schema#',
  'string',
  'object',
];

const json = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(...TEXTS, '^a+$', 'email', null, true, false, 0, 1, -1, 2.5),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom(...KEYWORDS), tie('value'), { maxKeys: 5 }),
}));

it(
  'any JSON is a schema or none with a reason, and any JSON fits it or not with a reason',
  async () => {
    const thread = createSchemas();
    const schemas = json.object.map((value): Record<string, unknown> => ({ ...Object(value) }));
    await fc.assert(
      fc.asyncProperty(schemas, fc.array(json.value, { minLength: 1, maxLength: 5 }), async (schema, values) => {
        const check = await thread.checkOf(schema);
        if (typeof check !== 'function') {
          expect(check.problem).toMatch(/^.+$/s);
          return;
        }
        for (const value of values)
          expect(typeof (await withChecks(() => check(value)))).toMatch(/^(undefined|string)$/);
      }),
      cases(1_000),
    );
  },
  PATIENCE,
);

it(
  'the bytes of a value are those of its JSON text, as far as they are counted',
  () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(50), (value, limit) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(bytesOf(value, 1_000_000)).toBe(bytes);
        if (bytes > limit) expect(bytesOf(value, limit)).toBeGreaterThan(limit);
        else expect(bytesOf(value, limit)).toBe(bytes);
      }),
      cases(2_000),
    );
  },
  PATIENCE,
);
