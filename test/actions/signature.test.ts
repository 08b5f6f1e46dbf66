import { describe, expect, it } from 'vitest';
import { withHtmlSignature, withSignature } from '../../src/actions/signature.ts';

const SAM = 'Sam Rivera\nAcme';
const SIGNED = 'Hi\n\n-- \nSam Rivera\nAcme';

describe('a signature', () => {
  it.each([
    ['as it is', 'Hi', SAM],
    ['with its own separator', 'Hi', `--\n${SAM}`],
    ['with its own separator and a space', 'Hi', `-- \n${SAM}`],
    ['with a dash', 'Hi', `—\n${SAM}`],
    ['with a rule and an empty line', 'Hi', `-----\n\n${SAM}\n`],
    ['in the line ends of Windows', 'Hi', `--\r\n${SAM.replace('\n', '\r\n')}\r\n`],
    ['of a message that ends with a separator', 'Hi\n\n--\n', `--\n${SAM}`],
    ['of a message that has one already', `Hi\n\n-- \n${SAM}`, SAM],
    ['of a message that has one with a dash', `Hi\r\n\r\n—\r\n${SAM.replace('\n', '\r\n')}`, SAM],
    ['with its own separator and a space that does not break', 'Hi', `--\u00a0\n${SAM}`],
    ['with its own separator before the name', 'Hi', `-- ${SAM}`],
    ['of a message that has a space that does not break', `Hi\n\n--\u00a0\nSam`, SAM],
    ['of a message with the name behind the separator', 'Hi\n\n-- Sam', SAM],
    ['of a message with the name behind a dash', 'Hi\n\n— Sam Rivera\nAcme', `--\n${SAM}`],
    ['of a message signed with the name alone', 'Hi\n--\nSam', SAM],
  ])('%s stands once, behind one separator', (_, message, signature) => {
    expect(withSignature(message, signature)).toBe(SIGNED);
  });

  it('follows what a message has below its separator, where that is something else', () => {
    expect(withSignature('Hi\n\n--\nBest\nKim', SAM)).toBe('Hi\n\n-- \nBest\nKim\nSam Rivera\nAcme');
  });

  it('leaves a line that begins with a dash and names nobody', () => {
    expect(withSignature('Hi\n\n-- so we said', SAM)).toBe(`Hi\n\n-- so we said\n\n-- \n${SAM}`);
  });

  it('leaves a divider alone that stands far above the end', () => {
    const long = `One\n--\n${'line\n'.repeat(20)}end`;
    expect(withSignature(long, SAM)).toBe(`${long}\n\n-- \n${SAM}`);
  });

  it.each(['', '  ', '--', '—\n'])('%j is none', (signature) => {
    expect(withSignature('Hi\n--\nKim\n', signature)).toBe('Hi\n--\nKim\n');
    expect(withHtmlSignature('<p>Hi</p>', signature)).toBe('<p>Hi</p>');
  });
});

describe('the signature of an HTML version', () => {
  const separators = (html: string) => html.match(/(?:--|—|&mdash;)\s*(?=<)/g)?.length;

  it.each([
    ['none', '<body><p>Hi</p></body>', `--\n${SAM}`],
    ['a bare separator', '<p>Hi</p><p>--</p>', SAM],
    ['a dash', '<p>Hi</p><p>&mdash;</p>', SAM],
    ['a name alone', '<p>Hi</p><div>-- <br>Sam</div>', `--\n${SAM}`],
    ['the signature', '<p>Hi</p><p>--<br>Sam Rivera<br>Acme</p>', SAM],
  ])('where it has %s: one separator, and the signature', (_, html, signature) => {
    const signed = withHtmlSignature(html, signature);
    expect(separators(signed)).toBe(1);
    expect(signed).toMatch(/Sam Rivera<br>\s*Acme/);
    expect(signed.match(/Rivera/g)).toHaveLength(1);
  });

  it('stands within the body, escaped', () => {
    expect(withHtmlSignature('<body><p>Hi</p></body>', 'R&D <x>')).toBe(
      '<body><p>Hi</p>\n<p>-- <br>\nR&amp;D &lt;x&gt;</p>\n</body>',
    );
  });
});
