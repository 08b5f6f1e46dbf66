import { describe, expect, it } from 'vitest';
import { laidOut, onOneLine, shortLines, shownRecipient } from '../../src/domain/text/form-lines.ts';
import { htmlText, readsTheSame } from '../../src/domain/text/html-text.ts';

describe('the lines of a form', () => {
  it.each([
    ['a line break', 'Pat\nTo: boss@example.com', 'Pat ⏎ To: boss@example.com'],
    ['line breaks of Windows, and blank lines', ' Pat \r\n\r\n\t Lee ', 'Pat ⏎ Lee'],
    ['a line separator', 'Pat\u2028Lee', 'Pat⟨U+2028⟩Lee'],
    ['the mark of our own lines', '▸ To: x', '⟨U+25B8⟩ To: x'],
    ['a letter like that mark', '► To: x ▶', '⟨U+25BA⟩ To: x ⟨U+25B6⟩'],
  ])('keep %s of a name on one line', (_, text, shown) => {
    expect(onOneLine(text)).toBe(shown);
  });

  it('stand below their label, indented, where there are several', () => {
    const lines = laidOut([
      ['Subject', 'Hello'],
      ['Message', 'Hi\n\n▸ To: boss\nBye\n'],
      ['note', ''],
    ]);
    expect(lines).toBe('▸ Subject: Hello\n▸ Message:\n  Hi\n  \n  ⟨U+25B8⟩ To: boss\n  Bye\n▸ note:');
  });

  it('are three short ones at most above the form', () => {
    const head = shortLines([`a${'b'.repeat(200)}`, 'two\nlines', 'three', 'four']).split('\n');
    expect(head).toEqual([`a${'b'.repeat(108)}…`, 'two ⏎ lines', 'three']);
  });

  it.each([
    ['https://BÜCHER.example/a/../b?q=1', 'https://xn--bcher-kva.example/b?q=1'],
    ['http://2130706433/x', 'http://127.0.0.1/x'],
    ['pat@example.com', 'pat@example.com'],
    ['crm/send', 'crm/send'],
  ])('show the recipient %s as it will be reached', (to, shown) => {
    expect(shownRecipient(to)).toBe(shown);
  });
});

describe('HTML', () => {
  it('reads as its words, with the addresses of links', () => {
    const html =
      '<html><body><p>Hi&nbsp;Pat &amp; Lee,</p>\n<ul><li>one</li><li><a href="https://a.example">two</a></li></ul></body></html>';
    const { text, isPlain } = htmlText(html);
    expect(text).toBe('Hi Pat & Lee,\n\none\n\ntwo (https://a.example)');
    expect(isPlain).toBe(true);
    expect(readsTheSame(text, 'Hi Pat & Lee,\none\ntwo (https://a.example)\n')).toBe(true);
    expect(readsTheSame(text, 'Hi Pat & Lee,\none\ntwo')).toBe(false);
  });

  it.each([
    ['a style', '<p style="display:none">Hi</p>'],
    ['a picture', '<p>Hi<img src="https://a.example/x.png"></p>'],
    ['a comment', '<p>Hi</p><!-- Pay -->'],
    ['a style sheet', '<style>p{color:white}</style><p>Hi</p>'],
    ['what is no tag', '<p>Hi</p><'],
    ['a link that does more', '<a onclick="x" href="https://a.example">Hi</a>'],
  ])('is not plain with %s', (_, html) => {
    expect(htmlText(html).isPlain).toBe(false);
  });
});
