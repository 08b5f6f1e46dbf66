import {
  createMcpHandler,
  isLegacyRequest,
  type McpHttpHandler,
  type McpServer,
  type ProtocolError,
} from '@modelcontextprotocol/server';
import { TOOLS } from '../../tools/index.ts';
import { isObject } from '../domain/base/json.ts';
import type { House } from '../engine/base/house.ts';
import { createShownSchemas, type ShownSchemas } from '../mcp/schema.ts';
import { readingLack } from '../mcp/scope-demand.ts';
import { createSubscriptions, fingerprintOf } from '../mcp/subscriptions/subscriptions.ts';
import type { Watcher } from '../mcp/subscriptions/watcher.ts';
import { createServer, type ServerOptions } from '../server.ts';
import { jsonAnswer, rpcRefusal } from './answers.ts';
import type { Caller } from './logins.ts';
import { type HttpSession, Sessions } from './sessions.ts';
import type { Streams } from './streams.ts';
import { asWhole } from './whole-answer.ts';

/** Callers whose handlers are kept. A handler costs little, so beyond them all are made again. */
const MOST_CALLERS = 1_000;
const MOST_LISTENED = 1_000;

/** A request with its body, parsed: undefined where it has none. */
export type Received = { request: Request; body: unknown; caller: Caller };

export type EndpointOptions = Pick<ServerOptions, 'offers'> & {
  house: House;
  /** The house as a caller sees it. */
  houseOf: (caller: Caller) => House;
  watcher: Watcher;
  streams: Streams;
  /** Makes the server that answers one request of the newest revision, or one session of an older one. */
  createServer?: (options: ServerOptions) => McpServer;
};

/** What serves a caller of the newest revision, and the resources that they listen to. */
type Served = { handler: McpHttpHandler; listened: ReturnType<typeof createSubscriptions> };

const NO_SESSION = {
  status: 400,
  code: 'VALIDATION_ERROR' as const,
  message:
    'A request of this revision needs a session: call initialize first, and send the Mcp-HttpSession-Id that it gives.',
};
/** The same for an id that was never ours, of another token, deleted, or older than a day: MCP has 404 for that. */
const UNKNOWN_SESSION = {
  status: 404,
  code: 'NOT_FOUND' as const,
  message: 'There is no such session. Call initialize for a new one.',
};
const TOO_MANY = {
  status: 429,
  code: 'TOO_MANY_REQUESTS' as const,
  message: 'This token has 64 streams open, which is the most. Close one first.',
  headers: { 'retry-after': '5' },
};

/** An answer, and what is to do once its stream has ended, or at once where it is none. */
type Answered = { response: Response; ended?: () => void };

function isListen(body: unknown): body is Record<string, unknown> {
  return isObject(body) && body.method === 'subscriptions/listen';
}

function rpcError(body: unknown, { code, message, data }: ProtocolError): Response {
  const id = isObject(body) ? body.id : null;
  return jsonAnswer(200, { jsonrpc: '2.0', id, error: { code, message, data } });
}

/** The URIs that a `subscriptions/listen` request names (MCP 2026-07-28). */
function listenedIn(body: unknown): string[] {
  if (!isListen(body) || !isObject(body.params)) return [];
  const { notifications } = body.params;
  const uris = isObject(notifications) ? notifications.resourceSubscriptions : undefined;
  return Array.isArray(uris) ? uris.slice(0, MOST_LISTENED).map(String) : [];
}

function initializeIn(body: unknown): Record<string, unknown> | undefined {
  const messages = Array.isArray(body) ? body : [body];
  const found = messages.find((message) => isObject(message) && message.method === 'initialize');
  return isObject(found) ? found : undefined;
}

/** Whether the answer may be a stream: to a GET, and to a call. The end of a session, and an answer to a form, never need a place. */
function mayStream({ request, body }: Received): boolean {
  if (request.method !== 'POST') return request.method === 'GET';
  const messages = Array.isArray(body) ? body : [body];
  return messages.some((message) => isObject(message) && 'method' in message && 'id' in message);
}

/**
 * MCP over Streamable HTTP: 2026-07-28 without sessions, and every older revision with sessions of our own, so that the
 * client's capabilities are known, and a person's word by a form keeps its proof.
 */
export class McpEndpoint {
  readonly #options: EndpointOptions;
  readonly #schemas: ShownSchemas = createShownSchemas();
  readonly #served = new Map<string, Served>();
  readonly #sessions: Sessions;

  constructor(options: EndpointOptions) {
    this.#options = options;
    const { store, deps } = options.house;
    this.#sessions = new Sessions({ store, serverOf: (caller) => this.#serverOf(caller), now: deps.now });
  }

  async handle(received: Received): Promise<Response> {
    const { request, body, caller } = received;
    const { streams } = this.#options;
    const leave = mayStream(received) ? streams.enter(caller) : () => undefined;
    if (leave === undefined) return rpcRefusal(TOO_MANY);
    try {
      const isModern = request.method === 'POST' && !(await isLegacyRequest(request, body));
      const { response, ended } = await (isModern ? this.#modern(received) : this.#legacy(received));
      return streams.follow(response, { caller, listens: request.method === 'GET' || isListen(body) }, () => {
        leave();
        ended?.();
      });
    } catch (error) {
      leave();
      throw error;
    }
  }

  async close(): Promise<void> {
    const handlers = [...this.#served.values()].map(({ handler }) => handler.close());
    await Promise.allSettled([this.#sessions.close(), ...handlers]);
  }

  #serverOf(caller: Caller): McpServer {
    const { houseOf, offers, watcher, createServer: create = createServer } = this.#options;
    const schemas = this.#schemas;
    return create({ house: houseOf(caller), person: caller.person, offers, watcher, schemas });
  }

  /** Each caller has a handler of their own: nobody hears of a change of what only another one may see. */
  #servedTo(caller: Caller): Served {
    const known = this.#served.get(caller.key);
    if (known) return known;
    if (this.#served.size >= MOST_CALLERS) this.#served.clear();
    const { house, houseOf, offers, watcher } = this.#options;
    const handler = createMcpHandler(() => this.#serverOf(caller), {
      legacy: 'reject',
      onerror: (error) => house.deps.log.debug({ error: error.message }, 'a request reported an error'),
    });
    const tools = TOOLS.filter(offers);
    const listened = createSubscriptions((uri) => {
      const fingerprint = fingerprintOf(tools, uri, houseOf(caller));
      return fingerprint && watcher.watch(fingerprint, () => handler.notify.resourceUpdated(uri));
    });
    const made = { handler, listened };
    this.#served.set(caller.key, made);
    return made;
  }

  async #modern({ request, body, caller }: Received): Promise<Answered> {
    const { handler, listened } = this.#servedTo(caller);
    const listening = Symbol('a listen request');
    const lack = listenedIn(body).length > 0 ? readingLack('subscriptions/listen', caller.person) : undefined;
    if (lack) return { response: rpcError(body, lack) };
    await Promise.all(listenedIn(body).map((uri) => listened.add(listening, uri)));
    const response = await handler.fetch(request, { parsedBody: body });
    return { response, ended: () => listened.removeAll(listening) };
  }

  async #legacy(received: Received): Promise<Answered> {
    const { request, body, caller } = received;
    const id = request.headers.get('mcp-session-id');
    if (id !== null) {
      const session = await this.#sessions.find(caller, id);
      return session ? this.#inSession(session, received) : { response: rpcRefusal(UNKNOWN_SESSION) };
    }
    const initialize = initializeIn(body);
    if (initialize === undefined) return { response: rpcRefusal(NO_SESSION) };
    const session = await this.#sessions.begin(caller, initialize.params);
    const answered = await this.#inSession(session, received);
    if (!answered.response.ok) await this.#sessions.discard(session);
    return answered;
  }

  async #inSession(session: HttpSession, { request, body }: Received): Promise<Answered> {
    session.busy += 1;
    const ended = () => {
      session.busy -= 1;
      session.usedAt = Date.now();
    };
    try {
      const begun = await session.transport.handleRequest(request, body === undefined ? {} : { parsedBody: body });
      const response = request.method === 'POST' ? await asWhole(begun) : begun;
      if (request.method === 'DELETE' && response.ok) await this.#sessions.end(session);
      return { response, ended };
    } catch (error) {
      ended();
      throw error;
    }
  }
}
