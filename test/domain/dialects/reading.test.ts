import { describe, expect, it } from 'vitest';
import type { Agent } from '../../../src/domain/agents/agent.ts';
import { dialectFor } from '../../../src/domain/dialects/index.ts';
import { readChanges } from '../../../src/domain/dialects/mapping/body.ts';
import type { DialectName } from '../../../src/domain/dialects/mapping/dialect.ts';
import { patchedOrigin } from '../../../src/domain/dialects/mapping/origin.ts';
import { writeAgent } from '../../../src/domain/dialects/mapping/writing.ts';
import { anAgent } from './bodies.ts';
import { made, read, terms } from './readings.ts';
import {
  CONVERRA_ANSWER,
  CONVERRA_EXAMPLE,
  MAKE_BODY,
  PATHBOUND_EXAMPLE,
  TALKIFAI_ANSWER,
  TALKIFAI_PIPELINE,
  TALKIFAI_REALTIME,
  TALKIFAI_TEXT,
} from './seeds.ts';

describe("the products' own examples", () => {
  it("reads Pathbound's", () => {
    const { fields, active, kept, warnings } = read('pathbound', PATHBOUND_EXAMPLE);
    const { identity_id, enabled, ...same } = PATHBOUND_EXAMPLE;
    expect(fields).toEqual(same);
    expect(active).toBe(true);
    expect(kept).toMatchObject({ identity_id: 'id_123' });
    expect(warnings).toEqual([expect.stringContaining('no identity here has the id "id_123"')]);
  });

  it("reads Converra's", () => {
    const { fields } = read('converra', CONVERRA_EXAMPLE);
    expect(fields).toEqual({
      name: 'Customer Support',
      playbook: { playbook_md: CONVERRA_EXAMPLE.content },
      llm_config: { model: 'gpt-4o', provider: 'openai' },
      description: 'Main support chatbot',
      tags: ['support', 'production'],
    });
    expect(dialectFor('converra').isBornActive).toBe(true);
  });

  it("reads TalkifAI's three architectures", () => {
    expect(read('talkifai', TALKIFAI_PIPELINE).fields).toMatchObject({
      architecture: 'pipeline',
      voice: { stt: 'deepgram', tts: 'cartesia', voice_id: 'some-cartesia-voice-id' },
      llm_config: { model: 'gpt-4o', provider: 'openai', temperature: 0.7 },
      visibility: 'private',
    });
    const realtime = read('talkifai', TALKIFAI_REALTIME).fields;
    expect(realtime.voice).toEqual({ realtime_provider: 'openai', voice_id: 'alloy' });
    expect(realtime).not.toHaveProperty('llm_config');
    expect(read('talkifai', TALKIFAI_TEXT).fields).not.toHaveProperty('voice');
  });

  it("reads Make's fields, and its output format as a schema", () => {
    const { fields, kept } = read('make', MAKE_BODY);
    expect(fields.output_schema).toEqual({
      type: 'object',
      properties: {
        reply: { type: 'string', title: 'Reply' },
        items: {
          type: 'array',
          items: { type: 'object', properties: { sku: { type: 'string' }, count: { type: 'integer' } } },
        },
      },
      required: ['reply'],
    });
    expect(kept).toMatchObject({ teamId: 7, makeConnectionId: 4711 });
  });

  it('reads what answers hold, too: ids and times go, the status is told', () => {
    const converra = read('converra', CONVERRA_ANSWER, 'document');
    expect(converra).toMatchObject({ id: 'agent_123', active: true, kept: {}, not_carried: [] });
    const talkifai = read('talkifai', TALKIFAI_ANSWER.data, 'document');
    expect(talkifai).toMatchObject({ id: 'agent_abc123', active: true });
    expect(talkifai.fields).toMatchObject({
      enabled_functions: ['web_search'],
      custom_functions: ['check_order_status'],
    });
    // A client may send an answer back.
    expect(read('talkifai', TALKIFAI_ANSWER.data).fields).toEqual(talkifai.fields);
  });

  it.each([
    ['pathbound', PATHBOUND_EXAMPLE],
    ['converra', CONVERRA_EXAMPLE],
    ['talkifai', TALKIFAI_PIPELINE],
    ['talkifai', TALKIFAI_REALTIME],
    ['talkifai', TALKIFAI_TEXT],
    ['make', MAKE_BODY],
  ] as const)('gives the example of %s back', (name, body) => {
    const agent = made(name, body);
    const active: Agent = { ...agent, status: 'active', enabled: true };
    // What the documentation leaves out, the agent doesn't have; TalkifAI and Pathbound say that it is active.
    const said = name === 'talkifai' ? { ...body, active: true } : body;
    expect(writeAgent(dialectFor(name), active)).toEqual({ payload: said, not_carried: [] });
  });
});

describe('an agent that Pathbound makes of a name alone', () => {
  it('has a playbook that proposes nothing, and is told so', () => {
    const { fields, warnings } = read('pathbound', { name: 'Bare' });
    expect(fields.playbook?.playbook_md).toContain('Propose no action');
    expect(warnings).toEqual([expect.stringContaining('playbook.playbook_md')]);
    expect(writeAgent(dialectFor('pathbound'), made('pathbound', { name: 'Bare' })).payload).toEqual({
      name: 'Bare',
    });
  });
});

describe('the name of a model', () => {
  it.each([
    ['gpt-4o', 'openai'],
    ['chatgpt-4o-latest', 'openai'],
    ['o3-mini', 'openai'],
    ['claude-3.5-sonnet', 'anthropic'],
    ['gemini-3-pro', 'google'],
  ])('%s chooses %s', (llmModel, provider) => {
    const { fields, warnings } = read('converra', { ...CONVERRA_EXAMPLE, llmModel });
    expect(fields.llm_config).toEqual({ model: llmModel, provider });
    expect(warnings).toEqual([]);
  });

  it('is kept where it is of no known provider: it is reached nowhere, and told so', () => {
    const { fields, warnings } = read('converra', { ...CONVERRA_EXAMPLE, llmModel: 'llama-4' });
    expect(fields.llm_config).toEqual({ model: 'llama-4', provider: 'openai_compatible' });
    expect(warnings).toEqual([expect.stringContaining('PROVIDER_ERROR')]);
  });

  it('may be who evaluates instead of a model', () => {
    const native = anAgent({ name: 'Ours', playbook: { playbook_md: 'x' } });
    const { payload, not_carried } = writeAgent(dialectFor('converra'), native);
    expect(payload.llmModel).toBe('assistant');
    expect(not_carried).toContainEqual({ path: 'llm_config.provider', why: expect.stringContaining('no model') });
    expect(read('converra', payload).fields.llm_config).toEqual({ provider: 'assistant' });
  });
});

describe('an update', () => {
  const agent = made('talkifai', TALKIFAI_PIPELINE);
  const changes = (name: DialectName, body: unknown, before = agent) =>
    readChanges(dialectFor(name), body, { ...terms, before });

  it('changes what it names, and nothing else', () => {
    const { fields, active } = changes('talkifai', {
      systemPrompt: 'Updated instructions...',
      temperature: 0.5,
      active: true,
    });
    expect(fields).toEqual({ playbook: { playbook_md: 'Updated instructions...' }, llm_config: { temperature: 0.5 } });
    expect(active).toBe(true);
  });

  it('leaves the provider as a person set it where the model stays the same', () => {
    const reached = { provider: 'openai_compatible', base_url: 'https://p.example/v1' } as const;
    const proxied: Agent = { ...agent, llm_config: { ...agent.llm_config, ...reached } };
    expect(changes('talkifai', { model: 'gpt-4o', mode: 'public' }, proxied).fields).toEqual({ visibility: 'public' });
    expect(changes('talkifai', { model: 'claude-x' }, proxied).fields.llm_config).toEqual({
      model: 'claude-x',
      provider: 'anthropic',
    });
  });

  it('takes the voice away where a voice agent becomes a text agent', () => {
    expect(changes('talkifai', { agentArchitecture: 'text' }).clear).toEqual(['voice']);
  });

  it("takes the schema away where Make's format becomes plain text", () => {
    const before = made('make', MAKE_BODY);
    const reading = changes('make', { outputParserFormat: { type: 'text' } }, before);
    expect(reading.clear).toEqual(['output_schema']);
    const { origin } = patchedOrigin(dialectFor('make'), before, reading);
    const { output_schema: _gone, ...rest } = before;
    const after: Agent = { ...rest, ...(origin ? { origin } : {}) };
    expect(writeAgent(dialectFor('make'), after).payload.outputParserFormat).toEqual({ type: 'text' });
  });

  it("merges Pathbound's settings of a playbook with those that are there", () => {
    const before = made('pathbound', { name: 'P', playbook: { playbook_md: 'Go.', tone: 'warm' } });
    expect(before.playbook.config).toEqual({ tone: 'warm' });
    expect(changes('pathbound', { playbook: { length: 80 } }, before).fields.playbook).toEqual({
      config: { tone: 'warm', length: 80 },
    });
  });

  it('tells what it can not keep of an agent that came by another API', () => {
    const reading = changes('pathbound', { identity_id: 'id_9' });
    const { origin, warnings } = patchedOrigin(dialectFor('pathbound'), agent, reading);
    expect(origin).toEqual(agent.origin);
    expect(warnings).toEqual([expect.stringContaining('identity_id')]);
  });
});
