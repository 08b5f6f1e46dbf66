import http from 'node:http';

const TEXT = JSON.stringify({
  reasoning: 'Looked at pricing twice.',
  proposed_actions: [{ type: 'note', params: { body: 'Looked at pricing twice this week: worth a call.' } }],
});

/** What a model's API answers, by the path it is asked on. */
const ANSWERS = {
  '/v1/messages': JSON.stringify({
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'bench', content: [{ type: 'text', text: TEXT }] },
    ...{ stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1200, output_tokens: 80 } },
  }),
  '/v1/chat/completions': JSON.stringify({
    ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1_760_000_000, model: 'bench' },
    choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1200, completion_tokens: 80, total_tokens: 1280 },
  }),
};

/**
 * A model's API on loopback in the wire formats of Anthropic and OpenAI, each answer `latencyMs` after its request; of
 * `refuseEvery` requests one is answered 429 with Retry-After.
 */
export async function modelServer({ latencyMs, refuseEvery = Number.POSITIVE_INFINITY }) {
  let count = 0;
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      count += 1;
      const isRefused = count % refuseEvery === 0;
      const answer = isRefused ? '{"error":{"type":"rate_limit_error","message":"slow down"}}' : ANSWERS[request.url];
      const status = isRefused ? 429 : answer ? 200 : 404;
      setTimeout(() => {
        response.writeHead(status, {
          'content-type': 'application/json',
          ...(isRefused ? { 'retry-after': '1' } : {}),
        });
        response.end(answer ?? '{}');
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
