import {
  CLIENT_INFO_META_KEY,
  McpServer,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { TOOLS } from '../tools/index.ts';
import { clientAsSaid, type Person } from './domain/base/author.ts';
import { isObject } from './domain/base/json.ts';
import { NAME, VERSION } from './domain/base/version.ts';
import type { House } from './engine/base/house.ts';
import { createBrakeNotice } from './mcp/brake-notice.ts';
import { answerCompletions, type Completable } from './mcp/completions.ts';
import type { Prompt } from './mcp/define-prompt.ts';
import type { Call, Tool } from './mcp/define-tool.ts';
import { canShowForms, carriedAnswer, formCodec, showForm } from './mcp/forms/forms.ts';
import { type Asking, FormNeeded, NOBODY } from './mcp/forms/prove.ts';
import { instructionsFor } from './mcp/instructions.ts';
import { createNotices, type WithNotice } from './mcp/notice.ts';
import { type CallProgress, createProgress } from './mcp/progress.ts';
import { promptsFor, registerPrompts } from './mcp/prompts/serve-prompts.ts';
import { registerResources, variablesIn } from './mcp/resources.ts';
import { failureOf, publicError, successOf } from './mcp/result.ts';
import { inputJson, outputJson, shownSchema } from './mcp/schema.ts';
import { canSubscribe, type Listens, serveSubscriptions } from './mcp/subscriptions/subscriptions.ts';
import type { Watcher } from './mcp/subscriptions/watcher.ts';

export type ServerOptions = {
  house: House;
  /** The OS user, as `created_by` and `decided_by` name it. */
  user: string;
  /** Which tools this process offers. */
  offers: (tool: Tool) => boolean;
  /** Watches the store for all subscriptions of the process. */
  watcher: Watcher;
  /** The transport that hears of a connection's `subscriptions/listen` requests. */
  listens?: Listens;
};

/**
 * Who calls: the OS user, and the client's name and version. Since 2026-07-28 each request carries these; before,
 * `initialize` did.
 */
function authorOf(user: string, server: McpServer, ctx: ServerContext): Person {
  const envelope: Record<string, unknown> = { ...ctx.mcpReq.envelope };
  const stated = envelope[CLIENT_INFO_META_KEY];
  const client = isObject(stated) ? stated : server.server.getClientVersion();
  return client ? { user, client: clientAsSaid(String(client.name), String(client.version)) } : { user };
}

/** How the progress of a call is told to its client, if the client asked for that. */
function progressOf(ctx: ServerContext): CallProgress {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return createProgress(undefined);
  return createProgress((told) => {
    const params = { progressToken, ...told };
    ctx.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  });
}

function callOf({ house, user }: ServerOptions, server: McpServer, ctx: ServerContext, progress: CallProgress): Call {
  const { onProgress, onMessage } = progress;
  const by = authorOf(user, server, ctx);
  return { house, by, signal: ctx.mcpReq.signal, asking: NOBODY, onProgress, onMessage };
}

/** A tool as one server offers it. */
type ServedTool = { server: McpServer; tool: Tool; options: ServerOptions; withNotice: WithNotice };

function registerTool(served: ServedTool): void {
  const { server, tool } = served;
  const { readOnly, destructive, idempotent, openWorld } = tool.hints;
  server.registerTool(
    tool.name,
    {
      title: tool.title,
      description: tool.description,
      inputSchema: shownSchema(() => inputJson(tool)),
      outputSchema: shownSchema(() => outputJson(tool.output)),
      annotations: {
        title: tool.title,
        readOnlyHint: readOnly,
        destructiveHint: destructive,
        idempotentHint: idempotent,
        openWorldHint: openWorld,
      },
    },
    (args, ctx) => answer(served, args, ctx),
  );
}

/** Answers a call of a tool, once its progress is told. */
async function answer(served: ServedTool, args: unknown, ctx: ServerContext) {
  const progress = progressOf(ctx);
  try {
    return await carriedOut(served, args, ctx, progress);
  } finally {
    await progress.close();
  }
}

/**
 * Runs a tool. Where it needs the person's word first, the client shows a form, and the tool runs again with the
 * answer.
 */
async function carriedOut(
  { server, tool, options, withNotice }: ServedTool,
  args: unknown,
  ctx: ServerContext,
  progress: CallProgress,
) {
  const call = callOf(options, server, ctx, progress);
  const asking: Asking = { canAsk: canShowForms(server, ctx), tool: tool.name, args };
  let carried = carriedAnswer(ctx);
  for (;;) {
    try {
      const asked = carried ? { ...asking, answer: carried } : asking;
      return successOf(await withNotice(tool, args, () => tool.run(args, { ...call, asking: asked })));
    } catch (error) {
      if (!(error instanceof FormNeeded)) return failureOf(publicError(error, options.house.deps));
      const shown = await showForm(ctx, await formCodec(options.house.store), error, call.by);
      if ('result' in shown) return shown.result;
      carried = shown.answer;
    }
  }
}

/** What `completion/complete` may be asked about: the variables of resource URIs, and the arguments of prompts. */
function completableIn(tools: readonly Tool[], prompts: readonly Prompt[]): Completable {
  const views = tools.flatMap((tool) => tool.resources);
  return new Map([
    ...views.map(({ uri }) => [uri, variablesIn(uri)] as const),
    ...prompts.map((prompt) => [prompt.name, prompt.arguments.map(({ name }) => name)] as const),
  ]);
}

/** What the server declares of itself. Its lists never change while the process lives. */
function capabilitiesOf(tools: readonly Tool[], prompts: readonly Prompt[]): ServerCapabilities {
  const hasResources = tools.some((tool) => tool.resources.length > 0);
  return {
    tools: { listChanged: false },
    ...(hasResources ? { resources: { listChanged: false, subscribe: canSubscribe(tools) } } : {}),
    ...(prompts.length > 0 ? { prompts: { listChanged: false } } : {}),
    ...(hasResources || prompts.length > 0 ? { completions: {} } : {}),
  };
}

/**
 * One MCP server, with the tools, resources and prompts that the process offers. It costs little, so the SDK may make
 * several.
 */
export function createServer(options: ServerOptions): McpServer {
  const tools = TOOLS.filter(options.offers);
  const offered = new Set(tools.map((tool) => tool.name));
  const prompts = promptsFor(offered);
  const completable = completableIn(tools, prompts);
  const server = new McpServer(
    { name: NAME, version: VERSION, title: 'Countersign' },
    {
      instructions: instructionsFor(offered),
      requestState: { verify: async (state, ctx) => (await formCodec(options.house.store)).verify(state, ctx) },
      capabilities: capabilitiesOf(tools, prompts),
    },
  );
  const withNotice = createNotices(options.house, offered);
  for (const tool of tools) registerTool({ server, tool, options, withNotice });
  const withBrake = createBrakeNotice(options.house, offered);
  registerResources(server, tools, {
    house: options.house,
    callOf: (ctx) => callOf(options, server, ctx, createProgress(undefined)),
    withBrake,
  });
  registerPrompts(server, prompts, options.house, offered);
  if (canSubscribe(tools)) serveSubscriptions(server, tools, options);
  if (completable.size > 0) answerCompletions(server, options.house, completable);
  return server;
}
