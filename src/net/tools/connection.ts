import type { Client, Tool, Transport } from '@modelcontextprotocol/client';
import { definitionDigest, definitionProblem, type OfferedTool } from '../../domain/agents/tool.ts';
import type { ToolServer } from '../../domain/base/config.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Check } from '../../domain/base/json-schema.ts';
import { NAME, VERSION } from '../../domain/base/version.ts';
import { capped } from '../capped-body.ts';
import { answerOf, callProblem, fateOf, type ToolAnswer } from './fate.ts';
import { ToolProcess, toolProcess } from './process.ts';

const IDEMPOTENCY_KEY = 'countersign/idempotency-key';
const BYE_MS = 300;
/** Of one answer over HTTP, or of one stream of them. */
const MOST_BYTES = 16 << 20;
const MOST_TOOLS = 1_000;

export type Timing = {
  /** For a server to start: longer than anybody waits for it, so that it is there for whoever asks next. */
  openMs: number;
  /** For an answer of what it offers, its start included, unless its entry says otherwise. */
  answerMs: number;
  /** For the question which era of the protocol it speaks; silence means an earlier one. */
  eraMs: number;
  /** Between signs of life during a call, and for all of it. */
  callMs: number;
  callTotalMs: number;
  /** An unused connection is closed after this long. */
  idleMs: number;
  /** For calls under way when the process ends. */
  graceMs: number;
};

export type World = Pick<Deps, 'env' | 'log'> & {
  server: string;
  timing: Timing;
  /** The child processes that run, these ones included. */
  live: Set<ToolProcess>;
};

/** One live connection to an MCP server. */
export type ToolConnection = {
  /** What the server offers now, asked anew. */
  tools: () => Promise<ReadonlyMap<string, OfferedTool>>;
  /** Calls once, never again by itself, and only what was last heard to be so defined. */
  call: (tool: OfferedTool, args: Record<string, unknown>, key: string, signal: AbortSignal) => Promise<ToolAnswer>;
  isOpen: () => boolean;
  close: () => Promise<void>;
};

/** Resolves `${NAME}` in header values by the environment; never shows a value. */
function headersOf(headers: Readonly<Record<string, string>>, { server, env }: World): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => {
    const at = `mcpServers.${server}.headers.${name}`;
    const resolved = value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_whole, variable: string) => {
      const found = env[variable];
      if (found === undefined) throw new AppError('PROVIDER_ERROR', `${at} needs the environment variable ${variable}`);
      return found;
    });
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(resolved))
      throw new AppError('PROVIDER_ERROR', `${at} holds a character that a header can't (a line break, say)`);
    return [name, resolved] as const;
  });
  return Object.fromEntries(entries);
}

/** `fetch` for the servers that the person chose: wherever they are, but no answer, or stream of them, without end. */
const boundedFetch: typeof globalThis.fetch = async (input, init) => {
  const response = await fetch(input, init);
  return capped(response, new URL(response.url), MOST_BYTES, () => undefined);
};

async function transportTo(server: ToolServer, world: World): Promise<Transport> {
  if ('command' in server) {
    const onStderr = (line: string) => world.log.debug({ server: world.server, line }, 'an MCP server wrote on stderr');
    return toolProcess({ ...server, onStderr });
  }
  const { SSEClientTransport, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const requestInit = { headers: headersOf(server.headers, world) };
  const url = new URL(server.url);
  return server.transport === 'sse'
    ? new SSEClientTransport(url, { requestInit, fetch: boundedFetch })
    : new StreamableHTTPClientTransport(url, { requestInit, fetch: boundedFetch });
}

/** How long a server may take to say what it offers, its start included. */
export function answerMsOf({ startup_timeout_sec }: ToolServer, { answerMs }: Timing): number {
  return startup_timeout_sec === undefined ? answerMs : startup_timeout_sec * 1_000;
}

/** How long a server's start is waited for, whoever still waits for it. */
function openMsOf(server: ToolServer, timing: Timing): number {
  return Math.max(timing.openMs, answerMsOf(server, timing));
}

/** The promise, or a REQUEST_TIMEOUT. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'REQUEST_TIMEOUT' })), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

type Link = { client: Client; transport: Transport; isOpen: () => boolean };

async function connect(server: ToolServer, world: World, mode: 'auto' | 'legacy', ms: number): Promise<Link> {
  const { Client } = await import('@modelcontextprotocol/client');
  const transport = await transportTo(server, world);
  const probe = { timeoutMs: Math.min(world.timing.eraMs, ms / 2) };
  const client = new Client(
    { name: NAME, version: VERSION },
    { versionNegotiation: { mode, probe }, inputRequired: { autoFulfill: false } },
  );
  let isOpen = true;
  if (transport instanceof ToolProcess) world.live.add(transport);
  transport.onclose = () => {
    isOpen = false;
    if (transport instanceof ToolProcess) world.live.delete(transport);
  };
  client.onerror = (error) => world.log.debug({ server: world.server, error: error.message }, 'an MCP server erred');
  try {
    await within(ms, client.connect(transport, { timeout: ms }));
    return { client, transport, isOpen: () => isOpen };
  } catch (error) {
    await transport.close().catch(() => undefined);
    throw error;
  }
}

/** Connects in the era that the server speaks; one that falls over the question for it gets a second, plain try. */
async function connectInEra(server: ToolServer, world: World): Promise<Link> {
  const openMs = openMsOf(server, world.timing);
  if ('url' in server && server.transport === 'sse') return connect(server, world, 'legacy', openMs);
  const started = performance.now();
  try {
    return await connect(server, world, 'auto', openMs);
  } catch (error) {
    const left = openMs - (performance.now() - started);
    if (error instanceof AppError || left < 200) throw error;
    return connect(server, world, 'legacy', left);
  }
}

/** Makes the tools that a server tells of ours: with their digests, and checks that are compiled when first needed. */
async function offered(server: ToolServer, tools: readonly Tool[], checks: Map<string, Check>) {
  const { compileSchema } = await import('../../domain/base/json-schema.ts');
  const place = 'command' in server ? [server.command, server.args, server.cwd] : [server.transport, server.url];
  const found = tools.map((tool): [string, OfferedTool] => {
    const { name, title, description = '' } = tool;
    const problem = definitionProblem(tool);
    if (problem !== undefined) {
      const unusable = { name, title, description, inputSchema: {}, digest: problem, check: () => problem };
      return [name, unusable];
    }
    const inputSchema: Record<string, unknown> = { ...tool.inputSchema };
    const digest = definitionDigest(place, { ...tool, inputSchema });
    const check: Check = (value) => {
      const known = checks.get(digest) ?? compiled(inputSchema, compileSchema);
      checks.set(digest, known);
      return known(value);
    };
    return [name, { name, title, description, inputSchema, digest, check }];
  });
  return new Map(found);
}

function compiled(schema: Record<string, unknown>, compile: (schema: Record<string, unknown>) => Check): Check {
  try {
    return compile(schema);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
    return () => `the tool's own inputSchema is broken: ${why}`;
  }
}

/** Opens a connection to a server; throws an AppError that says why it can't be. */
export async function openConnection(server: ToolServer, world: World): Promise<ToolConnection> {
  const answerMs = answerMsOf(server, world.timing);
  const callMs = (server.tool_timeout_sec ?? 0) * 1_000 || world.timing.callMs;
  const asProblem = (error: unknown, ms: number) => new AppError('PROVIDER_ERROR', callProblem(error, ms));
  const { client, transport, isOpen } = await connectInEra(server, world).catch((error: unknown) => {
    throw asProblem(error, openMsOf(server, world.timing));
  });
  if (client.getServerVersion()?.name === NAME) {
    await client.close();
    throw new AppError('FORBIDDEN', "it is Countersign itself, whose tools aren't for its own agents");
  }
  const checks = new Map<string, Check>();
  let latest: ReadonlyMap<string, OfferedTool> = new Map();

  async function tools(): Promise<ReadonlyMap<string, OfferedTool>> {
    // Asked of a server without tools, the SDK would print a line on stdout.
    if (!client.getServerCapabilities()?.tools) return new Map();
    try {
      // Whatever a server says of how long its list holds: it is asked.
      const asked = client.listTools(undefined, { cacheMode: 'bypass', timeout: answerMs });
      const { tools: told } = await within(answerMs, asked);
      if (told.length > MOST_TOOLS)
        throw new AppError('LIMIT_EXCEEDED', `it offers ${told.length} tools, and ${MOST_TOOLS} is the most`);
      latest = await offered(server, told, checks);
      return latest;
    } catch (error) {
      throw asProblem(error, answerMs);
    }
  }

  async function call(
    tool: OfferedTool,
    args: Record<string, unknown>,
    key: string,
    signal: AbortSignal,
  ): Promise<ToolAnswer> {
    const { name, inputSchema, digest } = tool;
    if (latest.get(name)?.digest !== digest && (await tools()).get(name)?.digest !== digest)
      return { outcome: 'not_called', text: 'its definition changed just now: a retry brings it back to review' };
    try {
      const result = await client.callTool(
        { name, arguments: args, _meta: { [IDEMPOTENCY_KEY]: key } },
        {
          ...{ timeout: callMs, maxTotalTimeout: world.timing.callTotalMs, resetTimeoutOnProgress: true, signal },
          onprogress: () => undefined,
          // With the definition at hand the SDK neither asks again nor calls again, and leaves the answer as it is.
          toolDefinition: { name, inputSchema: { ...inputSchema, type: 'object' } },
        },
      );
      return answerOf(result);
    } catch (error) {
      if (signal.aborted) return { outcome: 'unanswered', text: 'Countersign ended before it answered' };
      return fateOf(error, callMs);
    }
  }

  async function close(): Promise<void> {
    // A session over HTTP is ours to end; the server may not mind either way.
    if ('terminateSession' in transport && typeof transport.terminateSession === 'function')
      await within(BYE_MS, Promise.resolve(transport.terminateSession())).catch(() => undefined);
    await client.close().catch(() => undefined);
  }

  return { tools, call, isOpen, close };
}
