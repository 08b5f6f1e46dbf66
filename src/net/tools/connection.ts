import type { CallToolRequestOptions } from '@modelcontextprotocol/client';
import type { OfferedTool } from '../../domain/agents/tool.ts';
import type { ToolServer } from '../../domain/base/config.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Check } from '../../domain/base/json-schema.ts';
import { NAME } from '../../domain/base/version.ts';
import { answerMsOf, type ClientLink, type ConnectionDeps, connectInEra, openMsOf, within } from './connect.ts';
import { answerOf, callProblem, fateOf, type ToolAnswer } from './fate.ts';
import { offeredTools } from './offered.ts';

const IDEMPOTENCY_KEY = 'countersign/idempotency-key';
const END_SESSION_MS = 300;
const MOST_TOOLS = 1_000;

function problemOf(error: unknown, ms: number): AppError {
  return new AppError('PROVIDER_ERROR', callProblem(error, ms));
}

/** One live connection to an MCP server. */
export class ToolConnection {
  readonly #server: ToolServer;
  readonly #deps: ConnectionDeps;
  readonly #link: ClientLink;
  /** Compiled checks of arguments, by the digest of the tool's definition. */
  readonly #checks = new Map<string, Check>();
  #latest: ReadonlyMap<string, OfferedTool> = new Map();

  constructor(server: ToolServer, deps: ConnectionDeps, link: ClientLink) {
    this.#server = server;
    this.#deps = deps;
    this.#link = link;
  }

  /** Asks what the server offers now. Throws AppError PROVIDER_ERROR. */
  async tools(): Promise<ReadonlyMap<string, OfferedTool>> {
    const { client } = this.#link;
    const answerMs = answerMsOf(this.#server, this.#deps.timing);
    // Where a server declares no tools, the SDK's listTools would print a line on stdout.
    if (!client.getServerCapabilities()?.tools) return new Map();
    try {
      // A server may say that its list holds for a while. It is asked all the same.
      const asked = client.listTools(undefined, { cacheMode: 'bypass', timeout: answerMs });
      const { tools } = await within(answerMs, asked);
      if (tools.length > MOST_TOOLS)
        throw new AppError('LIMIT_EXCEEDED', `it offers ${tools.length} tools, and ${MOST_TOOLS} is the most`);
      this.#latest = await offeredTools(this.#server, tools, this.#checks);
      return this.#latest;
    } catch (error) {
      throw problemOf(error, answerMs);
    }
  }

  /** Calls a tool once, and only if its definition is still the given one. Never calls again by itself. */
  async call(tool: OfferedTool, args: Record<string, unknown>, key: string, signal: AbortSignal): Promise<ToolAnswer> {
    const { name, digest } = tool;
    if (this.#latest.get(name)?.digest !== digest && (await this.tools()).get(name)?.digest !== digest)
      return { outcome: 'not_called', text: 'its definition changed just now: a retry brings it back to review' };
    const callMs = (this.#server.tool_timeout_sec ?? 0) * 1_000 || this.#deps.timing.callMs;
    try {
      const params = { name, arguments: args, _meta: { [IDEMPOTENCY_KEY]: key } };
      return answerOf(await this.#link.client.callTool(params, this.#callOptions(tool, callMs, signal)));
    } catch (error) {
      if (signal.aborted) return { outcome: 'unanswered', text: 'Countersign ended before it answered' };
      return fateOf(error, callMs);
    }
  }

  isOpen(): boolean {
    return this.#link.isOpen();
  }

  async close(): Promise<void> {
    const { client, transport } = this.#link;
    // A client ends its session over HTTP. A server that fails at it changes nothing.
    if ('terminateSession' in transport && typeof transport.terminateSession === 'function')
      await within(END_SESSION_MS, Promise.resolve(transport.terminateSession())).catch(() => undefined);
    await client.close().catch(() => undefined);
  }

  #callOptions({ name, inputSchema }: OfferedTool, timeout: number, signal: AbortSignal): CallToolRequestOptions {
    return {
      timeout,
      maxTotalTimeout: this.#deps.timing.callTotalMs,
      resetTimeoutOnProgress: true,
      signal,
      onprogress: () => undefined,
      // With the definition, the SDK doesn't list the tools again, calls only once, and leaves the answer as it is.
      toolDefinition: { name, inputSchema: { ...inputSchema, type: 'object' } },
    };
  }
}

/** Opens a connection to a server. Throws AppError with the reason where that fails. */
export async function openConnection(server: ToolServer, deps: ConnectionDeps): Promise<ToolConnection> {
  const link = await connectInEra(server, deps).catch((error: unknown) => {
    throw problemOf(error, openMsOf(server, deps.timing));
  });
  if (link.client.getServerVersion()?.name === NAME) {
    await link.client.close();
    throw new AppError('FORBIDDEN', "it is Countersign itself, whose tools aren't for its own agents");
  }
  return new ToolConnection(server, deps, link);
}
