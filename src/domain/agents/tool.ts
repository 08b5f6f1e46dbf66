import { digest } from '../base/digest.ts';
import type { Check } from '../base/schema-check.ts';
import { quoted } from '../text/quoted.ts';

/**
 * A tool of an MCP server as it was when a call of it was shown for a decision. `description` is the server's own text,
 * in « » and cut. Another `digest` later means that the tool has changed since.
 */
export type PinnedTool = { server: string; name: string; title?: string; description: string; digest: string };

/** A tool that an MCP server offers now. */
export type OfferedTool = {
  name: string;
  title: string | undefined;
  description: string;
  inputSchema: Record<string, unknown>;
  /** The digest of the tool's definition and of its server's place (`definitionDigest`). */
  digest: string;
  /** Says why arguments don't fit `inputSchema`; undefined where they fit. */
  check: Check;
};

/** What an MCP server offers. `unusable` says for each tool that can't be called, by its name or place, why not. */
export type Offering = { tools: ReadonlyMap<string, OfferedTool>; unusable: ReadonlyMap<string, string> };
/** What an MCP server offers, or why it can't be asked. `isUnlisted`: config.json has no usable entry for it. */
export type Offer = Offering | { problem: string; isUnlisted?: true };
/** What each MCP server offers, by the server's name. */
export type Offers = ReadonlyMap<string, Offer>;

/** The parts of a tool's definition that can change what a call of it means to a person. */
export type ToolDefinition = {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: Record<string, unknown>;
  outputSchema?: unknown;
  annotations?: unknown;
};

const SHOWN = 1_000;

/**
 * The digest of a tool's definition and of `place`, its server's command or URL. The place counts because another
 * server may take over the same name: its tool isn't the one that a person said yes to.
 */
export function definitionDigest(place: unknown, tool: ToolDefinition): string {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  return digest([place, { name, title, description, inputSchema, outputSchema, annotations }]);
}

/** What an action keeps of the tool that it calls. */
export function pinned(server: string, { name, title, description, digest: own }: OfferedTool): PinnedTool {
  return {
    server,
    name,
    ...(title ? { title: title.slice(0, 200) } : {}),
    description: quoted(description, SHOWN),
    digest: own,
  };
}
