import { describe, expect, it } from 'vitest';
import { openersOf } from '../../src/net/desk/browser.ts';

const URL = 'http://localhost:7878/#ticket=abc&row=run_1/ann%2F%22;x/0';

describe('the program that opens the desk', () => {
  it.each([
    ['linux', { command: 'xdg-open', args: [URL] }],
    ['darwin', { command: 'open', args: [URL] }],
    ['win32', { command: 'start', args: ['', URL] }],
  ] as const)('is the platform’s own on %s, and gets the link as one argument', (platform, opener) => {
    expect(openersOf(URL, {}, platform)).toEqual([opener]);
  });

  it.each([
    ['firefox', [{ command: 'firefox', args: [URL] }]],
    ['firefox %s', [{ command: 'firefox', args: [URL] }]],
    ['firefox --url="%s" --new', [{ command: 'firefox', args: [`--url=${URL}`, '--new'] }]],
    ["'/my apps/browser' '%s'", [{ command: '/my apps/browser', args: [URL] }]],
    [
      '/my apps/browser',
      [
        { command: '/my apps/browser', args: [URL] },
        { command: '/my', args: ['apps/browser', URL] },
      ],
    ],
    [
      'firefox:chromium',
      [
        { command: 'firefox', args: [URL] },
        { command: 'chromium', args: [URL] },
      ],
    ],
    ['echo 100%% %s', [{ command: 'echo', args: ['100%', URL] }]],
    ['evil; rm -rf / %s', [{ command: 'evil;', args: ['rm', '-rf', '/', URL] }]],
  ])('is what $BROWSER names: %s', (browser, openers) => {
    expect(openersOf(URL, { BROWSER: browser }, 'linux')).toEqual(openers);
  });

  it('takes what the link holds for no part of a command', () => {
    const link = 'http://localhost/#row=$(id)/%s/$&/0';
    expect(openersOf(link, { BROWSER: 'b "%s"' }, 'linux')).toEqual([{ command: 'b', args: [link] }]);
  });
});
