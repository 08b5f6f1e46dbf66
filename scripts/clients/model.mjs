// A model on loopback that reads nothing: it calls one tool after the other, and then says that it is done.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What a model that decides by itself would call: a tool that only reads, then one that a person has to be asked about. */
export const CALLS = [
  { tool: 'list_contacts', args: {} },
  { tool: 'approve_action', args: { run_id: 'run_1', contact_id: 'c', action_index: 0, expected_digest: 'none' } },
];
const DONE = 'I am done.';

/**
 * The next call, by the name that the client has for its tool. A client that keeps tools back has it searched for first, and
 * called through another tool. `answered` is how many calls were answered, and `searched` how many searches.
 */
function nextCall(offered, { answered, searched }) {
  const call = CALLS[answered];
  if (call === undefined) return undefined;
  const { tool, args } = call;
  const id = `call_${answered}`;
  const name = offered.find((each) => each.endsWith(tool));
  if (name !== undefined) return { name, args, id };
  if (!offered.includes('tool_search')) return undefined;
  const hidden = `mcp__countersign__${tool}`;
  return searched > answered
    ? { name: 'tool_call', args: { name: hidden, arguments: args }, id }
    : { name: 'tool_search', args: { query: `select:${hidden}` }, id: `search_${answered}` };
}

function openAiAnswer({ messages = [], tools = [], stream }) {
  const offered = tools.map((tool) => tool.function?.name ?? '');
  const results = messages.filter(({ role }) => role === 'tool');
  const searched = results.filter((each) => each.tool_call_id.startsWith('search_')).length;
  const call = nextCall(offered, { answered: results.length - searched, searched });
  const made = call && {
    ...{ index: 0, id: call.id, type: 'function' },
    function: { name: call.name, arguments: JSON.stringify(call.args) },
  };
  const message = { role: 'assistant', content: made ? null : DONE, ...(made ? { tool_calls: [made] } : {}) };
  const finish_reason = made ? 'tool_calls' : 'stop';
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const base = { id: 'none', created: 0, model: 'none' };
  const choice = (delta, reason) => ({ index: 0, delta, finish_reason: reason });
  const chunk = (choices, more = {}) => ({ ...base, object: 'chat.completion.chunk', choices, ...more });
  const whole = { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage };
  return {
    isLast: offered.length > 0 && !made,
    parts: stream ? [chunk([choice(message, null)]), chunk([choice({}, finish_reason)], { usage }), '[DONE]'] : whole,
  };
}

function geminiAnswer({ contents = [], tools = [] }, stream) {
  const offered = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name));
  const answered = contents.flatMap(({ parts = [] }) => parts).filter((part) => part.functionResponse);
  const call = nextCall(offered, { answered: answered.length, searched: 0 });
  const part = call ? { functionCall: { name: call.name, args: call.args, id: call.id } } : { text: DONE };
  const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
  const whole = {
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata,
  };
  return { isLast: offered.length > 0 && !call, parts: stream ? [whole] : whole };
}

function answerTo(path, body) {
  if (path.endsWith('/chat/completions')) return openAiAnswer(body);
  if (path.includes('enerateContent')) return geminiAnswer(body, path.includes(':streamGenerateContent'));
  return undefined;
}

/**
 * Starts the model. `hasDecided` says whether it made its last call, and `isThrough` whether it said that it is done. `begin` has
 * it begin anew: it answers nobody before `isReady`, so that no client ends before its servers have listed what they have.
 */
export async function aModel() {
  let [isThrough, hasDecided] = [false, false];
  let isReady = () => true;
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const bytes of request) text += bytes;
    while (!isReady() && !request.socket.destroyed) await pause(100);
    const answer = request.method === 'POST' ? answerTo(request.url, JSON.parse(text)) : undefined;
    if (answer === undefined) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"there is no model here","type":"invalid_request_error"}}');
      return;
    }
    const { parts, isLast } = answer;
    response.writeHead(200, { 'content-type': Array.isArray(parts) ? 'text/event-stream' : 'application/json' });
    const words = (part) => (typeof part === 'string' ? part : JSON.stringify(part));
    response.end(Array.isArray(parts) ? parts.map((part) => `data: ${words(part)}\n\n`).join('') : words(parts));
    isThrough ||= isLast;
    hasDecided ||= JSON.stringify(parts).includes(`call_${CALLS.length - 1}`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    begin(ready = () => true) {
      isReady = ready;
      [isThrough, hasDecided] = [false, false];
    },
    hasDecided: () => hasDecided,
    isThrough: () => isThrough,
    close: () => server.close(),
  };
}
