import {
  CLIENT_INFO_META_KEY,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { TOOLS } from '../tools/index.ts';
import { mayAnyOf } from './domain/access/scopes.ts';
import { clientAsSaid, type Person } from './domain/base/author.ts';
import { isObject } from './domain/base/json.ts';
import { NAME, VERSION } from './domain/base/version.ts';
import { toldInBundleWords } from './domain/text/bundle-words.ts';
import type { House } from './engine/base/house.ts';
import { createBrakeNotice } from './mcp/brake-notice.ts';
import { answerCompletions, type Completable } from './mcp/completions.ts';
import type { Prompt } from './mcp/define-prompt.ts';
import type { Call, Tool, WithNotice } from './mcp/define-tool.ts';
import { canShowForms, carriedAnswer, showForm, verifiedState } from './mcp/forms/forms.ts';
import { type Asking, FormNeeded, NOBODY } from './mcp/forms/prove.ts';
import { instructionsFor } from './mcp/instructions.ts';
import { createNotices } from './mcp/notice.ts';
import { panelMeta, registerPanels } from './mcp/panels/desk-panel.ts';
import { type CallProgress, createProgress } from './mcp/progress.ts';
import { promptsFor, registerPrompts } from './mcp/prompts/serve-prompts.ts';
import { registerResources, variablesIn } from './mcp/resources.ts';
import { failureOf, publicError, successOf } from './mcp/result.ts';
import { createShownSchemas, type ShownSchemas } from './mcp/schema.ts';
import { demandScopeOf, refuseReading } from './mcp/scope-demand.ts';
import { canSubscribe, type Listens, serveSubscriptions } from './mcp/subscriptions/subscriptions.ts';
import type { Watcher } from './mcp/subscriptions/watcher.ts';

export type ServerOptions = {
  house: House;
  /** Who calls: their name as `created_by` and `decided_by` keep it, and who they are in a team. */
  person: Person;
  /** Which tools this process offers. */
  offers: (tool: Tool) => boolean;
  /** The tools' schemas, where several servers of a process share them. */
  schemas?: ShownSchemas;
  /** Watches the store for all subscriptions of the process. */
  watcher: Watcher;
  /** The transport that hears of a connection's `subscriptions/listen` requests. */
  listens?: Listens;
};

/**
 * Who calls: the person, and the client's name and version. Since 2026-07-28 each request carries these; before,
 * `initialize` did.
 */
function authorOf(person: Person, server: McpServer, ctx: ServerContext): Person {
  const envelope: Record<string, unknown> = { ...ctx.mcpReq.envelope };
  const stated = envelope[CLIENT_INFO_META_KEY];
  const client = isObject(stated) ? stated : server.server.getClientVersion();
  return client ? { ...person, client: clientAsSaid(String(client.name), String(client.version)) } : person;
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

function callOf({ house, person }: ServerOptions, server: McpServer, ctx: ServerContext, progress: CallProgress): Call {
  const { onProgress, onMessage, onStep } = progress;
  const by = authorOf(person, server, ctx);
  return { house, by, signal: ctx.mcpReq.signal, asking: NOBODY, onProgress, onMessage, onStep };
}

/** A tool as one server offers it. */
type ServedTool = { server: McpServer; tool: Tool; options: ServerOptions; withNotice: WithNotice };
/** All that one server offers, by name. */
type Offered = Omit<ServedTool, 'tool'> & { tools: ReadonlyMap<string, Tool> };

function annotationsOf({ title, hints: { readOnly, destructive, idempotent, openWorld } }: Tool) {
  return {
    title,
    readOnlyHint: readOnly,
    destructiveHint: destructive,
    idempotentHint: idempotent,
    openWorldHint: openWorld,
  };
}

/**
 * Answers for the tools. The SDK would register each one at each server, and over HTTP every request has a server of its
 * own: that took a fifth of a request's time, and half of a session's 100 KB. `listed` are those that the caller's scopes
 * allow. The others are there still: a call of one says which scope it needs.
 */
function serveTools(offered: Offered, listed: readonly Tool[], schemas: ShownSchemas): void {
  const { server } = offered.server;
  server.setRequestHandler('tools/list', () => ({
    tools: listed.map((tool) => ({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      inputSchema: { type: 'object', ...schemas(tool).input },
      annotations: annotationsOf(tool),
      outputSchema: { type: 'object', ...schemas(tool).output },
      ...panelMeta(tool),
    })),
  }));
  server.setRequestHandler('tools/call', async ({ params }, ctx) => {
    const tool = offered.tools.get(params.name);
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Tool ${params.name} not found`);
    return answer({ ...offered, tool }, params.arguments ?? {}, ctx);
  });
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
  const { store } = options.house;
  const call = callOf(options, server, ctx, progress);
  const asking: Asking = { canAsk: canShowForms(server, ctx), tool: tool.name, args };
  let carried = carriedAnswer(ctx);
  for (;;) {
    try {
      demandScopeOf(tool, options.person);
      const asked = carried ? { ...asking, answer: carried } : asking;
      const facts = await store.oneCall(() => withNotice(tool, args, () => tool.run(args, { ...call, asking: asked })));
      return successOf(toldInBundleWords(facts, options.house.deps.env));
    } catch (error) {
      if (!(error instanceof FormNeeded)) return failureOf(publicError(error, options.house.deps));
      const shown = await showForm(ctx, options.house, error, call.by);
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
  const all = TOOLS.filter(options.offers);
  const tools = all.filter((tool) => mayAnyOf(options.person, tool.scopes));
  const offered = new Set(tools.map((tool) => tool.name));
  const prompts = mayAnyOf(options.person, ['agents:read']) ? promptsFor(offered) : [];
  const completable = completableIn(tools, prompts);
  const server = new McpServer(
    { name: NAME, version: VERSION, title: 'Countersign' },
    {
      instructions: instructionsFor(offered),
      requestState: { verify: (state, ctx) => verifiedState(state, options.house, ctx) },
      capabilities: capabilitiesOf(tools, prompts),
    },
  );
  const withNotice = createNotices(options.house, offered);
  const schemas = options.schemas ?? createShownSchemas();
  const named = new Map(all.map((tool) => [tool.name, tool]));
  serveTools({ server, options, withNotice, tools: named }, tools, schemas);
  const withBrake = createBrakeNotice(options.house, offered);
  registerResources(server, tools, {
    house: options.house,
    callOf: (ctx) => callOf(options, server, ctx, createProgress(undefined)),
    withBrake,
  });
  registerPanels(server, tools, options.house);
  registerPrompts(server, prompts, options.house, offered);
  if (canSubscribe(tools)) serveSubscriptions(server, tools, options);
  if (completable.size > 0) answerCompletions(server, options.house, completable);
  refuseReading(server, options.person);
  return server;
}
