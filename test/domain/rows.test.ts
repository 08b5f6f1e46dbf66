import { describe, expect, it } from 'vitest';
import { inRows } from '../../src/domain/text/rows.ts';

describe('a text in rows', () => {
  it('is broken at spaces, keeps its lines and the indent of each', () => {
    expect(inRows('one two three\n\n  - four five six', 9)).toEqual([
      'one two',
      'three',
      '',
      '  - four',
      '  five',
      '  six',
    ]);
  });

  it('breaks a word that is longer than a row, and counts wide letters as two', () => {
    expect(inRows('abcdefghijklm', 10)).toEqual(['abcdefghij', 'klm']);
    expect(inRows('漢字漢字漢字', 9)).toEqual(['漢字漢字', '漢字']);
  });
});
