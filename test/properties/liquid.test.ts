import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { createTemplates } from '../../src/domain/liquid.ts';
import { cases, PATIENCE } from '../support/property.ts';

const { parseTemplate } = createTemplates();

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '{{ a }}',
      '{{ a.b }}',
      '{{ list | join: a }}',
      '{{ a | append: a | upcase }}',
      '{{ a | date: "%Y" }}',
      '{% if a %}',
    ],
    ...[
      '{% endif %}',
      '{% for x in list %}',
      '{% for x in (1..999999999) %}',
      '{% endfor %}',
      '{{ x }}',
      '{% assign a = list %}',
    ],
    ...[
      '{% capture a %}',
      '{% endcapture %}',
      '{% raw %}',
      '{% endraw %}',
      '{% include a %}',
      '{{ a | eval }}',
      '{{',
      '%}',
    ],
    ...['{% increment a %}', '{{ list | where: "b", a | size }}', '{{ a.__proto__.x }}', '{{ a | split: "" | sort }}'],
    ...['{% case a %}', '{% when 1 %}', '{% endcase %}', '{% unless a %}', '{% endunless %}', '{{ a | times: 1e308 }}'],
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);
const template = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const scope = fc.record({ a: fc.jsonValue({ maxDepth: 2 }), list: fc.array(fc.jsonValue({ maxDepth: 1 })) });

function foreseen(error: unknown): void {
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'VALIDATION_ERROR' });
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
          foreseen(error);
        }
        expect(JSON.stringify(values)).toBe(before);
      }),
      cases(400),
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
