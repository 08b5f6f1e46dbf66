import { describe, expect, it } from 'vitest';
import { visible, visibleAddress } from '../../src/domain/text/visible.ts';

describe('what a person sees before deciding', () => {
  it.each([
    ['a right-to-left override', 'invoice\u202efdp.exe', 'invoice⟨U+202E⟩fdp.exe'],
    ['an isolate', '\u2066hidden\u2069', '⟨U+2066⟩hidden⟨U+2069⟩'],
    ['a zero-width space', 'pay\u200bpal', 'pay⟨U+200B⟩pal'],
    ['a joiner at the end', 'x\u200d', 'x⟨U+200D⟩'],
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

  it('shows the ASCII form of a domain that could look like another', () => {
    expect(visibleAddress('sam@example.com')).toBe('sam@example.com');
    expect(visibleAddress('sam@exаmple.com')).toBe('sam@exаmple.com (domain xn--exmple-4nf.com)');
  });
});
