import { describe, expect, it } from 'vitest';
import { h } from '../../panel/base/jsx.ts';
import { likeness, wordDifference } from '../../panel/text/difference.ts';
import { age, ago } from '../../panel/text/times.ts';
import { countedActions, inOneLine, statusWord } from '../../panel/text/words.ts';

const NOW = Date.parse('2026-11-30T10:00:00Z');

describe('the difference of two texts', () => {
  it('is in whole words, and gives both texts back', () => {
    const [before, after] = ['Hi Ada, you looked at our pricing page twice.', 'Hi Ada, you saw our prices twice.'];
    const pieces = wordDifference(before, after);
    const only = (...kinds: string[]) =>
      pieces
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ text }) => text)
        .join('');
    expect(only('same', 'taken')).toBe(before);
    expect(only('same', 'added')).toBe(after);
    expect(only('added').split(/\s+/)).toEqual(['saw', 'prices', '']);
  });

  it('of texts that are too long to compare is all of both, but for what is equal at the ends', () => {
    const words = (word: string) => `begin ${`${word} `.repeat(5_000)}end`;
    const pieces = wordDifference(words('one'), words('two'));
    expect(pieces.map(({ kind }) => kind)).toEqual(['same', 'taken', 'added', 'same']);
    expect(likeness(pieces)).toBeLessThan(0.1);
  });

  it('of equal texts is nothing', () => {
    expect(wordDifference('the same', 'the same')).toEqual([{ text: 'the same', kind: 'same' }]);
    expect(wordDifference('', '')).toEqual([]);
  });
});

describe('words and times', () => {
  it('counts what is of one kind by its name, and what is of several as actions', () => {
    const email = 'email_message';
    expect(countedActions([email])).toBe('1 email');
    expect(countedActions([email, email])).toBe('2 emails');
    expect(countedActions([email, 'note'])).toBe('2 actions');
    expect(statusWord('pending_approval')).toBe('waits');
  });

  it('names letters that nobody sees, and keeps a line one line', () => {
    expect(inOneLine('one\n two\u200b')).toBe('one two⟨U+200B⟩');
  });

  it('says how long ago something was as people say it', () => {
    expect(age('2026-11-30T09:59:30Z', NOW)).toBe('now');
    expect(ago('2026-11-30T09:50:00Z', NOW)).toBe('10 min ago');
    expect(ago('2026-11-27T09:00:00Z', NOW)).toBe('3 d ago');
    expect(age('<script>', NOW)).toBe('');
  });
});

describe('a tree', () => {
  it('has texts and elements, and nothing for what is absent', () => {
    const tree = h('p', { class: 'soft', key: 'a' }, 'one', false, null, ['two', [3, undefined]], '');
    expect(tree).toMatchObject({ tag: 'p', key: 'a', attributes: { class: 'soft' }, children: ['one', 'two', '3'] });
  });
});
