import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey, isAddress, wireAddress } from '../../src/domain/contacts/address.ts';
import { visibleAddress } from '../../src/domain/text/visible.ts';
import { cases } from '../support/property.ts';

describe('an address', () => {
  it.each([
    ['Mira@Alder.Example', 'mira@alder.example'],
    ['mailto:m@alder.example', 'm@alder.example'],
    ['MAILTO:<m@alder.example>;', 'm@alder.example'],
    ["'m@alder.example'", 'm@alder.example'],
    ['“m@alder.example” ', 'm@alder.example'],
    ['n@alder.example;', 'n@alder.example'],
    ["o'neil@x.example", "o'neil@x.example"],
    ['sam@BÜCHER.example', 'sam@xn--bcher-kva.example'],
    ['sam@xn--bcher-kva.example', 'sam@xn--bcher-kva.example'],
    ['u\u0308@x.example', '\u00fc@x.example'],
    ['a.b+c@d.example', 'a.b+c@d.example'],
    ['mailto:%61nn@d.example?subject=Hi%20you', 'ann@d.example'],
    ['a%61@d.example', 'a%61@d.example'],
    ['a@x-y.example', 'a@x-y.example'],
  ])('written %j goes on the wire as %s', (text, wire) => {
    expect(wireAddress(text)).toBe(wire);
    expect(addressKey(text)).toBe(wire);
  });

  it.each([
    '[o@alder.example]',
    'Ann <a@b.example>',
    'a@b.example, c@d.example',
    'a@b.example; c@d.example',
    'a@b.example ::: c@d.example',
    'a@b..example',
    'a..b@c.example',
    '.a@c.example',
    'a.@c.example',
    'ü..b@c.example',
    'a@x-.example',
    'a@b.x-',
    'a@ü-.example',
    'a\ufe0f@c.example',
    'a\u034f@c.example',
    'mailto:a%40b@c.example',
    'mailto:a@b.example,c@d.example',
    '"a b"@c.example',
    'a@127.0.0.1',
    'a@2130706433',
    'a@[127.0.0.1]',
    '=?utf-8?q?a?=@b.example',
    'a\u200b@b.example',
    '@',
    'mailto:',
    `${'a'.repeat(250)}@b.example`,
  ])('is none in %j', (text) => {
    expect(wireAddress(text)).toBeUndefined();
    expect(addressKey(text)).toBe(text.trim().toLowerCase());
  });

  it('is the same when it is read again', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(part, part, (local, domain) => {
        const wire = wireAddress(`${local}@${domain}.example`);
        if (wire !== undefined) expect(wireAddress(wire)).toBe(wire);
      }),
      cases(2_000),
    );
  });

  it('is none where its normal form holds what an address may not', () => {
    expect(wireAddress('a\u037e#@example.com')).toBeUndefined();
    expect(wireAddress('\u1fef#@example.com')).toBeUndefined();
  });

  it('of a sender stands alone', () => {
    expect(isAddress('Sam@Sender.example')).toBe(true);
    expect(isAddress('mailto:sam@sender.example')).toBe(false);
  });

  it('in ASCII is shown with the letters that its host stands for', () => {
    expect(visibleAddress('sam@xn--bcher-kva.example')).toBe('sam@bücher.example (xn--bcher-kva.example)');
  });
});
