import type { LanguageModelV3CallOptions } from '@ai-sdk/provider';
import { describe, expect, it, vi } from 'vitest';
import type { ModelAccess } from '../../src/domain/agents/model-access.ts';
import { openModel } from '../../src/evaluators/language-model.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { MODEL_PROVIDERS, type ProviderName } from '../../src/providers/index.ts';
import { aModelServer, testDeps } from '../support/fixtures.ts';
import type { ModelServer } from '../support/model-server.ts';
import type { Wire } from '../support/model-wires.ts';

const WAYS: [ProviderName, Wire, Partial<ModelAccess>][] = [
  ['anthropic', 'anthropic', {}],
  ['openai', 'chat', {}],
  ['openai', 'responses', { isHome: true }],
  ['google', 'google', {}],
  ['openai_compatible', 'chat', {}],
];
const SAID = { text: 'Ünïcode and "quotes"\nin four pieces.', usage: { input: 321, output: 45 } };
const ask: LanguageModelV3CallOptions = { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello?' }] }] };

function open(server: ModelServer, name: ProviderName, given: Partial<ModelAccess> = {}) {
  const provider = MODEL_PROVIDERS.find((each) => each.name === name);
  if (!provider) throw new Error(`no provider is named ${name}`);
  const base_url = `${server.url}${provider.version}`;
  const access: ModelAccess = { provider, model: 'm-1', base_url, isHome: false, ...given };
  return openModel(access, { ...testDeps(), fetch: createGuardedFetch({ allowedHosts: [server.host] }) });
}

/** The key that a request carried, in the header of whichever provider. */
function keyOf(server: ModelServer): unknown {
  const headers = server.asked[0]?.headers;
  return headers?.['x-api-key'] ?? headers?.['x-goog-api-key'] ?? headers?.authorization;
}

describe.each(WAYS)('%s by the wire format "%s"', (provider, wire, given) => {
  it('answers whole', async () => {
    const server = await aModelServer({ reply: () => SAID });
    const { model, options } = await open(server, provider, { ...given, key: { name: 'K', value: 'sk-secret' } });
    const { content, usage, finishReason } = await model.doGenerate({ ...ask, providerOptions: options });
    expect(content).toMatchObject([{ type: 'text', text: SAID.text }]);
    expect([usage.inputTokens.total, usage.outputTokens.total, finishReason.unified]).toEqual([321, 45, 'stop']);
    expect(server.asked[0]?.wire).toBe(wire);
    expect(keyOf(server)).toMatch(/^(Bearer )?sk-secret$/);
  });

  it('answers as a stream', async () => {
    const server = await aModelServer({ reply: () => SAID });
    const { model, options } = await open(server, provider, { ...given, key: { name: 'K', value: 'sk-secret' } });
    const { stream } = await model.doStream({ ...ask, providerOptions: options });
    const deltas: string[] = [];
    let used: unknown[] = [];
    for await (const part of stream) {
      if (part.type === 'text-delta') deltas.push(part.delta);
      if (part.type === 'finish')
        used = [part.usage.inputTokens.total, part.usage.outputTokens.total, part.finishReason.unified];
    }
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.join('')).toBe(SAID.text);
    expect(used).toEqual([321, 45, 'stop']);
    expect(server.asked[0]?.wire).toBe(wire);
  });

  it('says when it was cut off at max_tokens', async () => {
    const server = await aModelServer({ reply: () => ({ ...SAID, finish: 'length' }) });
    const { model } = await open(server, provider, { ...given, key: { name: 'K', value: 'k' } });
    const { finishReason } = await model.doGenerate({ ...ask, maxOutputTokens: 5, temperature: 0.25 });
    expect(finishReason.unified).toBe('length');
    expect(server.asked[0]?.said).toMatch(
      /"(max_tokens|max_output_tokens|maxOutputTokens|max_completion_tokens)":5[,}]/,
    );
    expect(server.asked[0]?.said).toContain('0.25');
  });

  it("sends no key where it is given none, whatever the process's environment holds", async () => {
    for (const name of ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'])
      vi.stubEnv(name, 'sk-leak');
    const server = await aModelServer();
    const { model } = await open(server, provider, given);
    await model.doGenerate(ask);
    vi.unstubAllEnvs();
    expect(keyOf(server)).toBeUndefined();
    expect(JSON.stringify(server.asked)).not.toContain('sk-leak');
  });

  it('stops a stream when its caller does', async () => {
    const server = await aModelServer({ reply: () => ({ misbehave: 'drip' }) });
    const { model } = await open(server, provider, { ...given, key: { name: 'K', value: 'k' } });
    const stop = new AbortController();
    const failed = expect(model.doGenerate({ ...ask, abortSignal: stop.signal })).rejects.toThrow();
    await expect.poll(() => server.asked.length).toBe(1);
    stop.abort();
    await failed;
    await expect.poll(() => server.abandoned()).toBe(1);
  });
});

it('keeps what OpenAI is told from being stored there', async () => {
  const server = await aModelServer();
  const { model, options } = await open(server, 'openai', { isHome: true });
  await model.doGenerate({ ...ask, providerOptions: options });
  expect(server.asked[0]?.body.store).toBe(false);
});
