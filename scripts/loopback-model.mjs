import http from 'node:http';

const TEXT = JSON.stringify({
  reasoning: 'Looked at pricing twice.',
  proposed_actions: [{ type: 'note', params: { body: 'Looked at pricing twice this week: worth a call.' } }],
});

/** The formats in which a model's API answers, by the path of the request. */
const FORMATS = {
  '/v1/messages': ({ text, input, output }) => ({
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'loopback', content: [{ type: 'text', text }] },
    ...{ stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: input, output_tokens: output } },
  }),
  '/v1/chat/completions': ({ text, input, output }) => ({
    ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1_760_000_000, model: 'loopback' },
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  }),
};

const fixed = () => ({ text: TEXT, input: 1200, output: 80 });

/**
 * A model's API on loopback, in the wire formats of Anthropic and OpenAI. `answer` makes the reply, which is sent after
 * `latencyMs`. Every `refuseEvery`th request is answered 429 with Retry-After.
 */
export async function loopbackModel({ latencyMs = 0, refuseEvery = Number.POSITIVE_INFINITY, answer = fixed }) {
  let count = 0;
  const server = http.createServer((request, response) => {
    let asked = '';
    request.setEncoding('utf8').on('data', (piece) => {
      asked += piece;
    });
    request.on('end', () => {
      count += 1;
      const format = FORMATS[request.url];
      const [status, body, headers] =
        count % refuseEvery === 0
          ? [429, { error: { type: 'rate_limit_error', message: 'slow down' } }, { 'retry-after': '1' }]
          : format
            ? [200, format(answer(asked))]
            : [404, { error: { message: `no such path: ${request.url}` } }];
      setTimeout(() => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      }, latencyMs);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { host, close };
}
