import { describe, expect, it } from 'vitest';
import { asRead, readAlike } from '../../src/domain/text/as-read.ts';

describe('a text as people read it', () => {
  it.each([
    ['case', 'Hello ANN', 'hello ann'],
    ['letters that are two in capitals', 'Straße', 'STRASSE'],
    ['a sigma at the end', 'ΟΔΟΣ', 'οδος'],
    ['accents in one letter or two', 'Café', 'Cafe\u0301'],
    ['ligatures', 'ﬁne o\ufb03ce', 'fine office'],
    ['full-width letters', 'Ｈｅｌｌｏ', 'Hello'],
    ['white space at the ends', '  Hello\n', 'Hello'],
    ['line breaks', 'Hello\r\n\r\nAnn', 'Hello Ann'],
    ['no-break spaces', 'Hello\u00a0\u202fAnn', 'Hello Ann'],
    ['zero-width spaces and joiners', 'He\u200bl\u2060lo\ufeff', 'Hello'],
    ['soft hyphens', 'Hel\u00adlo', 'Hello'],
    ['bidi controls', '\u202eHello\u202c', 'Hello'],
    ['tag characters', 'Hello\u{e0041}\u{e0042}', 'Hello'],
    ['variation selectors', 'I \u2764\ufe0f it', 'I \u2764 it'],
    ['fillers', 'Hel\u3164lo\u115f', 'Hello'],
    ['controls', 'Hel\u0007lo', 'Hello'],
  ])('is the same whatever its %s', (_, one, other) => {
    expect(asRead(one)).toBe(asRead(other));
    expect([readAlike(one, other), readAlike(other, one)]).toEqual([true, true]);
  });

  it.each([
    ['Hello Ann', 'Hello Anna'],
    ['no', 'now'],
    ['5 seats', '50 seats'],
    ['Hello, Ann', 'Hello Ann'],
    ['resume', 'résumé'],
    ['Hello', 'Hello Ann'],
    ['a b', 'ab'],
    ['é b', 'éb'],
    ['', 'a'],
  ])('differs where people read something else: %j and %j', (one, other) => {
    expect(asRead(one)).not.toBe(asRead(other));
    expect([readAlike(one, other), readAlike(other, one)]).toEqual([false, false]);
  });

  it('is the same once more', () => {
    for (const text of ['ẞ ŉ ǰ', 'İstanbul', '\u0345α', '\uffa0x\u1160', 'ﬅ Ⅷ ㎏'])
      expect(asRead(asRead(text))).toBe(asRead(text));
  });
});

describe('values', () => {
  it('are alike where each of their texts is, however deep, and their names and all else are the same', () => {
    const given = { Subject: ' Hi ', list: ['A', { Deep: 'B\u200b' }], n: 5, yes: true, none: null };
    const same = { list: ['a', { Deep: 'b' }], Subject: 'hi', n: 5, yes: true, none: null };
    expect(readAlike(given, same)).toBe(true);
    for (const other of [
      { ...same, n: '5' },
      { ...same, more: 1 },
      { ...same, none: 'null' },
      { ...same, list: ['a'] },
    ])
      expect([readAlike(given, other), readAlike(other, given)]).toEqual([false, false]);
    expect(readAlike({ Deep: 'b' }, { deep: 'b' })).toBe(false);
    expect(readAlike({ a: undefined }, { b: undefined })).toBe(false);
  });
});
