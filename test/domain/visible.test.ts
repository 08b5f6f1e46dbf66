import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeUnseen, hidesSomething, visible, visibleAddress } from '../../src/domain/text/visible.ts';
import { cases } from '../support/property.ts';

/** Every default-ignorable code point of Unicode; there are some four thousand. */
const IGNORABLE = Array.from({ length: 0x110000 }, (_, point) => point).filter((point) =>
  /\p{Default_Ignorable_Code_Point}/u.test(String.fromCodePoint(point)),
);

describe('what a person sees before deciding', () => {
  it.each([
    ['a right-to-left override', 'invoice\u202efdp.exe', 'invoice⟨U+202E⟩fdp.exe'],
    ['an isolate', '\u2066hidden\u2069', '⟨U+2066⟩hidden⟨U+2069⟩'],
    ['a zero-width space', 'pay\u200bpal', 'pay⟨U+200B⟩pal'],
    ['a joiner at the end', 'x\u200d', 'x⟨U+200D⟩'],
    ['a joiner between letters', 'pay\u200dpal', 'pay⟨U+200D⟩pal'],
    ['a grapheme joiner', 'pay\u034fpal', 'pay⟨U+034F⟩pal'],
    ['vowels of Khmer that are never shown', 'a\u17b4\u17b5b', 'a⟨U+17B4⟩⟨U+17B5⟩b'],
    ['the selector of emoji after a letter', 'a\ufe0fb', 'a⟨U+FE0F⟩b'],
    ['selectors after that of an emoji', '❤️\ufe0f\ufe01', '❤️⟨U+FE0F⟩⟨U+FE01⟩'],
    ['a joiner after an emoji that joins nothing', '❤️\u200dok', '❤️⟨U+200D⟩ok'],
    ['a soft hyphen', 'pay\u00adpal', 'pay⟨U+00AD⟩pal'],
    ["Mongolia's vowel separator", 'a\u180eb', 'a⟨U+180E⟩b'],
    ['an escape sequence', '\u001b[2Jgone', '⟨U+001B⟩[2Jgone'],
    ['a lone carriage return', 'to: me\rto: you', 'to: me⟨U+000D⟩to: you'],
    ['a line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
    ['tag characters', 'hi\u{e0041}', 'hi⟨U+E0041⟩'],
    ['a variation selector that carries a byte', 'a\u{e0141}b', 'a⟨U+E0141⟩b'],
    ['a filler', 'a\u3164b', 'a⟨U+3164⟩b'],
    ['a lone surrogate', 'a\ud800b', 'a⟨U+D800⟩b'],
  ])('names %s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('leaves plain text, line breaks, accents, scripts and emoji as they are', () => {
    const text = 'Hallo Zoë,\n\n\tनमस्ते 你好 مرحبا 👩‍💻 ❤️ ok';
    expect(visible(text)).toBe(text);
    expect(visible('a\r\nb')).toBe('a\nb');
  });

  it('marks every code point that is ignorable, a control or a separator, and nothing that is seen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x10ffff }), (point) => {
        const character = String.fromCodePoint(point);
        const shown = visible(`a${character}b`);
        const mark = `a⟨U+${point.toString(16).toUpperCase().padStart(4, '0')}⟩b`;
        const isUnseen = /[\p{Default_Ignorable_Code_Point}\p{C}\p{Zl}\p{Zp}]/u.test(character);
        if (character === '\n' || character === '\t') expect(shown).toBe(`a${character}b`);
        else if (isUnseen) expect(shown).toBe(mark);
        else if (/\p{Zs}/u.test(character)) expect([mark, 'a b', `a${character}b`]).toContain(shown);
        else if (point !== 0x2800) expect(shown).toBe(`a${character}b`);
      }),
      { numRuns: 20_000, examples: IGNORABLE.map((point): [number] => [point]) },
    );
  });

  it('says the same of a text that it has made visible', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(visible(text))).toBe(visible(text));
        expect(hidesSomething(visible(text))).toBe(hidesSomething(text));
        expect(JSON.parse(escapeUnseen(JSON.stringify(text)))).toBe(text);
      }),
      cases(100),
    );
  });
});

describe('where something goes', () => {
  it.each([
    ['sam@example.com', 'sam@example.com'],
    ['sam@EXAMPLE.com', 'sam@EXAMPLE.com'],
    ['sam@bücher.example', 'sam@bücher.example (xn--bcher-kva.example)'],
    ['sam@exаmple.com', 'sam@exаmple.com (xn--exmple-4nf.com)'],
    ['sаm@example.com', 's⟨U+0430 а⟩m@example.com'],
    ['sa\u200bm\n@example.com', 'sa⟨U+200B⟩m⟨U+000A⟩@example.com'],
    ['sam@exam\u200bple.com', 'sam@exam⟨U+200B⟩ple.com (example.com)'],
    ['sam@a⟩.b c', 'sam@a⟩.b c (no valid host)'],
    ['https://HOOKS.example/a b', 'https://hooks.example/a%20b'],
    ['https://bücher.example/x', 'https://xn--bcher-kva.example/x, host bücher.example (xn--bcher-kva.example)'],
    ['crm/send\u202e', 'crm/send⟨U+202E⟩'],
  ])('is shown for %j', (address, shown) => {
    expect(visibleAddress(address)).toBe(shown);
  });
});
