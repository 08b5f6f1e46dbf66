import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { parseTemplate } from '../../src/domain/text/liquid.ts';

function render(text: string, scope: Record<string, unknown> = {}): string {
  return parseTemplate(text, 'rule.reasoning')(scope);
}

function errorOf(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('what a template gives', () => {
  it('fills in values, and nothing for what is missing', () => {
    const contact = { firstname: 'Mara', address: { city: 'Oslo' } };
    const text =
      'Hi {{ contact.firstname }} of {{ contact.address.city }}{{ contact.company }}{{ contact.a.b.c }}{{ nobody.x }}!';
    expect(render(text, { contact })).toBe('Hi Mara of Oslo!');
  });

  it('falls back by the default filter', () => {
    expect(render("Hi {{ contact.firstname | default: 'there' }}", { contact: {} })).toBe('Hi there');
  });

  it('never parses a value as a template', () => {
    const scope = { contact: { firstname: '{{ agent.name }}{% include "x" %}' }, agent: { name: 'secret' } };
    expect(render('Hi {{ contact.firstname }}', scope)).toBe('Hi {{ agent.name }}{% include "x" %}');
  });

  it('reaches own properties only', () => {
    const text = '{{ contact.constructor.name }}{{ contact.toString }}{{ contact.__proto__ }}{{ constructor }}|';
    expect(render(text, { contact: {} })).toBe('|');
  });

  it('renders times in UTC, those without a zone too', () => {
    const scope = {
      a: '2026-03-01T23:30:00+05:00',
      b: '2026-03-01T23:30:00',
      c: '2026-03-01',
      d: 'March 1, 2026 11:30 PM',
    };
    const format = "| date: '%Y-%m-%d %H:%M'";
    expect(render(`{{ a ${format} }}`, scope)).toBe('2026-03-01 18:30');
    expect(render(`{{ b ${format} }}`, scope)).toBe('2026-03-01 23:30');
    expect(render(`{{ c ${format} }}`, scope)).toBe('2026-03-01 00:00');
    expect(render(`{{ d ${format} }}`, scope)).toBe('2026-03-01 23:30');
  });

  it("takes 'now' from the scope", () => {
    const now = '2020-02-03T04:05:06.000Z';
    expect(render("{{ 'now' | date: '%Y-%m-%d' }} {{ now | date: '%H:%M' }} {{ now }}", { now })).toBe(
      `2020-02-03 04:05 ${now}`,
    );
  });

  it('prints an object as JSON, also one whose toString is no function', () => {
    expect(render('{{ contact.odd }}', { contact: { odd: { toString: 1, valueOf: 2 } } })).toBe(
      '{"toString":1,"valueOf":2}',
    );
  });

  it('leaves the scope as it was', () => {
    const contact = { firstname: 'Mara' };
    const scope = { contact, tags: ['b', 'a'] };
    render("{% increment contact %}{% assign tags = tags | sort | reverse %}{{ tags | join: ',' }}", scope);
    expect(scope).toEqual({ contact: { firstname: 'Mara' }, tags: ['b', 'a'] });
  });
});

describe('what is refused when parsing', () => {
  const broken = {
    'an unknown filter': '{{ contact.firstname | shout }}',
    'an unknown tag': '{% shout %}',
    'a filter of the prototype': '{{ contact.firstname | constructor }}',
    'a tag that was not closed': '{% if contact.firstname %}Hi',
    'an output that was not closed': 'Hi {{ contact.firstname',
    'a closing tag alone': 'Hi {% endif %}',
    include: '{% include "/etc/passwd" %}',
    render: '{% render "/etc/passwd" %}',
    layout: '{% layout "/etc/passwd" %}',
    block: '{% block a %}{% endblock %}',
    'include inside liquid': '{% liquid\n include "/etc/passwd" %}',
    'a filter that runs text from data': '{{ events | where_exp: "item", contact.firstname }}',
    'nesting without end': '{% if a %}'.repeat(900),
    'brackets without end': `{{ ${'a['.repeat(20_000)} }}`,
    'a text that is too long': '{{ a }}'.repeat(20_000),
  };
  it.each(Object.entries(broken))('%s', (_name, text) => {
    const error = errorOf(() => parseTemplate(text, 'playbook.rules[1].reasoning'));
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(Object.keys(error.details ?? {})).toEqual(['playbook.rules[1].reasoning']);
    expect(error.message).toContain('playbook.rules[1].reasoning');
  });

  it('names the tag or filter', () => {
    expect(errorOf(() => parseTemplate('{{ a | shout }}', 'p')).message).toContain('undefined filter: shout');
    expect(errorOf(() => parseTemplate('{% include "a" %}', 'p')).message).toContain('templates read no files');
  });
});

describe('what fails instead of hanging', () => {
  const many = Array.from({ length: 3_000 }, (_, at) => ({ at }));
  const greedy = {
    'a range without end': '{% for i in (1..100000000) %}{% endfor %}',
    'loops in loops': '{% for a in many %}{% for b in many %}{% for c in many %}{% endfor %}{% endfor %}{% endfor %}',
    'a search in a loop': '{% for a in many %}{{ many | find: "x" }}{% endfor %}',
    'a table without end': '{% tablerow i in (1..400000) %}{{ i }}{% endtablerow %}',
    'doubling by capture': `{% capture x %}aaaaaaaa{% endcapture %}${'{% capture x %}{{ x }}{{ x }}{% endcapture %}'.repeat(40)}`,
    'doubling by append': `{% assign x = 'aaaa' %}${'{% assign x = x | append: x %}'.repeat(40)}`,
    'a wide date': "{{ '2026-01-01' | date: '%900000000d' }}",
    'a text from data that is too long': '{{ long }}',
    'a long text that shrinks, again and again':
      '{% for i in (1..1000) %}{{ half | replace: "x", "" | size }}{% endfor %}',
    'a long text that is read again and again': '{% for i in (1..1000) %}{{ half | slugify | size }}{% endfor %}',
    'a list that is sorted again and again':
      '{% for i in (1..1000) %}{{ many | sort_natural: "at" | size }}{% endfor %}',
  };
  it.each(Object.entries(greedy))('%s', (_name, text) => {
    const template = parseTemplate(text, 'p');
    const error = errorOf(() => template({ many, long: 'x'.repeat(2_000_000), half: 'x'.repeat(500_000) }));
    expect(error.code).toBe('LIMIT_EXCEEDED');
    expect(error.details).toEqual({
      p: expect.stringMatching(/^(?:needs more than 1,000,000 steps and characters|takes longer than 25 ms)$/),
    });
  });

  it('still gives the next contact its text', () => {
    const template = parseTemplate('{% for i in (1..contact.n) %}{{ i }}{% endfor %}', 'p');
    expect(() => template({ contact: { n: 5_000_000 } })).toThrow(AppError);
    expect(template({ contact: { n: 3 } })).toBe('123');
  });
});
