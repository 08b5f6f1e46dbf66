import type { ModelProvider } from './provider.ts';

export const google = {
  name: 'google',
  home: 'https://generativelanguage.googleapis.com/v1beta',
  keys: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GOOGLE_API_KEY', 'GEMINI_API_KEY'],
  keyHeader: 'x-goog-api-key',
  version: '/v1beta',
  models: /^gemini/,
  async open({ model, baseURL, apiKey, fetch }) {
    const { createGoogleGenerativeAI } = await import('@ai-sdk/google');
    return {
      model: createGoogleGenerativeAI({ baseURL, apiKey, fetch }).languageModel(model),
      // Google's dialect of JSON Schema has no free-form objects, but the params of some actions are such objects.
      options: { google: { structuredOutputs: false } },
    };
  },
} as const satisfies ModelProvider;
