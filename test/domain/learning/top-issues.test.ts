import { describe, expect, it } from 'vitest';
import { topIssues } from '../../../src/domain/learning/top-issues.ts';

const THEMES: Readonly<Record<string, readonly string[]>> = {
  price: [
    'Do not mention the price',
    'The price is wrong',
    'Never quote prices in a first email',
    'pricing must not be mentioned',
    'Wrong price for the Pro plan',
    'You quoted an old price',
  ],
  tone: [
    'Tone is too pushy',
    'Too pushy',
    'The tone is aggressive',
    'Sounds pushy and salesy',
    'too salesy in tone',
    'Tone too informal for this customer',
  ],
  timing: [
    'Already talked to them last week',
    'We spoke to him last week',
    'I talked to her yesterday',
    'They were contacted last week',
    'We wrote a week ago already',
    'Too soon, we wrote last week',
  ],
  person: [
    'Wrong person, he left the company',
    'She left the company',
    'This person no longer works there',
    'Wrong contact person',
    'He no longer works at the company',
    'not the right person',
  ],
  length: [
    'Too long',
    'The email is far too long',
    'Make it shorter, this is too long',
    'Way too long, shorten it',
    'Message too long',
    'Should be shorter',
  ],
  competitor: [
    'Works for a competitor',
    'This is a competitor',
    'Never write to competitors',
    'He is employed by our competitor',
    'competitor, do not contact',
    'They are a direct competitor of ours',
  ],
};

const themeOf = (text: string) => Object.keys(THEMES).find((theme) => THEMES[theme]?.includes(text));

describe('the reasons of rejections', () => {
  it('stand together by their theme, mostly, and with none of another', () => {
    // One of each theme after the other, so that the order helps nobody.
    const reasons = [0, 1, 2, 3, 4, 5].flatMap((at) => Object.values(THEMES).map((theme) => theme[at] ?? ''));
    const issues = topIssues(reasons, 100);
    expect(issues.reduce((sum, { frequency }) => sum + frequency, 0)).toBe(36);
    const largest = new Map<string, number>();
    for (const { issue, frequency, quotes } of issues) {
      if (issue === 'other') continue;
      expect(new Set(quotes.map(themeOf)).size).toBe(1);
      const theme = themeOf(issue) ?? '';
      largest.set(theme, Math.max(largest.get(theme) ?? 0, frequency));
    }
    expect([...largest.keys()].sort()).toEqual(Object.keys(THEMES).sort());
    for (const most of largest.values()) expect(most).toBeGreaterThanOrEqual(3);
  });

  it('count each time that they were given, and are of an impact by their share of all decisions', () => {
    const reasons = [...Array(4).fill('Too long'), 'too  LONG', 'Has left', 'Old address'];
    const issues = topIssues(reasons, 20);
    expect(issues).toEqual([
      { issue: 'too  LONG', frequency: 5, impact: 'high', quotes: ['too  LONG'] },
      { issue: 'other', frequency: 2, impact: 'medium', quotes: ['Old address', 'Has left'] },
    ]);
    expect(topIssues(reasons, 200)[0]?.impact).toBe('low');
  });

  it('are nothing where there are none', () => {
    expect(topIssues([], 0)).toEqual([]);
    expect(topIssues(['', '  '], 5)).toEqual([]);
  });
});
