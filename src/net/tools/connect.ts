import type { Client, Transport } from '@modelcontextprotocol/client';
import type { ToolServer } from '../../domain/base/config.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import { NAME, VERSION } from '../../domain/base/version.ts';
import { capped } from '../capped-body.ts';
import { callProblem, statusOf } from './fate.ts';
import { ToolProcess, toolProcess } from './process.ts';
import { type Hide, withVariables } from './secrets.ts';

/** Bytes of one answer over HTTP, or of one stream of answers. */
const MOST_BYTES = 16 << 20;
/** A second try to connect needs at least this long. */
const SHORTEST_TRY_MS = 200;
const LONGEST_LOGGED = 2_000;

/** Time limits, in milliseconds. */
export type Timing = {
  /** For the start of a server. Calls wait less long for it, so that it may be ready for a later call. */
  openMs: number;
  /** For an answer to what a server offers, its start included, unless its entry says otherwise. */
  answerMs: number;
  /** For an answer to the question which protocol revision a server speaks. Silence means an older one. */
  eraMs: number;
  /** Between signs of life during a call. */
  callMs: number;
  /** For all of a call. */
  callTotalMs: number;
  /** An unused connection is closed after this long. */
  idleMs: number;
  /** For calls under way when this process ends. */
  graceMs: number;
};

/** What a connection to a server needs. */
export type ConnectionDeps = Pick<Deps, 'env' | 'log' | 'schemas'> & {
  /** The name of the server's entry in HOME/config.json. */
  server: string;
  timing: Timing;
  /** The child processes of all servers. A connection adds its own while that runs. */
  live: Set<ToolProcess>;
  /** Hides the secrets of the server's entry in the server's own words. */
  hide: Hide;
};

/** A client that is connected to a server. */
export type ClientLink = { client: Client; transport: Transport; isOpen: () => boolean };

/** Puts environment variables in the place of `${NAME}` in header values. An error never shows a value. */
function headersOf(headers: Readonly<Record<string, string>>, { server, env }: ConnectionDeps): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => {
    const at = `mcpServers.${server}.headers.${name}`;
    const resolved = withVariables(value, env, (variable) => {
      throw new AppError('PROVIDER_ERROR', `${at} needs the environment variable ${variable}`);
    });
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(resolved))
      throw new AppError('PROVIDER_ERROR', `${at} holds a character that a header can't (a line break, say)`);
    return [name, resolved] as const;
  });
  return Object.fromEntries(entries);
}

/** `fetch` for the servers that the person chose. It reaches any address, but cuts an answer without end off. */
const boundedFetch: typeof globalThis.fetch = async (input, init) => {
  const response = await fetch(input, init);
  return capped(response, new URL(response.url), MOST_BYTES, () => undefined);
};

async function transportTo(server: ToolServer, deps: ConnectionDeps): Promise<Transport> {
  if ('command' in server) {
    const onStderr = (line: string) =>
      deps.log.debug({ server: deps.server, line: deps.hide(line) }, 'an MCP server wrote on stderr');
    return toolProcess({ ...server, onStderr });
  }
  const { SSEClientTransport, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const requestInit = { headers: headersOf(server.headers, deps) };
  const url = new URL(server.url);
  return server.transport === 'sse'
    ? new SSEClientTransport(url, { requestInit, fetch: boundedFetch })
    : new StreamableHTTPClientTransport(url, { requestInit, fetch: boundedFetch });
}

/** Milliseconds that a server has to say what it offers, its start included. */
export function answerMsOf({ startup_timeout_sec }: ToolServer, { answerMs }: Timing): number {
  return startup_timeout_sec === undefined ? answerMs : startup_timeout_sec * 1_000;
}

/** Milliseconds that a server has to start. The call that started it may stop waiting earlier. */
export function openMsOf(server: ToolServer, timing: Timing): number {
  return Math.max(timing.openMs, answerMsOf(server, timing));
}

/** The result of `work`, or an error with the code REQUEST_TIMEOUT after `ms` milliseconds. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'REQUEST_TIMEOUT' })), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function connect(
  server: ToolServer,
  deps: ConnectionDeps,
  mode: 'auto' | 'legacy',
  ms: number,
): Promise<ClientLink> {
  const { Client } = await import('@modelcontextprotocol/client');
  const transport = await transportTo(server, deps);
  const probe = { timeoutMs: Math.min(deps.timing.eraMs, ms / 2) };
  const client = new Client(
    { name: NAME, version: VERSION },
    { versionNegotiation: { mode, probe }, inputRequired: { autoFulfill: false } },
  );
  let isOpen = true;
  if (transport instanceof ToolProcess) deps.live.add(transport);
  transport.onclose = () => {
    isOpen = false;
    if (transport instanceof ToolProcess) deps.live.delete(transport);
  };
  client.onerror = (error) =>
    deps.log.debug(
      { server: deps.server, error: deps.hide(error.message.slice(0, LONGEST_LOGGED)) },
      'an MCP server reported an error',
    );
  try {
    await within(ms, client.connect(transport, { timeout: ms }));
    return { client, transport, isOpen: () => isOpen };
  } catch (error) {
    await transport.close().catch(() => undefined);
    throw error;
  }
}

/** One way to reach a server. */
type Way = { server: ToolServer; mode: 'auto' | 'legacy'; isEarlierHttp?: true };

/**
 * The ways to reach a server, best first. A server that fails at the question for its protocol revision is asked without
 * it. One behind a URL may speak the HTTP transport of 2024-11-05 only.
 */
function waysTo(server: ToolServer): Way[] {
  if ('command' in server)
    return [
      { server, mode: 'auto' },
      { server, mode: 'legacy' },
    ];
  const earlier: Way = { server: { ...server, transport: 'sse' }, mode: 'legacy', isEarlierHttp: true };
  if (server.transport === 'sse') return [earlier];
  return [{ server, mode: 'auto' }, { server, mode: 'legacy' }, earlier];
}

/** Whether a server refused the POST with which the present HTTP transport begins: an earlier one knows only GET. */
function refusesPost(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500;
}

/** The error of a server that failed by both HTTP transports. Where both failed alike, the first says it all. */
function bothFailed(error: unknown, earlier: unknown, ms: number, { hide }: ConnectionDeps): unknown {
  if (statusOf(error) === statusOf(earlier)) return error;
  const problems = [error, earlier].map((each) => callProblem(each, ms, hide));
  return new AppError('PROVIDER_ERROR', problems.join(', and by the earlier transport HTTP+SSE '));
}

/** Connects to a server in the protocol revision and by the transport that it speaks. */
export async function connectInEra(server: ToolServer, deps: ConnectionDeps): Promise<ClientLink> {
  const openMs = openMsOf(server, deps.timing);
  const started = performance.now();
  let failed: { error: unknown } | undefined;
  for (const way of waysTo(server)) {
    const left = openMs - (performance.now() - started);
    if (failed && (left < SHORTEST_TRY_MS || (way.isEarlierHttp && !refusesPost(failed.error)))) break;
    const ms = failed && way.isEarlierHttp ? Math.min(left, answerMsOf(server, deps.timing)) : left;
    try {
      return await connect(way.server, deps, way.mode, ms);
    } catch (error) {
      if (error instanceof AppError) throw error;
      failed = { error: failed && way.isEarlierHttp ? bothFailed(failed.error, error, ms, deps) : error };
    }
  }
  throw failed?.error;
}
