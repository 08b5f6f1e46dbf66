import { describe, expect, it } from 'vitest';
import { inBundleWords } from '../../src/domain/text/bundle-words.ts';

const BUNDLE = { COUNTERSIGN_BUNDLE: '1' };

describe('an error for somebody whose client runs the bundle', () => {
  it.each([
    [
      'Writing /a/b.json failed (EIO at /a). Nothing was changed. Run `countersign doctor` to see what is wrong.',
      'Writing /a/b.json failed (EIO at /a). Nothing was changed.',
    ],
    ['The address is marked as bounced; countersign consent ADDRESS lifts that.', 'The address is marked as bounced.'],
    [
      'It is a link. Move it away, put the true file back, then run `countersign doctor`. Or set COUNTERSIGN_HOME.',
      'It is a link. Move it away, put the true file back. Or set "Home" in this extension\'s settings.',
    ],
    ['Set ANTHROPIC_API_KEY.', 'Set "Anthropic API key" in this extension\'s settings.'],
    ['Nothing of ours is in this.', 'Nothing of ours is in this.'],
  ])('tells no command and no variable: %s', (text, told) => {
    expect(inBundleWords(text, BUNDLE)).toBe(told);
    expect(inBundleWords(text, {})).toBe(text);
  });
});
