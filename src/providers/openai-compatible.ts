import type { ModelProvider } from './provider.ts';

/** Any server with OpenAI's Chat Completions API, such as Ollama. */
export const openaiCompatible = {
  name: 'openai_compatible',
  home: undefined,
  keys: [],
  keyHeader: 'authorization',
  version: '/v1',
  async open({ model, baseURL, apiKey, fetch }) {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const library = createOpenAICompatible({
      baseURL,
      apiKey,
      fetch,
      name: 'compatible',
      supportsStructuredOutputs: true,
      includeUsage: true,
    });
    return { model: library.languageModel(model), options: { compatible: { strictJsonSchema: false } } };
  },
} as const satisfies ModelProvider;
