import { describe, expect, it } from 'vitest';
import { spokenParts } from '../../src/voice/spoken-parts.ts';
import { joinedWav, wavOf } from '../../src/voice/wav.ts';
import { spoken, understood } from '../support/speech.ts';

describe('a long answer', () => {
  it('is parted behind sentences, else behind words, else anywhere, and nothing of it is lost', () => {
    expect(spokenParts('One. Two three. Four', 16)).toEqual(['One. Two three.', ' Four']);
    expect(spokenParts('One two three', 8)).toEqual(['One two ', 'three']);
    expect(spokenParts('aaaaaaaaaa', 4)).toEqual(['aaaa', 'aaaa', 'aa']);
    expect(spokenParts('aaa😀b', 4)).toEqual(['aaa', '😀b']);
    expect(spokenParts('short', 4_096)).toEqual(['short']);
    const text = 'It is 3.5 percent! Is it? Yes… 好。再见。\n'.repeat(400);
    const parts = spokenParts(text, 100);
    expect(parts.join('')).toBe(text);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it('is joined again where its parts are wav of one kind', () => {
    const whole = joinedWav([spoken('One. '), spoken('Two.')]);
    expect(whole && understood(whole)).toBe('One. Two.');
    expect(joinedWav([spoken('One. '), wavOf(Buffer.alloc(100), 8_000)])).toBeUndefined();
    expect(joinedWav([spoken('One. '), Buffer.from('ID3 and more')])).toBeUndefined();
  });
});
