import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asRead, readAlike } from '../../src/domain/text/as-read.ts';
import { cases, PATIENCE } from '../support/property.ts';

/** Letters of many kinds that join, vanish, fold or stand between words, among plain ones. */
const LETTERS = [
  ...'aAbB<=e .\n\t\r\u000b\u00a0\u0085\u200b\u00ad\u0301\u0338\u0345\u0007\u007f\u2800\ufe0f',
  ...[
    'é',
    'ß',
    'ss',
    'ſ',
    'ﬁ',
    'fi',
    'Σ',
    'ς',
    'σ',
    'İ',
    'i\u0307',
    'ı',
    'Ａ',
    '\u1160',
    '\u{e0041}',
    '\u{1f600}',
    '\u2028',
  ],
];
const text = fc.array(fc.constantFrom(...LETTERS), { maxLength: 8 }).map((letters) => letters.join(''));
/** Two texts that begin the same more often than not. */
const pair = fc.oneof(
  fc.tuple(text, text),
  fc.tuple(text, text, text).map(([front, one, other]): [string, string] => [front + one, front + other]),
);

it('two texts are alike exactly where both read the same', { timeout: PATIENCE }, () => {
  fc.assert(
    fc.property(pair, ([one, other]) => {
      expect(readAlike(one, other)).toBe(asRead(one) === asRead(other));
    }),
    cases(50_000),
  );
});
