import { describe, expect, it } from 'vitest';
import type { Agent } from '../../src/domain/agents/agent.ts';
import { modelAccess, modelProvider } from '../../src/domain/agents/model-access.ts';
import { openai } from '../../src/providers/openai.ts';
import { anAgent } from '../support/fixtures.ts';

function access(
  llm: Partial<Agent['llm_config']>,
  env: Record<string, string> = {},
  keyHosts: string[] = [],
  secretNames: string[] = [],
) {
  const agent = anAgent({ llm_config: { concurrency: 4, model: 'some-model', ...llm } });
  const provider = modelProvider(agent);
  if (!provider) throw new Error('not a model provider');
  return modelAccess(agent, provider, { env, keyHosts, secretNames });
}

describe('how a model is reached', () => {
  it.each([
    ['anthropic', 'ANTHROPIC_API_KEY', 'https://api.anthropic.com/v1'],
    ['openai', 'OPENAI_API_KEY', 'https://api.openai.com/v1'],
    ['google', 'GOOGLE_GENERATIVE_AI_API_KEY', 'https://generativelanguage.googleapis.com/v1beta'],
    ['google', 'GEMINI_API_KEY', 'https://generativelanguage.googleapis.com/v1beta'],
  ] as const)('%s at its own host, with the key in %s', (provider, name, base_url) => {
    expect(access({ provider }, { [name]: 'secret' })).toMatchObject({
      base_url,
      isHome: true,
      key: { name, value: 'secret' },
    });
  });

  it.each([
    ['anthropic', 'http://host.example', 'http://host.example/v1'],
    ['anthropic', 'http://host.example/anthropic/', 'http://host.example/anthropic/v1'],
    ['anthropic', 'http://host.example/v1/', 'http://host.example/v1'],
    ['openai', 'http://host.example/', 'http://host.example/v1'],
    ['openai_compatible', 'http://localhost:11434', 'http://localhost:11434/v1'],
    ['openai_compatible', 'https://openrouter.ai/api/v1', 'https://openrouter.ai/api/v1'],
    ['google', 'http://host.example', 'http://host.example/v1beta'],
  ] as const)('%s takes base_url %s', (provider, base_url, whole) => {
    expect(access({ provider, base_url })).toMatchObject({ base_url: whole, isHome: false });
  });

  it.each(['anthropic', 'openai', 'google'] as const)('names the environment variable that %s needs', (provider) => {
    expect(access({ provider })).toMatchObject({
      field: 'llm_config.api_key_env',
      problem: expect.stringMatching(/(ANTHROPIC|OPENAI|GEMINI)_API_KEY.*isn't set/),
    });
    expect(
      access({ provider, api_key_env: 'COUNTERSIGN_MY_KEY' }, { ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k' }),
    ).toMatchObject({
      problem: expect.stringContaining("COUNTERSIGN_MY_KEY isn't set"),
    });
  });

  it("keeps a provider's own key from hosts that nobody named", () => {
    const elsewhere = { provider: 'anthropic', base_url: 'https://proxy.example' } as const;
    const found = access(elsewhere, { ANTHROPIC_API_KEY: 'secret' });
    expect(found).toMatchObject({ base_url: 'https://proxy.example/v1' });
    expect(found).not.toHaveProperty('key');
    expect(
      access({ ...elsewhere, base_url: 'http://api.anthropic.com' }, { ANTHROPIC_API_KEY: 's' }),
    ).not.toHaveProperty('key');
    expect(
      access({ ...elsewhere, base_url: 'https://api.anthropic.com.evil.example' }, { ANTHROPIC_API_KEY: 's' }),
    ).not.toHaveProperty('key');
    expect(access(elsewhere, { ANTHROPIC_API_KEY: 'secret' }, ['proxy.example:8443'])).not.toHaveProperty('key');
    expect(access(elsewhere, { ANTHROPIC_API_KEY: 'secret' }, ['proxy.example'])).toHaveProperty('key.value', 'secret');
  });

  it('refuses to send a named key to a host that may not get one', () => {
    const llm = {
      provider: 'openai_compatible',
      base_url: 'https://proxy.example/v1',
      api_key_env: 'COUNTERSIGN_MY_KEY',
    } as const;
    expect(access(llm, { COUNTERSIGN_MY_KEY: 'k' })).toMatchObject({
      problem: expect.stringContaining('COUNTERSIGN_ALLOW_HOSTS'),
    });
    expect(access(llm, { COUNTERSIGN_MY_KEY: 'k' }, ['proxy.example:443'])).toHaveProperty('key.value', 'k');
  });

  describe('never sends as a key', () => {
    const host = { provider: 'openai_compatible', base_url: 'https://proxy.example/v1' } as const;
    const env = {
      COUNTERSIGN_HOOK_SECRET: 'something',
      COUNTERSIGN_KEY: 'something',
      COUNTERSIGN_MAIL_KEY: ' SMTPS://maya:hunter2@mail.example',
      COUNTERSIGN_HOOK_KEY: 'whsec_bWluZQ==',
      COUNTERSIGN_USED_KEY: 'bWluZQ==',
      OPENAI_API_KEY: 'k',
    };

    it.each([
      ['COUNTERSIGN_HOOK_SECRET', 'starts with COUNTERSIGN_ and ends in _KEY'],
      ['COUNTERSIGN_KEY', 'starts with COUNTERSIGN_ and ends in _KEY'],
      ['OPENAI_API_KEY', 'starts with COUNTERSIGN_ and ends in _KEY'],
      ['COUNTERSIGN_MAIL_KEY', 'holds an SMTP URL'],
      ['COUNTERSIGN_HOOK_KEY', 'holds a signing secret'],
      ['COUNTERSIGN_USED_KEY', 'in use as smtp_url_env, imap_url_env or secret_env'],
    ])('%s, and says why', (api_key_env, problem) => {
      const found = access({ ...host, api_key_env }, env, ['proxy.example'], ['COUNTERSIGN_USED_KEY']);
      expect(found).toEqual({ field: 'llm_config.api_key_env', problem: expect.stringContaining(problem) });
      expect(JSON.stringify(found)).not.toMatch(/hunter2|bWluZQ/);
    });
  });

  it('asks a compatible server without a key, and needs its address and the name of a model', () => {
    expect(access({ provider: 'openai_compatible', base_url: 'http://localhost:11434/v1' })).not.toHaveProperty('key');
    expect(access({ provider: 'openai_compatible' })).toMatchObject({ field: 'llm_config.base_url' });
    const agent = anAgent({ llm_config: { concurrency: 4, provider: 'openai' } });
    expect(modelAccess(agent, openai, { env: { OPENAI_API_KEY: 'k' }, keyHosts: [], secretNames: [] })).toMatchObject({
      field: 'llm_config.model',
    });
  });

  it.each(['rules', 'assistant'] as const)('does not concern the provider %s', (provider) => {
    expect(modelProvider(anAgent({ llm_config: { concurrency: 4, provider } }))).toBeUndefined();
  });
});
