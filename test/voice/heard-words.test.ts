import { describe, expect, it } from 'vitest';
import { isSpoken } from '../../src/voice/heard-words.ts';

const MANY = 300_000;

describe('a transcript', () => {
  it.each([
    ['(door closes) Hello', true],
    ['[BLANK_AUDIO] [ _BEG_ ] *sighs* ♪ la ♪ (music)', false],
    ['a [remark that never closes', true],
    ['[remark that never closes', true],
    ['*** ♪ (((', false],
    ['(a (b) c)', true],
    ['[a) yes', true],
    ['* one * two * three *', true],
  ])('is of speech, or of remarks about sounds alone: %s', (text, isSo) => {
    expect(isSpoken(text)).toBe(isSo);
  });

  it.each(['[', '(', '[(', '<'])('of marks that never close holds nobody up: %s', (mark) => {
    expect(isSpoken(mark.repeat(MANY))).toBe(false);
    expect(isSpoken(`${mark.repeat(MANY)} b`)).toBe(true);
  });
});
