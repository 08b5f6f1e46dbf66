import { describe, expect, it } from 'vitest';
import { asRead, valueAsRead } from '../../src/domain/text/as-read.ts';

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
  });

  it.each([
    ['Hello Ann', 'Hello Anna'],
    ['no', 'now'],
    ['5 seats', '50 seats'],
    ['Hello, Ann', 'Hello Ann'],
    ['resume', 'résumé'],
  ])('differs where people read something else: %j and %j', (one, other) => {
    expect(asRead(one)).not.toBe(asRead(other));
  });

  it('is the same once more', () => {
    for (const text of ['ẞ ŉ ǰ', 'İstanbul', '\u0345α', '\uffa0x\u1160', 'ﬅ Ⅷ ㎏'])
      expect(asRead(asRead(text))).toBe(asRead(text));
  });
});

describe('a value as people read it', () => {
  it('has each of its texts so, however deep, and its names and everything else as they are', () => {
    const given = { Subject: ' Hi ', list: ['A', { Deep: 'B\u200b' }], n: 5, yes: true, none: null };
    const same = { Subject: 'hi', list: ['a', { Deep: 'b' }], n: 5, yes: true, none: null };
    expect(valueAsRead(given)).toEqual(valueAsRead(same));
    expect(valueAsRead(given)).not.toEqual(valueAsRead({ ...same, n: '5' }));
    expect(valueAsRead({ Deep: 'b' })).not.toEqual(valueAsRead({ deep: 'b' }));
  });
});
