import fc from 'fast-check';
import { type Agent, type AgentInput, agentInput } from '../../../src/domain/agents/agent.ts';
import type { DialectName } from '../../../src/domain/dialects/mapping/dialect.ts';
import { newAgent } from '../../../src/engine/agents/fields.ts';

export const AT = '2026-11-29T09:00:00.000Z';

/** An agent as the engine makes it of fields. */
export function anAgent(input: AgentInput, more: Partial<Agent> = {}): Agent {
  return {
    ...newAgent(agentInput.parse(input), { id: 'ag_01k9zq3abc0000001', by: 'tester', at: AT, owner: 'owner', team: 1 }),
    ...more,
  };
}

/** A text that an agent's name and prompt may be: not blank, without spaces around it, without half characters. */
const text = (longest: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: longest })
    .map((drawn) => drawn.normalize('NFC').trim())
    .filter((drawn) => drawn !== '' && drawn.length <= longest);
const prompt = fc.oneof(
  text(200),
  fc.constantFrom('Hi {{ contact.firstname }}!', 'a\u0000b\u001b[31m', '  two\n\nlines  '),
);
const name = text(60);
const words = fc.array(text(20), { maxLength: 3 });
const model = fc.constantFrom(
  'gpt-4o',
  'claude-3.5-sonnet',
  'gemini-3-pro',
  'o3',
  'llama-4',
  'assistant',
  'rules',
  'Assistant',
);
const temperature = fc.constantFrom(0, 0.4, 0.7, 2);
const tokens = fc.integer({ min: 1, max: 100_000 });
/** Names that no dialect has, and ones that objects inherit. */
const strangeName = fc.oneof(
  fc.stringMatching(/^z[a-z]{0,6}(\.[a-z]{1,3})?$/),
  fc.constantFrom('constructor', 'toString', 'hasOwnProperty', 'prototype', ''),
);
/** Any JSON, as a message brings it, but what changes prototypes: such a body is refused. */
const json = (maxDepth: number) =>
  fc
    .jsonValue({ maxDepth, noUnicodeString: true })
    .map((value): unknown => JSON.parse(JSON.stringify(value)))
    .filter((value) => !JSON.stringify(value).includes('__proto__'));
const strange = fc.dictionary(strangeName, json(3), { maxKeys: 3 });

/** Some of these fields, beside those that have to be there, and some that nobody knows. */
function body(required: Record<string, fc.Arbitrary<unknown>>, optional: Record<string, fc.Arbitrary<unknown>>) {
  const all: Record<string, fc.Arbitrary<unknown>> = { ...required, ...optional };
  return fc
    .tuple(fc.record(all, { requiredKeys: Object.keys(required) }), strange)
    .map(([known, unknown]): Record<string, unknown> => ({ ...unknown, ...known }));
}

const makeField = fc.record(
  {
    name: fc.stringMatching(/^[a-z]{1,5}$/),
    type: fc.constantFrom('text', 'number', 'boolean', 'date', 'nonsense'),
    label: text(9),
    required: fc.boolean(),
  },
  { requiredKeys: ['name', 'type'] },
);
const outputFormat = fc.oneof(
  fc.constant({ type: 'text' }),
  fc.record({ type: fc.constant('make-schema'), schema: fc.array(makeField, { maxLength: 3 }) }),
  json(2)
    .filter((value) => typeof value === 'string')
    .map(String),
);

const filter = fc.constantFrom({}, { lifecycle_stage: 'lead' }, { visits: { $gte: 3 }, $or: [{ a: 1 }, { b: null }] });
const rule = fc.record({
  name: text(9),
  propose: fc.constant([{ type: 'note', params: { body: '{{ contact.id }}' } }]),
});
const playbook = body(
  {},
  {
    playbook_md: fc.oneof(prompt, fc.constantFrom('', ' ')),
    tone: json(1),
    rules: fc.oneof(fc.array(rule, { maxLength: 2 }), fc.constantFrom('none', [1, 2], [{ say: 'hello' }])),
    config: fc.oneof(
      fc.constantFrom('fast', 7, [1]),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer(), { maxKeys: 2 }),
    ),
  },
);
const monitoring = body(
  {},
  {
    filter,
    schedule_cron: fc.constantFrom('0 14 * * 1-5'),
    max_contacts_per_run: fc.constantFrom(1, 25, 10_000),
    timezone: fc.constantFrom('UTC', 'Europe/Amsterdam'),
    catch_up: fc.constantFrom('once', 'none'),
  },
);
const llmConfig = body(
  {},
  {
    provider: fc.constantFrom('anthropic', 'openai', 'mistral', 'rules', 'openai_compatible'),
    model,
    temperature,
    max_tokens: tokens,
    concurrency: fc.constantFrom(1, 4),
  },
);
const voices = { stt: fc.constantFrom('deepgram'), tts: fc.constantFrom('cartesia'), voiceId: text(9) };
const talkifaiShared = {
  language: fc.constantFrom('en', 'nl', 'pt-BR'),
  mode: fc.constantFrom('private', 'public', 'commercial'),
  temperature,
  active: fc.constant(false),
  enabledFunctions: words,
  enabledCustomFunctions: words,
};

/** Random bodies of each dialect, as its documentation allows them, with fields that it doesn't know among them. */
export const BODIES: Readonly<Record<DialectName, fc.Arbitrary<Record<string, unknown>>>> = {
  converra: body(
    { name, content: prompt, llmModel: model },
    { description: text(50), tags: words, temperature, maxTokens: tokens },
  ),
  make: body(
    {
      name,
      systemPrompt: prompt,
      defaultModel: model,
      teamId: fc.integer({ min: 1, max: 9999 }),
      makeConnectionId: fc.nat(),
    },
    { outputParserFormat: outputFormat, llmProviderId: fc.nat(), makeConnectionType: fc.constantFrom('openai', null) },
  ),
  talkifai: fc.oneof(
    body({ name, agentArchitecture: fc.constant('text'), model, systemPrompt: prompt }, talkifaiShared),
    body(
      {
        name,
        agentArchitecture: fc.constant('pipeline'),
        model,
        stt: voices.stt,
        tts: voices.tts,
        systemPrompt: prompt,
      },
      { ...talkifaiShared, voiceId: voices.voiceId },
    ),
    body(
      {
        name,
        agentArchitecture: fc.constant('realtime'),
        realtimeProvider: fc.constant('openai'),
        systemPrompt: prompt,
      },
      { ...talkifaiShared, ...voices, model },
    ),
  ),
  pathbound: body(
    { name },
    {
      description: text(50),
      playbook_template: fc.constantFrom('cold_outreach', 'pricing_visitor_followup', 'of_another_house'),
      playbook,
      capabilities: fc.oneof(words, fc.constantFrom(['email'], ['email', 'notes'])),
      identity_id: fc.constantFrom('id_here', 'id_123'),
      monitoring,
      llm_config: llmConfig,
      enabled: fc.constant(false),
      tags: words,
      require_approval: fc.constant(true),
      approval: fc.record({ require_approval: fc.boolean(), auto_approve: words }, { requiredKeys: [] }),
      limits: fc.record({ cooldown_days: fc.integer({ min: 1, max: 30 }) }, { requiredKeys: [] }),
    },
  ).filter(
    ({ require_approval, approval }) =>
      require_approval !== true || Reflect.get(Object(approval), 'require_approval') !== false,
  ),
};
