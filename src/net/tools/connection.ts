import type { CallToolRequestOptions } from '@modelcontextprotocol/client';
import type { OfferedTool, Offering } from '../../domain/agents/tool.ts';
import type { ToolServer } from '../../domain/base/config.ts';
import { AppError } from '../../domain/base/errors.ts';
import { NAME } from '../../domain/base/version.ts';
import { answerMsOf, type ClientLink, type ConnectionDeps, connectInEra, openMsOf, within } from './connect.ts';
import { answerOf, callProblem, fateOf, type ToolAnswer } from './fate.ts';
import { type KnownChecks, offeringOf } from './offered.ts';
import { ToolProcess } from './process.ts';
import { type ListTools, listingOver } from './tool-list.ts';

const IDEMPOTENCY_KEY = 'countersign/idempotency-key';
const END_SESSION_MS = 300;

function problemOf(error: unknown, ms: number, { hide }: ConnectionDeps): AppError {
  return new AppError('PROVIDER_ERROR', callProblem(error, ms, hide));
}

/** One live connection to an MCP server. */
export class ToolConnection {
  readonly #server: ToolServer;
  readonly #deps: ConnectionDeps;
  readonly #link: ClientLink;
  readonly #list: ListTools;
  #checks: KnownChecks = new Map();
  #latest: Offering = { tools: new Map(), unusable: new Map() };

  constructor(server: ToolServer, deps: ConnectionDeps, link: ClientLink) {
    this.#server = server;
    this.#deps = deps;
    this.#link = link;
    this.#list = listingOver(link.client, link.transport);
  }

  /** Asks what the server offers now. Throws AppError PROVIDER_ERROR. */
  async offering(): Promise<Offering> {
    const { client, transport } = this.#link;
    const answerMs = answerMsOf(this.#server, this.#deps.timing);
    if (!client.getServerCapabilities()?.tools) return { tools: new Map(), unusable: new Map() };
    try {
      const items = await within(answerMs, this.#list(answerMs));
      // Over HTTP, the present revision sends arguments that a definition names as headers too.
      const mirrorsParams = client.getProtocolEra() === 'modern' && !(transport instanceof ToolProcess);
      const { hide, schemas } = this.#deps;
      const listed = { server: this.#server, items, mirrorsParams, known: this.#checks, hide, schemas };
      const { checks, ...offering } = await offeringOf(listed);
      this.#checks = checks;
      this.#latest = offering;
      return offering;
    } catch (error) {
      throw problemOf(error, answerMs, this.#deps);
    }
  }

  /** Calls a tool once, and only if its definition is still the given one. Never calls again by itself. */
  async call(tool: OfferedTool, args: Record<string, unknown>, key: string, signal: AbortSignal): Promise<ToolAnswer> {
    const { name, digest } = tool;
    const isSame = ({ tools }: Offering) => tools.get(name)?.digest === digest;
    if (!isSame(this.#latest) && !isSame(await this.offering()))
      return { outcome: 'not_called', text: 'its definition changed just now: a retry brings it back to review' };
    const callMs = (this.#server.tool_timeout_sec ?? 0) * 1_000 || this.#deps.timing.callMs;
    try {
      const params = { name, arguments: args, _meta: { [IDEMPOTENCY_KEY]: key } };
      const result = await this.#link.client.callTool(params, this.#callOptions(tool, callMs, signal));
      return answerOf(result, this.#deps.hide);
    } catch (error) {
      if (signal.aborted) return { outcome: 'unanswered', text: 'Countersign ended before it answered' };
      return fateOf(error, callMs, this.#deps.hide);
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
    throw problemOf(error, openMsOf(server, deps.timing), deps);
  });
  if (link.client.getServerVersion()?.name === NAME) {
    await link.client.close();
    throw new AppError('FORBIDDEN', "it is Countersign itself, whose tools aren't for its own agents");
  }
  return new ToolConnection(server, deps, link);
}
