import { type McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { Store } from '../store/store.ts';
import type { Caller } from './logins.ts';
import { mintSessionId, readSessionId, type SessionFacts, sessionFacts } from './session-id.ts';

/** Sessions in memory. Beyond them the one idle longest goes, and comes back from its id. */
const MOST_SESSIONS = 1_000;
/** A session that is idle for this long takes no memory any more. */
const IDLE_MS = 5 * 60_000;
const LOOK_MS = 30_000;

/** A session of a client that follows a revision before 2026-07-28. `busy` counts its requests and streams under way. */
export type HttpSession = {
  id: string;
  by: string;
  tombstone: string;
  server: McpServer;
  transport: WebStandardStreamableHTTPServerTransport;
  busy: number;
  usedAt: number;
};

type Terms = {
  store: Pick<Store, 'secret' | 'keep' | 'recall'>;
  serverOf: (caller: Caller) => McpServer;
  now: () => Date;
};

const HEADERS = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };

async function say(transport: WebStandardStreamableHTTPServerTransport, message: unknown, headers = {}): Promise<void> {
  const request = new Request('http://localhost/mcp', { method: 'POST', headers: { ...HEADERS, ...headers } });
  const response = await transport.handleRequest(request, { parsedBody: message });
  await response.text();
}

/** Says to a new transport what the client said at first, so that the server knows its capabilities, and can ask by forms. */
async function introduce(
  transport: WebStandardStreamableHTTPServerTransport,
  id: string,
  facts: SessionFacts,
): Promise<void> {
  const { client: clientInfo, capabilities, protocol: protocolVersion } = facts;
  const params = { protocolVersion, capabilities, clientInfo };
  await say(transport, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
  await say(transport, { jsonrpc: '2.0', method: 'notifications/initialized' }, { 'mcp-session-id': id });
}

/** Under which a deleted session is remembered, for a day: as long as its id could bring it back. */
function tombstoneOf({ id }: SessionFacts): string {
  return `session_${id}`;
}

/** Keeps the sessions of a server. */
export class Sessions {
  readonly #terms: Terms;
  /** By id, in the order of their last use. */
  readonly #open = new Map<string, HttpSession>();
  readonly #returning = new Map<string, Promise<HttpSession | undefined>>();
  readonly #looks: NodeJS.Timeout;

  constructor(terms: Terms) {
    this.#terms = terms;
    this.#looks = setInterval(() => this.#dropIdle(), LOOK_MS).unref();
  }

  /** A new session, for the params of an `initialize` that its transport hasn't had yet. */
  async begin(caller: Caller, params: unknown): Promise<HttpSession> {
    const { store, now } = this.#terms;
    const secret = await store.secret();
    const facts = sessionFacts(caller.key, params, now().getTime());
    return this.#make(caller, mintSessionId(facts, secret), facts);
  }

  /** The caller's session with an id: the one in memory, or made again from its id; undefined where there is none. */
  async find(caller: Caller, id: string): Promise<HttpSession | undefined> {
    const known = this.#open.get(id);
    if (known && known.by !== caller.key) return undefined;
    if (known) {
      this.#open.delete(id);
      this.#open.set(id, known);
      known.usedAt = Date.now();
      return known;
    }
    const under = `${caller.key} ${id}`;
    const coming =
      this.#returning.get(under) ?? this.#comeBack(caller, id).finally(() => this.#returning.delete(under));
    this.#returning.set(under, coming);
    return coming;
  }

  /** Forgets a session that never began. */
  async discard(session: HttpSession): Promise<void> {
    this.#open.delete(session.id);
    await session.server.close();
  }

  /** Ends a session for good: its id never counts again. */
  async end(session: HttpSession): Promise<void> {
    await this.#terms.store.keep(session.tombstone, 'ended');
    await this.discard(session);
  }

  async close(): Promise<void> {
    clearInterval(this.#looks);
    await Promise.allSettled([...this.#open.values()].map((session) => this.discard(session)));
  }

  #dropIdle(): void {
    for (const session of this.#open.values())
      if (session.busy === 0 && session.usedAt < Date.now() - IDLE_MS) this.discard(session).catch(() => undefined);
  }

  #makeRoom(): void {
    if (this.#open.size < MOST_SESSIONS) return;
    const idle = [...this.#open.values()].find(({ busy }) => busy === 0);
    if (idle) this.discard(idle).catch(() => undefined);
  }

  async #make(caller: Caller, id: string, facts: SessionFacts): Promise<HttpSession> {
    this.#makeRoom();
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => id });
    const server = this.#terms.serverOf(caller);
    await server.connect(transport);
    const own = { id, by: caller.key, tombstone: tombstoneOf(facts) };
    const session = { ...own, server, transport, busy: 0, usedAt: Date.now() };
    this.#open.set(id, session);
    return session;
  }

  async #comeBack(caller: Caller, id: string): Promise<HttpSession | undefined> {
    const { store, now } = this.#terms;
    const facts = readSessionId(id, await store.secret(), now().getTime());
    if (facts === undefined || facts.by !== caller.key) return undefined;
    if ((await store.recall(tombstoneOf(facts))) !== undefined) return undefined;
    const session = await this.#make(caller, id, facts);
    await introduce(session.transport, id, facts);
    return session;
  }
}
