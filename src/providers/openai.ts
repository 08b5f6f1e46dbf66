import type { ModelProvider } from './provider.ts';

export const openai = {
  name: 'openai',
  home: 'https://api.openai.com/v1',
  keys: ['OPENAI_API_KEY'],
  keyHeader: 'authorization',
  version: '/v1',
  models: /^(gpt-|chatgpt-|o\d)/,
  /**
   * At OpenAI's own host, the Responses API is used, told not to store anything, since prompts hold contacts' data. At
   * other hosts it is Chat Completions, which proxies understand.
   */
  async open({ model, baseURL, apiKey, fetch, isHome }) {
    const { createOpenAI } = await import('@ai-sdk/openai');
    const library = createOpenAI({ baseURL, apiKey, fetch });
    return {
      model: isHome ? library.responses(model) : library.chat(model),
      options: { openai: { strictJsonSchema: false, store: false } },
    };
  },
} as const satisfies ModelProvider;
