import { describe, expect, it } from 'vitest';
import { mergeTagsIn, operatedOutputs } from '../../src/domain/text/merge-tags.ts';

describe("other tools' merge tags", () => {
  it.each([
    '*|FNAME|*',
    '*|IF:FNAME|*',
    '%FIRSTNAME%',
    '%first_name%',
    '%recipient.first_name%',
    '%%FirstName%%',
    '[First Name]',
    '[Your Name]',
    '[COMPANY]',
    '[FNAME]',
    '[firstname,fallback=there]',
    '[Person: First name]',
    '[[first_name]]',
    '[[FIRSTNAME]]',
    '{first_name}',
    '{First Name}',
    '{name}',
    '{$name}',
    '{!Contact.FirstName}',
    '${firstName}',
    '#{first_name}',
    '$[FNAME]$',
    '<<First Name>>',
    '«First Name»',
    '<FIRSTNAME>',
    '<First Name>',
    '~Contact.FirstName~',
    '##first_name##',
    '__FIRST_NAME__',
    '$FIRSTNAME$',
    '%UNSUBSCRIBE_LINK%',
    '$firstname',
    '#FIRSTNAME#',
    '@firstname@',
    '-firstname-',
  ])('are seen: %s', (tag) => {
    expect(mergeTagsIn(`Hi ${tag}, good to see you.`)).toContain(tag);
  });

  it.each([
    'Hi {{ contact.firstname | default: "there" }}, {% if contact.company %}[x]{% endif %}',
    'Save 50% off now and 20% more, 100%.',
    'See https://acme.example/a%20name%20b?x=%C3%A9%E2%82%AC [pricing](https://acme.example) or [Company](/c).',
    'Set %APPDATA% and ${HOME}, {"name": "x"} or {a: 1}.',
    '<p style="x">Hi <b>Ann</b> <Name> &amp; co</p><style>.a { color: red }</style>',
    'Quoted [1], [sic], [...], [x] done, [Email] Re: prices, [URGENT] now',
    'Cost: $5 and $10, 2 * 3 * 4, a|b, ~5~, **bold** and __bold__, « Bonjour »',
    'a << b >> c, #1 ## Title ##',
    'A $100 note, #hiring #name, @acme @name, a first-name-basis, so -called- e-mail-marketing, US$name',
    '{% raw %}{{ first_name }}{% endraw %}',
  ])('are not seen in ordinary text: %s', (text) => {
    expect(mergeTagsIn(text)).toEqual([]);
  });
});

describe('an operator in an output', () => {
  it.each([
    "{{ contact.firstname or 'there' }}",
    '{{ a || b }}',
    '{{ a ? b : c }}',
    '{{ a ?: b }}',
    '{{ a ?? b }}',
    '{{- contact.firstname and contact.lastname -}}',
  ])('is seen: %s', (output) => {
    expect(operatedOutputs(`Hi ${output}.`)).toEqual([output]);
  });

  it.each([
    '{{ contact.firstname | default: "you or him" }}',
    "{{ 'Coming? Say: yes' }}",
    '{% if contact.firstname or contact.lastname %}x{% endif %}',
    '{{ contact.order }} {{ contact.brand }} or {{ now }}',
  ])('is not seen where there is none: %s', (text) => {
    expect(operatedOutputs(text)).toEqual([]);
  });
});
