import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Deps } from '../domain/base/deps.ts';
import { invalid } from '../domain/base/errors.ts';
import type { House } from '../engine/base/house.ts';
import type { WithBrake } from './brake-notice.ts';
import type { Call, ResourceView, Tool } from './define-tool.ts';
import { publicError, resultText } from './result.ts';

const JSON_TYPE = 'application/json';

/** Makes a tool's call of the request that the SDK serves. */
export type CallOf = (ctx: ServerContext) => Call;

/** A failure as the protocol's own error, for resources, prompts and completions: these have no place for our JSON. */
export function protocolError(error: unknown, deps: Deps, data: Record<string, unknown> = {}): ProtocolError {
  if (error instanceof ProtocolError) return error;
  const { code, message } = publicError(error, deps);
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `${code}: ${message}`, data);
}

/** The variables of a URI template, in order. */
export function variablesIn(uri: string): string[] {
  return [...uri.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** A variable as text: the SDK gives the variables of a URI percent-encoded, as the URI has them. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalid(`"${value}" isn't percent-encoded text (RFC 3986, 2.1).`);
  }
}

/** The arguments of a tool, made of the variables of a resource's URI. Throws AppError VALIDATION_ERROR. */
export function argumentsOf(variables: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, decoded(String(value))]));
}

type Read = { uri: URL; variables: Record<string, string | string[]>; call: Call; withBrake: WithBrake };

async function readResource(tool: Tool, { uri, variables, call, withBrake }: Read) {
  try {
    const text = resultText(await withBrake(await tool.run(argumentsOf(variables), call)));
    return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text }] };
  } catch (error) {
    throw protocolError(error, call.house.deps, { uri: uri.href });
  }
}

/** The newest resources of one kind, for clients that let a person pick from a list. */
async function listResources(view: ResourceView, house: House) {
  try {
    const found = (await view.list?.(house)) ?? [];
    return {
      resources: found.map(({ id, title, description }) => ({
        uri: view.uri.replace(/\{\w+\}/, encodeURIComponent(id)),
        name: id,
        title,
        description,
        mimeType: JSON_TYPE,
      })),
    };
  } catch (error) {
    throw protocolError(error, house.deps);
  }
}

/** How resources are read: from which house, as which calls, and with word of the brake. */
export type Serving = { house: House; callOf: CallOf; withBrake: WithBrake };
type Registration = Serving & { tool: Tool; view: ResourceView };

function registerResource(server: McpServer, { tool, view, house, callOf, withBrake }: Registration): void {
  const metadata = { title: view.title, description: view.description, mimeType: JSON_TYPE };
  if (!view.uri.includes('{')) {
    server.registerResource(view.name, view.uri, metadata, (uri, ctx) =>
      readResource(tool, { uri, variables: {}, call: callOf(ctx), withBrake }),
    );
    return;
  }
  const list = view.list ? () => listResources(view, house) : undefined;
  server.registerResource(view.name, new ResourceTemplate(view.uri, { list }), metadata, (uri, variables, ctx) =>
    readResource(tool, { uri, variables, call: callOf(ctx), withBrake }),
  );
}

/** Registers every resource that an offered tool reads. */
export function registerResources(server: McpServer, tools: readonly Tool[], serving: Serving): void {
  for (const tool of tools) for (const view of tool.resources) registerResource(server, { tool, view, ...serving });
}
