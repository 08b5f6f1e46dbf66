import type { LanguageModelV3 } from '@ai-sdk/provider';
import { z } from 'zod';
import type { ActionType } from '../../src/actions/action.ts';
import type { ImportFormat } from '../../src/domain/import/format.ts';
import type { ModelProvider, ModelSettings } from '../../src/providers/provider.ts';

// A toy action type, provider and format. A test adds each to its list, as one more line in the code would.

/** The greetings that were said, each with its recipient. */
export const greeted: string[] = [];

/** An action type with an effect on the world. */
export const greeting: ActionType = {
  type: 'greeting',
  capability: 'greetings',
  outbound: true,
  harmless: false,
  leavesMachine: ({ agent }) => agent.tags.includes('by wire'),
  consent: ['do_not_contact'],
  params: z.strictObject({ words: z.string().min(1) }),
  target: ({ contact }) => contact.email,
  obstacle: ({ contact }) => (contact.email ? undefined : 'nobody knows where the contact can be greeted'),
  warnings: ({ capabilities, language }) =>
    capabilities.includes('greetings') && language === 'tlh' ? ['Nobody can be greeted in Klingon.'] : [],
  async perform({ contact, params }) {
    greeted.push(`${params.words}, ${contact.email}`);
    return { channel: 'air', note: 'said aloud' };
  },
};

/** A harmless action type with an effect on our own state. */
export const applause: ActionType = {
  type: 'applause',
  capability: 'applause:<hall>',
  outbound: false,
  harmless: true,
  leavesMachine: () => false,
  consent: [],
  params: z.strictObject({}),
  target: () => undefined,
  obstacle: () => undefined,
  apply: () => ({ events: [], result: { channel: 'hall', note: 'clapped' } }),
};

/** The settings that toy models were opened with; below, the token limits that they were asked with. */
export const openedWith: ModelSettings[] = [];
export const askedWith: (number | undefined)[] = [];

const ANSWER = '{"reasoning": "The toy says so.", "proposed_actions": []}';

function toyModel(modelId: string): LanguageModelV3 {
  return {
    specificationVersion: 'v3',
    provider: 'toy',
    modelId,
    supportedUrls: {},
    async doGenerate({ maxOutputTokens }) {
      askedWith.push(maxOutputTokens);
      return {
        content: [{ type: 'text', text: ANSWER }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: {
          inputTokens: { total: 7, noCache: 7, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 3, text: 3, reasoning: 0 },
        },
        warnings: [],
      };
    },
    doStream: () => Promise.reject(new Error('a toy makes no streams')),
  };
}

/** A provider whose models always give the same answer. */
export const toyProvider: ModelProvider = {
  name: 'toy',
  home: 'https://toy.example/v9',
  keys: ['TOY_API_KEY'],
  keyHeader: 'x-toy-key',
  version: '/v9',
  maxTokens: 77,
  async open(settings) {
    openedWith.push(settings);
    return { model: toyModel(settings.model), options: {} };
  },
};

/** A format with one contact on each line: `CARD id email`. */
export const cards: ImportFormat = {
  name: 'cards',
  title: 'business cards',
  detect: ({ beginning }) => beginning.startsWith('CARD '),
  rows: (text) => ({
    columns: ['id', 'email'],
    end: text.end,
    *batches() {
      const lines = text.slice(0, text.end).trim().split('\n');
      yield lines.map((line, index) => {
        const [, id, email] = line.split(' ');
        return { row: index + 1, at: index, kind: 'contact', cells: { id, email }, text: true };
      });
    },
  }),
};
