import {
  isInitializeRequest,
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type RequestId,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';

type RemoteOptions = { url: URL; token: string; onMessage: (message: JSONRPCMessage) => void };

/** JSON-RPC's code for an error of the server's own (JSON-RPC 2.0, 5.1). */
const SERVER_ERROR = -32_000;
const SAY: Record<number, string> = {
  401: 'The server takes no such token: COUNTERSIGN_TOKEN is wrong, over or revoked. Ask whoever keeps that home for a new one.',
  403: 'The server refuses the request: it isn’t known by the name in the URL. Its keeper can start it with --public-url.',
  404: 'There is no Countersign at this URL. Give the address that `countersign serve` says, without a path.',
};

/** Why a message didn't get there, in words for whoever waits for its answer. */
function problemOf(error: unknown, url: URL): string {
  if (error instanceof SdkHttpError)
    return SAY[error.status ?? 0] ?? `${url.host} answered with the status ${error.status}.`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return `${url.host} can't be reached (${code}). Is countersign serve running there, and this machine online?`;
}

/**
 * A connection to a served home, by MCP over Streamable HTTP. It passes messages on as they are, of either era. A session
 * that the server no longer knows is begun again with what the client said at first.
 */
export class RemoteServer {
  readonly #options: RemoteOptions;
  readonly #transport: StreamableHTTPClientTransport;
  readonly #started: Promise<void>;
  readonly #underWay = new Map<RequestId, AbortController>();
  /** The client's `initialize`, and how many of its answers are for nobody: those to a greeting that we sent again. */
  #greeting: { message: JSONRPCRequest; unasked: number } | undefined;
  /** Fulfilled once the greeting under way has its answer: until then the server knows no session for anything else. */
  #greeted: Promise<void> = Promise.resolve();
  #settleGreeting: () => void = () => undefined;
  #greetingAgain: Promise<void> | undefined;

  constructor(options: RemoteOptions) {
    this.#options = options;
    const requestInit = { headers: { authorization: `Bearer ${options.token}` } };
    this.#transport = new StreamableHTTPClientTransport(new URL('/mcp', options.url), { requestInit });
    this.#transport.onmessage = (message) => this.#take(message);
    this.#transport.onerror = () => undefined;
    this.#started = this.#transport.start();
  }

  /** Passes a message on. Where it doesn't get there, whoever waits for its answer gets an error that says why. */
  async send(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      const id = message.params?.requestId;
      if (typeof id === 'string' || typeof id === 'number') this.#underWay.get(id)?.abort();
      // By 2026-07-28 a request is cancelled by the end of its stream alone.
      if (this.#transport.sessionId === undefined) return;
    }
    const abort = new AbortController();
    if (isJSONRPCRequest(message)) this.#underWay.set(message.id, abort);
    try {
      await this.#passOn(message, abort.signal);
    } catch (error) {
      if (isInitializeRequest(message)) this.#settleGreeting();
      if (!isJSONRPCRequest(message) || abort.signal.aborted) return;
      this.#underWay.delete(message.id);
      const { url, onMessage } = this.#options;
      onMessage({ jsonrpc: '2.0', id: message.id, error: { code: SERVER_ERROR, message: problemOf(error, url) } });
    }
  }

  async close(): Promise<void> {
    await this.#transport.terminateSession().catch(() => undefined);
    await this.#transport.close();
  }

  #take(message: JSONRPCMessage): void {
    const isAnswer = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (isAnswer && message.id !== undefined) this.#underWay.delete(message.id);
    const greeting = this.#greeting;
    if (isAnswer && greeting && greeting.message.id === message.id) {
      const version = isJSONRPCResultResponse(message) ? message.result.protocolVersion : undefined;
      if (typeof version === 'string') this.#transport.setProtocolVersion(version);
      this.#settleGreeting();
      if (greeting.unasked > 0) {
        greeting.unasked -= 1;
        return;
      }
    }
    this.#options.onMessage(message);
  }

  async #passOn(message: JSONRPCMessage, signal: AbortSignal): Promise<void> {
    await this.#started;
    if (isJSONRPCRequest(message) && isInitializeRequest(message)) {
      this.#greeting = { message, unasked: 0 };
      this.#beginGreeting();
      return this.#transport.send(message, { requestSignal: signal });
    }
    for (let awaited: unknown; awaited !== this.#greeted; await awaited) awaited = this.#greeted;
    // Whoever cancelled a request that was held waits for no answer, and the server never hears of it.
    if (signal.aborted) return;
    try {
      await this.#pass(message, signal);
    } catch (error) {
      const isForgotten = error instanceof SdkHttpError && error.status === 404;
      if (!isForgotten || this.#greeting === undefined) throw error;
      await this.#greetAgain(this.#greeting);
      await this.#pass(message, signal);
    }
  }

  async #pass(message: JSONRPCMessage, signal: AbortSignal): Promise<void> {
    return this.#transport.send(message, isJSONRPCRequest(message) ? { requestSignal: signal } : {});
  }

  #beginGreeting(): void {
    this.#settleGreeting();
    this.#greeted = new Promise((resolve) => {
      this.#settleGreeting = resolve;
    });
  }

  /** Begins a session anew, once for all the requests that the server knew no session for. */
  #greetAgain(greeting: { message: JSONRPCRequest; unasked: number }): Promise<void> {
    this.#greetingAgain ??= this.#sendAgain(greeting).finally(() => {
      this.#greetingAgain = undefined;
    });
    return this.#greetingAgain;
  }

  async #sendAgain(greeting: { message: JSONRPCRequest; unasked: number }): Promise<void> {
    greeting.unasked += 1;
    await this.#transport.send(greeting.message);
    await this.#transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }
}
