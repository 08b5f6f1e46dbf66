import { digest } from '../base/digest.ts';
import { depthOf } from '../base/json.ts';
import type { Check } from '../base/json-schema.ts';
import { quoted } from '../text/quoted.ts';

/** A tool of an MCP server as a decision binds to it. `description` is the server's own text, quoted, cut. */
export type PinnedTool = { server: string; name: string; title?: string; description: string; digest: string };

/** A tool that an MCP server offers now. */
export type OfferedTool = {
  name: string;
  title: string | undefined;
  description: string;
  inputSchema: Record<string, unknown>;
  /** Over all that its server says of it, and over where that server is. */
  digest: string;
  /** Why arguments don't fit its inputSchema, if so. */
  check: Check;
};

/** What an MCP server offers, or why it can't be asked; `isUnlisted`: the person's config.json gives no way to it. */
export type Offer = { tools: ReadonlyMap<string, OfferedTool> } | { problem: string; isUnlisted?: true };
/** By the name of the server. */
export type Offers = ReadonlyMap<string, Offer>;

/** What a server says of a tool, as far as it can change what a call means to a person. */
export type ToolDefinition = {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: Record<string, unknown>;
  outputSchema?: unknown;
  annotations?: unknown;
};

const MAX_DEPTH = 64;
const SHOWN = 1_000;

/** Why a definition can't be used, if so. */
export function definitionProblem(tool: ToolDefinition): string | undefined {
  return depthOf(tool, MAX_DEPTH) > MAX_DEPTH ? `its definition nests deeper than ${MAX_DEPTH} levels` : undefined;
}

/** `place` is where the server is: another command or URL under the same name is another tool. */
export function definitionDigest(place: unknown, tool: ToolDefinition): string {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  return digest([place, { name, title, description, inputSchema, outputSchema, annotations }]);
}

export function pinned(server: string, { name, title, description, digest: own }: OfferedTool): PinnedTool {
  return {
    server,
    name,
    ...(title ? { title: title.slice(0, 200) } : {}),
    description: quoted(description, SHOWN),
    digest: own,
  };
}
