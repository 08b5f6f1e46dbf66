import { describe, expect, it } from 'vitest';
import { ruleSchema } from '../../src/domain/agents/rule.ts';
import { AppError } from '../../src/domain/base/errors.ts';
import { compileRules } from '../../src/evaluators/playbook-rules.ts';

function refusal(rules: unknown[], config: Record<string, unknown> = {}): AppError {
  try {
    compileRules({ rules: rules.map((rule) => ruleSchema.parse(rule)), config }, 'playbook.rules');
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the rules were accepted');
}

describe('what is refused when saved', () => {
  it('names every broken filter and template at once', () => {
    const error = refusal([
      { name: 'a', when: { contact: { $where: 'true' }, events: [{}, { match: { x: { $foo: 1 } } }] }, propose: [] },
      {
        name: 'b',
        when: { recent_actions: [{ match: { $where: '1' } }] },
        propose: [
          { type: 'email_message', params: { subject: '{{ a | shout }}', fields: { list: ['ok', '{% if a %}'] } } },
        ],
        reasoning: '{% include "a" %}',
      },
    ]);
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(Object.keys(error.details ?? {}).sort()).toEqual([
      'playbook.rules[0].when.contact.$where',
      'playbook.rules[0].when.events[1].match.x.$foo',
      'playbook.rules[1].propose[0].params.fields.list[1]',
      'playbook.rules[1].propose[0].params.subject',
      'playbook.rules[1].reasoning',
      'playbook.rules[1].when.recent_actions[0].match.$where',
    ]);
    expect(error.message).toContain('playbook.rules[0].when.contact.$where');
  });

  it('refuses names of the prototype and endless nesting', () => {
    const polluted: unknown = JSON.parse('{"fields":{"__proto__":{"admin":true}}}');
    const rule = (params: unknown): unknown => ({ name: 'a', propose: [{ type: 'crm_update', params }] });
    expect(Object.keys(refusal([rule(polluted)]).details ?? {})).toEqual([
      'playbook.rules[0].propose[0].params.fields.__proto__',
    ]);
    let deep: unknown = 'x';
    for (let level = 0; level < 100; level++) deep = { deep };
    expect(refusal([rule({ deep })]).details).toEqual({
      'playbook.rules[0].propose[0].params': 'nests deeper than 64 levels',
    });
  });

  it('refuses a window that the playbook’s settings make no window of', () => {
    const within = '{{ agent.playbook.config.wait_days | default: 5 }}d';
    const rule = { name: 'a', when: { events: [{ within: '7d' }, { within }] }, propose: [] };
    expect(refusal([rule], { wait_days: 'a week' }).details).toEqual({
      'playbook.rules[0].when.events[1].within':
        'gives "a weekd": a window is a number followed by m, h, d or w, such as "7d". See what playbook.config sets',
    });
    const broken = { name: 'a', when: { events: [{ within: '{{ 5 | shout }}d' }] }, propose: [] };
    expect(Object.keys(refusal([broken]).details ?? {})).toEqual(['playbook.rules[0].when.events[0].within']);
  });
});
