import { describe, expect, it } from 'vitest';
import { read, refusal } from './readings.ts';
import {
  CONVERRA_EXAMPLE,
  MAKE_BODY,
  PATHBOUND_EXAMPLE,
  TALKIFAI_PIPELINE,
  TALKIFAI_REALTIME,
  TALKIFAI_TEXT,
} from './seeds.ts';

describe('a body that does not fit', () => {
  it.each([
    ['converra', { ...CONVERRA_EXAMPLE, llmModel: undefined }, 'llmModel', /missing/],
    ['converra', { ...CONVERRA_EXAMPLE, temperature: 2.1 }, 'temperature', /2/],
    ['converra', { ...CONVERRA_EXAMPLE, maxTokens: 0.5 }, 'maxTokens', /./],
    ['converra', { ...CONVERRA_EXAMPLE, tags: 'support' }, 'tags', /array/],
    ['converra', { ...CONVERRA_EXAMPLE, content: '  ' }, 'content', /blank/],
    ['converra', { ...CONVERRA_EXAMPLE, content: 'x'.repeat(100_001) }, 'content', /100000/],
    ['converra', { ...CONVERRA_EXAMPLE, colour: 'red' }, 'colour', /unknown field; the fields are name, content/],
    ['make', { ...MAKE_BODY, systemPrompt: '' }, 'systemPrompt', />=1/],
    ['make', { ...MAKE_BODY, teamId: '7' }, 'teamId', /expected number/],
    ['make', { ...MAKE_BODY, makeConnectionId: undefined }, 'makeConnectionId', /missing/],
    ['talkifai', { ...TALKIFAI_PIPELINE, stt: undefined }, 'stt', /required by agentArchitecture "pipeline"/],
    ['talkifai', { ...TALKIFAI_REALTIME, realtimeProvider: undefined }, 'realtimeProvider', /required/],
    ['talkifai', { ...TALKIFAI_TEXT, model: undefined }, 'model', /required/],
    ['talkifai', { ...TALKIFAI_TEXT, voiceId: 'alloy' }, 'voiceId', /no voice/],
    ['talkifai', { ...TALKIFAI_TEXT, mode: 'secret' }, 'mode', /private/],
    ['pathbound', { ...PATHBOUND_EXAMPLE, name: undefined }, 'name', /missing/],
    [
      'pathbound',
      { ...PATHBOUND_EXAMPLE, monitoring: { max_contacts_per_run: 0 } },
      'monitoring.max_contacts_per_run',
      />=1/,
    ],
    ['pathbound', { ...PATHBOUND_EXAMPLE, monitoring: { cron: '* * * * *' } }, 'monitoring.cron', /unknown field/],
    [
      'pathbound',
      { ...PATHBOUND_EXAMPLE, require_approval: true, approval: { require_approval: false } },
      'require_approval',
      /contradicts/,
    ],
    ['pathbound', { ...PATHBOUND_EXAMPLE, llm_config: { temperature: 'hot' } }, 'llm_config.temperature', /number/],
    ['pathbound', { ...PATHBOUND_EXAMPLE, playbook: { rules: [{ propose: [] }] } }, 'playbook.rules[0].name', /./],
  ] as const)('is refused by %s with the field: %#', (name, body, path, problem) => {
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
    const { code, details, message } = refusal(name, given);
    expect(code).toBe('VALIDATION_ERROR');
    expect(details).toEqual({ [path]: expect.stringMatching(problem) });
    expect(message).toContain(path);
  });

  it.each([
    ['no object', [1]],
    ['a text', 'agent'],
    ['nothing', null],
    ['too deep', { ...CONVERRA_EXAMPLE, x: JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`) }],
    ['with a prototype', JSON.parse('{"name":"n","content":"c","llmModel":"m","x":{"__proto__":{"enabled":true}}}')],
    ['with half a character', { ...CONVERRA_EXAMPLE, x: { y: 'a\ud800' } }],
  ])('is refused: %s', (_what, body) => {
    expect(refusal('converra', body, 'document').code).toBe('VALIDATION_ERROR');
  });

  it('loses its largest fields where more would be kept than there is room for, and says so', () => {
    const body = { ...CONVERRA_EXAMPLE, big: 'x'.repeat(15_000), small: 'y', large: 'z'.repeat(10_000) };
    const { kept, not_carried } = read('converra', body, 'document');
    expect(Object.keys(kept)).toEqual(['small', 'large']);
    expect(not_carried).toEqual([{ path: 'big', why: expect.stringContaining('15002 characters') }]);
    const format = { type: 'own', schema: 'x'.repeat(30_000) };
    expect(refusal('make', { ...MAKE_BODY, outputParserFormat: format })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { outputParserFormat: 'too large to keep' },
    });
  });

  it('is refused where it holds more values than one agent has', () => {
    const body = { ...CONVERRA_EXAMPLE, x: Array.from({ length: 30_000 }, () => 1) };
    expect(refusal('converra', body, 'document')).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('is never read as another type: every field takes its own type alone', () => {
    const wrong = [0, 'x', true, {}, [{}], [1]];
    for (const name of ['converra', 'make', 'talkifai'] as const) {
      const body = { converra: CONVERRA_EXAMPLE, make: MAKE_BODY, talkifai: TALKIFAI_PIPELINE }[name];
      for (const field of Object.keys(body).filter((each) => each !== 'outputParserFormat')) {
        const right = Reflect.get(body, field);
        for (const value of wrong.filter(
          (each) => typeof each !== typeof right || Array.isArray(each) !== Array.isArray(right),
        ))
          expect(
            Object.keys(refusal(name, { ...body, [field]: value }).details ?? {})[0],
            `${name} ${field}`,
          ).toContain(field);
      }
    }
  });
});
