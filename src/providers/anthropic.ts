import type { ModelProvider } from './provider.ts';

export const anthropic = {
  name: 'anthropic',
  home: 'https://api.anthropic.com/v1',
  keys: ['ANTHROPIC_API_KEY'],
  keyHeader: 'x-api-key',
  version: '/v1',
  models: /^claude/,
  isVersionLeftOut: true,
  // The API refuses a request without a token limit. This limit is enough for reasoning and a few messages.
  maxTokens: 8_192,
  async open({ model, baseURL, apiKey, fetch }) {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return { model: createAnthropic({ baseURL, apiKey, fetch }).languageModel(model), options: {} };
  },
} as const satisfies ModelProvider;
