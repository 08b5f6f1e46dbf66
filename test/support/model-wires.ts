type Facts = ReturnType<typeof JSON.parse>;
export type Wire = 'anthropic' | 'chat' | 'responses' | 'google';

/** A function that the model calls instead of answering. */
export type FunctionCall = { name: string; input: object };

export type Answer = {
  text: string;
  /** Sent only in the formats of Anthropic and of Chat Completions, and not in streams. */
  calls?: FunctionCall[];
  /** Reasoning in the part or field that the format has for it; not in streams. */
  thinking?: string | undefined;
  /** The words of a refusal, as the format tells of one; not in streams. */
  refusal?: string | undefined;
  usage: { input: number; output: number };
  finish: 'stop' | 'length';
  model: string;
};

export type WireFormat = {
  wire: Wire;
  path: RegExp;
  isStream: (path: string, body: Facts) => boolean;
  whole: (answer: Answer) => object;
  events: (answer: Answer) => string[];
};

const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const named = (type: string, value: object) => `event: ${type}\n${data({ type, ...value })}`;

/** A text in a few pieces, as servers send it. */
function pieces(text: string): string[] {
  const size = Math.max(1, Math.ceil(text.length / 4));
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
}

const anthropicStop = { stop: 'end_turn', length: 'max_tokens' };

const anthropic: WireFormat = {
  wire: 'anthropic',
  path: /^\/v1\/messages$/,
  isStream: (_path, body) => body.stream === true,
  whole: ({ text, calls = [], thinking, refusal, usage, finish, model }) => ({
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model },
    content: [
      ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: 's' }]),
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...calls.map(({ name, input }, index) => ({ type: 'tool_use', id: `toolu_${name}_${index}`, name, input })),
    ],
    stop_reason: refusal === undefined ? (calls.length > 0 ? 'tool_use' : anthropicStop[finish]) : 'refusal',
    stop_sequence: null,
    usage: { input_tokens: usage.input, output_tokens: usage.output },
  }),
  events: ({ text, usage, finish, model }) => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null };
    return [
      named('message_start', { message: { ...message, usage: { input_tokens: usage.input, output_tokens: 1 } } }),
      named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...pieces(text).map((piece) =>
        named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } }),
      ),
      named('content_block_stop', { index: 0 }),
      named('message_delta', { delta: { stop_reason: anthropicStop[finish] }, usage: { output_tokens: usage.output } }),
      named('message_stop', {}),
    ];
  },
};

const chatUsage = ({ usage }: Answer) => ({
  prompt_tokens: usage.input,
  completion_tokens: usage.output,
  total_tokens: usage.input + usage.output,
});

function chatChoice({ text, calls = [], thinking, refusal, finish }: Answer) {
  const tool_calls = calls.map(({ name, input }, index) => ({
    id: `call_${name}_${index}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
  const message = {
    ...{ role: 'assistant', content: refusal === undefined ? text : null },
    ...(thinking === undefined ? {} : { reasoning_content: thinking }),
    ...(refusal === undefined ? {} : { refusal }),
    ...(calls.length > 0 ? { tool_calls } : {}),
  };
  return { index: 0, message, finish_reason: calls.length > 0 ? 'tool_calls' : finish };
}

const chat: WireFormat = {
  wire: 'chat',
  path: /^\/v1\/chat\/completions$/,
  isStream: (_path, body) => body.stream === true,
  whole: (answer) => ({
    ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1_760_000_000, model: answer.model },
    choices: [chatChoice(answer)],
    usage: chatUsage(answer),
  }),
  events: (answer) => {
    const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_760_000_000, model: answer.model };
    const delta = (change: object, finish_reason: string | null = null) =>
      data({ ...base, choices: [{ index: 0, delta: change, finish_reason }] });
    return [
      delta({ role: 'assistant', content: '' }),
      ...pieces(answer.text).map((content) => delta({ content })),
      delta({}, answer.finish),
      data({ ...base, choices: [], usage: chatUsage(answer) }),
      'data: [DONE]\n\n',
    ];
  },
};

function openAiResponse({ text, thinking, refusal, usage, finish, model }: Answer) {
  const said = { type: 'output_text', text, annotations: [] };
  const content = [refusal === undefined ? said : { type: 'refusal', refusal }];
  const summary = [{ type: 'summary_text', text: thinking }];
  return {
    ...{ id: 'resp_1', object: 'response', created_at: 1_760_000_000, model },
    ...(finish === 'stop'
      ? { status: 'completed', incomplete_details: null }
      : { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    output: [
      ...(thinking === undefined ? [] : [{ type: 'reasoning', id: 'rs_1', summary }]),
      { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content },
    ],
    usage: {
      ...{ input_tokens: usage.input, output_tokens: usage.output, total_tokens: usage.input + usage.output },
      ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
    },
  };
}

const responses: WireFormat = {
  wire: 'responses',
  path: /^\/v1\/responses$/,
  isStream: (_path, body) => body.stream === true,
  whole: openAiResponse,
  events: (answer) => {
    const whole = openAiResponse(answer);
    const item = whole.output.at(-1);
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    return [
      named('response.created', { response: { ...whole, output: [], status: 'in_progress', usage: null } }),
      named('response.output_item.added', { output_index: 0, item: { ...item, content: [], status: 'in_progress' } }),
      ...pieces(answer.text).map((delta) => named('response.output_text.delta', { ...at, delta })),
      named('response.output_item.done', { output_index: 0, item }),
      named(`response.${whole.status}`, { response: whole }),
    ];
  },
};

function googlePart({ thinking, usage }: Answer, text: string, finishReason?: string) {
  const thoughts = thinking === undefined ? [] : [{ text: thinking, thought: true }];
  return {
    candidates: [
      {
        content: { role: 'model', parts: [...thoughts, { text }] },
        ...(finishReason ? { finishReason } : {}),
        index: 0,
      },
    ],
    usageMetadata: {
      ...{ promptTokenCount: usage.input, candidatesTokenCount: usage.output },
      totalTokenCount: usage.input + usage.output,
    },
  };
}

const googleStop = { stop: 'STOP', length: 'MAX_TOKENS' };

const google: WireFormat = {
  wire: 'google',
  path: /^\/v1beta\/models\/[^/]+:(streamG|g)enerateContent/,
  isStream: (path) => path.includes(':streamGenerateContent'),
  whole: (answer) =>
    googlePart(answer, answer.text, answer.refusal === undefined ? googleStop[answer.finish] : 'SAFETY'),
  events: (answer) => [
    ...pieces(answer.text).map((piece) => data(googlePart(answer, piece))),
    data(googlePart(answer, '', googleStop[answer.finish])),
  ],
};

/** The wire formats that the loopback model speaks. */
export const WIRES: readonly WireFormat[] = [anthropic, chat, responses, google];
