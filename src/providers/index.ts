import { anthropic } from './anthropic.ts';
import { google } from './google.ts';
import { openai } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import type { ModelProvider } from './provider.ts';

const ENTRIES = [anthropic, openai, google, openaiCompatible] as const;

export type ProviderName = (typeof ENTRIES)[number]['name'];

/** Every provider of models, in the order in which they are listed to a person. */
export const MODEL_PROVIDERS: readonly (ModelProvider & { name: ProviderName })[] = ENTRIES;
