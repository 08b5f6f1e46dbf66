import http from 'node:http';
import { type FunctionCall, WIRES, type Wire } from './model-wires.ts';

type Facts = ReturnType<typeof JSON.parse>;

/** One request to the model's API, as it came. */
export type Asked = {
  /** How many requests came before. */
  n: number;
  wire: Wire;
  headers: http.IncomingHttpHeaders;
  body: Facts;
  /** The body as text. */
  said: string;
  at: number;
};

/** How one request is answered: with a text or function calls, or in some way that a server shouldn't. */
export type Reply =
  | {
      text: string;
      calls?: FunctionCall[];
      /** Reasoning and refusal in the parts that the wire format has for them. */
      thinking?: string;
      refusal?: string;
      usage?: { input: number; output: number };
      finish?: 'stop' | 'length';
    }
  | { status: number; headers?: Record<string, string>; body?: string }
  | { garbage: string }
  | { misbehave: 'hang' | 'reset' | 'drip' };

export type Script = {
  latencyMs?: number;
  /** The answer waits for this. */
  hold?: (asked: Asked) => Promise<unknown> | undefined;
  reply?: (asked: Asked) => Reply;
};

export type ModelServer = {
  /** `127.0.0.1:port`, as COUNTERSIGN_ALLOW_HOSTS takes it. */
  host: string;
  url: string;
  asked: Asked[];
  /** The most requests that were under way at the same time. */
  busiest: () => number;
  /** How many requests the client gave up before their answer was whole. */
  abandoned: () => number;
  close: () => Promise<void>;
};

/** The tokens that a reply counts, unless it says otherwise. */
export const USAGE = { input: 1000, output: 100 };

/** A well-formed answer that proposes a note. */
export function noting(body: string, reasoning = 'The playbook says so.'): string {
  return JSON.stringify({ reasoning, proposed_actions: [{ type: 'note', params: { body } }] });
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

function sendJson(response: http.ServerResponse, status: number, text: string, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}

function misbehave(response: http.ServerResponse, how: 'hang' | 'reset' | 'drip'): void {
  if (how === 'reset') response.socket?.destroy();
  if (how !== 'drip') return;
  response.writeHead(200, { 'content-type': 'application/json' });
  const drip = setInterval(() => response.write('{"a":'), 5);
  response.on('close', () => clearInterval(drip));
}

async function answer(asked: Asked, path: string, response: http.ServerResponse, script: Script): Promise<void> {
  if (script.latencyMs) await new Promise((resolve) => setTimeout(resolve, script.latencyMs));
  await script.hold?.(asked);
  const reply = script.reply?.(asked) ?? { text: noting('Seen.') };
  if ('misbehave' in reply) return misbehave(response, reply.misbehave);
  if ('garbage' in reply) return sendJson(response, 200, reply.garbage);
  if ('status' in reply) {
    const text = reply.body ?? JSON.stringify({ error: { type: 'an_error', message: `status ${reply.status}` } });
    return sendJson(response, reply.status, text, reply.headers);
  }
  const format = WIRES.find((item) => item.wire === asked.wire);
  const { text, calls = [], thinking, refusal, usage = USAGE, finish = 'stop' } = reply;
  const whole = { text, calls, thinking, refusal, usage, finish, model: String(asked.body.model ?? 'm') };
  if (!format?.isStream(path, asked.body)) return sendJson(response, 200, JSON.stringify(format?.whole(whole)));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of format.events(whole)) response.write(event);
  response.end();
}

/** A model's API on loopback, in the wire formats of Anthropic, OpenAI (both) and Google. */
export async function openModelServer(script: Script = {}): Promise<ModelServer> {
  const asked: Asked[] = [];
  let busy = 0;
  let busiest = 0;
  let abandoned = 0;
  const server = http.createServer(async (request, response) => {
    const path = request.url ?? '/';
    const said = await bodyOf(request);
    const format = WIRES.find((item) => item.path.test(path));
    if (!format) return sendJson(response, 404, JSON.stringify({ error: { message: `no such path: ${path}` } }));
    busy += 1;
    busiest = Math.max(busiest, busy);
    response.on('close', () => {
      busy -= 1;
      if (!response.writableFinished) abandoned += 1;
    });
    const { headers } = request;
    const one = { n: asked.length, wire: format.wire, headers, body: JSON.parse(said), said, at: Date.now() };
    asked.push(one);
    await answer(one, path, response, script);
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host, url: `http://${host}`, asked, busiest: () => busiest, abandoned: () => abandoned, close };
}
