import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { isObject } from '../../src/domain/base/json.ts';
import { parseTemplate } from '../../src/domain/text/liquid.ts';
import { cases, PATIENCE } from '../support/property.ts';

/** Tags and filters of all kinds: some open a block or close one, some make a text grow, some fail. */
const PIECES = [
  ...['{{ a }}', '{{ a.b }}', '{{ list | join: a }}', '{{ a | append: a | upcase }}', '{{ a | date: "%Y" }}'],
  ...['{% if a %}', '{% endif %}', '{% for x in list %}', '{% for x in (1..999999999) %}', '{% endfor %}', '{{ x }}'],
  ...['{% assign a = list %}', '{% capture a %}', '{% endcapture %}', '{% raw %}', '{% endraw %}', '{% include a %}'],
  ...['{{ a | eval }}', '{{', '%}', '{% increment a %}', '{{ list | where: "b", a | size }}', '{{ a.__proto__.x }}'],
  ...[
    '{{ a | split: "" | sort }}',
    '{% case a %}',
    '{% when 1 %}',
    '{% endcase %}',
    '{% unless a %}',
    '{% endunless %}',
  ],
  ...['{{ a | times: 1e308 }}', '{% assign a = a | append: a %}', '{% for x in (1..1000) %}', '{{ a | url_decode }}'],
  ...['{{ a | replace: "", a }}', '{{ a | slice: 0, 999999999 }}', '{{ a | truncate: 999999999 }}', '{% else %}'],
  ...['{{ list | concat: list }}', '{% assign list = list | concat: list %}', '{{ a | divided_by: 0 }}', '{% break %}'],
  ...[
    '{{ a | date: a }}',
    '{{ a | base64_decode }}',
    '{{ list | sort: a | map: a }}',
    '{% cycle a, x %}',
    '{% comment %}',
  ],
  ...['{% tablerow x in list %}', '{% endtablerow %}', '{% liquid echo a %}', '{{ list[a] }}', '{{ a | json }}'],
];
const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 10 }));
const template = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const scope = fc.record({ a: fc.jsonValue({ maxDepth: 2 }), list: fc.array(fc.jsonValue({ maxDepth: 1 })) });

/** The same values, but every object inherits a field that no template may read. */
function inheriting(values: Record<string, unknown>): Record<string, unknown> {
  const above = { secret: 'never' };
  return JSON.parse(JSON.stringify(values), (_key, value) =>
    isObject(value) ? Object.assign(Object.create(above), value) : value,
  );
}

function expectRefusal(error: unknown): void {
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: expect.stringMatching(/^(?:VALIDATION_ERROR|LIMIT_EXCEEDED)$/) });
}

describe('templates of any text', () => {
  it('are refused when saved, or give text within the budget for any values', { timeout: PATIENCE }, () => {
    fc.assert(
      fc.property(template, scope, (text, values) => {
        const before = JSON.stringify(values);
        try {
          const rendered = parseTemplate(text, 'rule')(values);
          expect(rendered.length).toBeLessThanOrEqual(1_100_000);
        } catch (error) {
          expectRefusal(error);
        }
        expect(JSON.stringify(values)).toBe(before);
      }),
      cases(400),
    );
  });

  it('read only the own fields of the values that they are given', { timeout: PATIENCE }, () => {
    const names = fc.constantFrom(
      'secret',
      'constructor',
      '__proto__',
      'prototype',
      'process',
      'globalThis',
      'toString',
    );
    const reach = fc
      .tuple(fc.constantFrom('a', 'list', 'list[0]', 'a.b', 'x'), names, names)
      .map(([from, name, then]) => [
        `{{ ${from}.${name} }}{{ ${name} }}{{ ${from}["${name}"].${then} }}{{ ${name}.${then} }}`,
        `{{ list | map: "${name}" }}{{ list | where: "${name}" | json }}{{ list | group_by: "${name}" | json }}`,
        `{{ list | sort: "${name}" | first }}{{ list | sum: "${name}" }}{{ ${from} | map: "${name}" | first }}`,
      ]);
    const texts = fc.array(
      fc.oneof(
        piece,
        reach.chain((all) => fc.constantFrom(...all)),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(texts, scope, (pieces, values) => {
        try {
          const rendered = parseTemplate(pieces.join(''), 'rule')(inheriting(values));
          expect(rendered).not.toMatch(/never|native code/);
        } catch (error) {
          expectRefusal(error);
        }
      }),
      cases(300),
    );
  });

  it('give a value as it is, whatever Liquid it holds', { timeout: PATIENCE }, () => {
    fc.assert(
      fc.property(fc.oneof(template, fc.string({ unit: 'binary' })), (a) => {
        expect(parseTemplate('<{{ a }}>', 'rule')({ a, secret: 'never' })).toBe(`<${a}>`);
      }),
      cases(500),
    );
  });
});
