import type { CallToolResult, GetPromptResult, ReadResourceResult } from '@modelcontextprotocol/server';

// What the official conformance suite calls by name, and expects to the letter. Only its scenarios say why.

/** A PNG of one pixel, and a WAV file without sound. */
const IMAGE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const AUDIO = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

type Content = CallToolResult['content'];

const text = (words: string) => ({ type: 'text' as const, text: words });
const image = { type: 'image' as const, data: IMAGE, mimeType: 'image/png' };
const embedded = (uri: string, mimeType: string, words: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: words },
});

/** Tools that always give the same content. */
export const PLAIN_TOOLS: Record<string, Content> = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: AUDIO, mimeType: 'audio/wav' }],
  test_embedded_resource: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  test_multiple_content_types: [
    text('Multiple content types test:'),
    image,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ],
};

/** Tools of which only the schema matters: what of JSON Schema survives `tools/list`, and which arguments are headers too. */
export const SCHEMA_TOOLS: Record<string, Record<string, unknown>> = {
  json_schema_2020_12_tool: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: {
        $anchor: 'addressDef',
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  },
  test_custom_header: {
    type: 'object',
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
    required: ['region'],
  },
};

type Read = (uri: string, variables: Record<string, unknown>) => ReadResourceResult['contents'][number];

/** Resources by URI or template. */
export const RESOURCES: Record<string, Read> = {
  'test://static-text': (uri) => ({
    ...{ uri, mimeType: 'text/plain' },
    text: 'This is the content of the static text resource.',
  }),
  'test://static-binary': (uri) => ({ uri, mimeType: 'image/png', blob: IMAGE }),
  'test://watched-resource': (uri) => ({ uri, mimeType: 'text/plain', text: 'Watched resource content' }),
  'test://template/{id}/data': (uri, { id }) => ({
    ...{ uri, mimeType: 'application/json' },
    text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
  }),
};

type Written = (args: Record<string, string>) => GetPromptResult['messages'][number]['content'][];

/** Prompts: the names of their arguments, and their messages. */
export const PROMPTS: Record<string, { args: readonly string[]; write: Written }> = {
  test_simple_prompt: { args: [], write: () => [text('This is a simple prompt for testing.')] },
  test_prompt_with_arguments: {
    args: ['arg1', 'arg2'],
    write: ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  test_prompt_with_embedded_resource: {
    args: ['resourceUri'],
    write: ({ resourceUri = '' }) => [
      embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
      text('Please process the embedded resource above.'),
    ],
  },
  test_prompt_with_image: { args: [], write: () => [image, text('Please analyze the image above.')] },
};
