import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvRow } from '../../src/domain/text/csv-row.ts';

describe('a row of CSV', () => {
  it('reads back as it was, whatever stands in it', () => {
    const row = ['plain', 'a, b', 'say "no"', 'two\r\nlines', 'semi;colon', '', 'ü'];
    expect(parse(csvRow(row))).toEqual([row]);
    expect(csvRow(['x', undefined, 3, true])).toBe('x,,3,true\r\n');
  });

  it.each([
    '=1+1',
    '+1',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '  =1',
    '"=1',
    "'=1",
    '\u00a0=1',
    '\u200b=1',
    '\ufeff@x',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '\n=1',
    '\tx',
  ])('puts an apostrophe before %j, which a spreadsheet could run', (text) => {
    expect(parse(csvRow([text]))).toEqual([[`'${text}`]]);
  });

  it('leaves alone what is no formula', () => {
    expect(parse(csvRow(['a=b', 'x@example.com', '1-2', '2026-01-01']))).toEqual([
      ['a=b', 'x@example.com', '1-2', '2026-01-01'],
    ]);
  });
});
