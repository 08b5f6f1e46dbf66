import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inRows } from '../../src/domain/text/rows.ts';

describe('a text in rows', () => {
  it('leaves nothing out but spaces, and no row is too long, whatever the text', () => {
    const texts = fc.string({ unit: fc.constantFrom(' ', ' ', 'a', 'b', '\n', '漢', '"'), maxLength: 200 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 9, max: 60 }), (text, columns) => {
        const rows = inRows(text, columns);
        expect(rows.join('').replaceAll(' ', '')).toBe(text.replace(/[ \n]/g, ''));
        for (const row of rows) expect(row.length + row.replace(/[^漢"]/g, '').length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
