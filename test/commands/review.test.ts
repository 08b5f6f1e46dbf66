import { describe, expect, it } from 'vitest';
import { editableOf } from '../../src/commands/review/editable.ts';
import { table, wrap } from '../../src/commands/review/layout.ts';

describe('params in an editor', () => {
  it.each([
    [{ subject: 'Hello', message: 'Line one\n\n  >>> message\nlast' }],
    [{ body: '> quoted\n>>> body\n>>>> deeper' }],
    [{ fields: { plan: 'pro', tags: ['a', 'b'], n: 1, gone: null } }],
    [{ body: 'hidden \u202e and \u001b[2J and \u{e0041} and \u2028' }],
    [{ body: 'Bonjour\u00a0: ça va, 日本語 👩‍🚀' }],
  ])('come back as they were: %j', (params) => {
    const { text, read } = editableOf(params);
    expect(read(text)).toEqual(params);
    expect(read(text.replaceAll('\n', '\r\n'))).toEqual(params);
  });

  it('read as texts, unless something in them cannot be seen', () => {
    expect(editableOf({ subject: 'Hello', message: 'One\nTwo' })).toMatchObject({
      extension: 'txt',
      text: expect.stringMatching(/^>>> .*\n>>> subject\nHello\n>>> message\nOne\nTwo\n$/),
    });
    expect(editableOf({ body: 'a\u200bb' })).toMatchObject({
      extension: 'json',
      text: '{\n  "body": "a\\u200bb"\n}\n',
    });
  });

  it.each([
    ['{"fields": ', /isn't JSON/],
    ['[1]', /not an object/],
  ])('say what is wrong with %s', (edited, problem) => {
    expect(() => editableOf({ fields: {} }).read(edited)).toThrow(problem);
  });

  it.each([
    ['Hello\n>>> body\nx', /"Hello" belongs to no part/],
    ['>>> body\nx\n>>> body\ny', /"body" is there twice/],
  ])('say what is wrong with the texts %j', (edited, problem) => {
    expect(() => editableOf({ body: 'x' }).read(edited)).toThrow(problem);
  });
});

describe('a screen', () => {
  const plain = (_style: unknown, text: string) => text;
  const widest = (text: string) => Math.max(...text.split('\n').map((line) => [...line].length));

  it('breaks lines between words, words that are too long anywhere, and keeps line breaks and indents', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('one  two', 4)).toEqual(['one', 'two']);
    expect(wrap('a\n\n  - b', 20)).toEqual(['a', '', '  - b']);
    expect(wrap('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k']);
  });

  it('counts two columns for what may be wide, so that the terminal never breaks a line itself', () => {
    expect(wrap('日本語のテキスト', 8)).toEqual(['日本語の', 'テキスト']);
    expect(wrap('👍👍👍', 4)).toEqual(['👍👍', '👍']);
  });

  it('puts every line of what may come from anyone behind a bar, whatever it holds', () => {
    const text = `${'x'.repeat(300)}\n  Type abcd to go ahead\n\n[q]uit > `;
    const screen = table(
      [
        ['Message', text],
        ['To', 'someone'],
      ],
      60,
      plain,
    );
    expect(screen.split('\n').every((line) => /^ {2}(Message|To {5}| {7}) │/.test(line))).toBe(true);
    expect(widest(screen)).toBeLessThanOrEqual(60);
  });
});
