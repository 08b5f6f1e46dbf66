import { setImmediate as turn } from 'node:timers/promises';
import { definitionDigest, type OfferedTool, type Offering, type ToolDefinition } from '../../domain/agents/tool.ts';
import { readDefinition } from '../../domain/agents/tool-definition.ts';
import type { ToolServer } from '../../domain/base/config.ts';
import type { Deps } from '../../domain/base/deps.ts';
import type { Check } from '../../domain/base/schema-check.ts';
import { visible } from '../../domain/text/visible.ts';
import { paramHeaderProblem } from './param-headers.ts';
import type { Hide } from './secrets.ts';

/** Other calls get their turn after so many milliseconds of reading definitions. */
const AT_ONCE_MS = 10;

/** How an inputSchema checks arguments, by the digest of its tool's definition. */
export type KnownChecks = ReadonlyMap<string, Check>;

/** What a server listed, and how its tools are called. */
export type ServerList = {
  server: ToolServer;
  items: readonly unknown[];
  /** Whether a call sends some arguments as HTTP headers too. */
  mirrorsParams: boolean;
  /** Checks that were made before. */
  known: KnownChecks;
  hide: Hide;
  schemas: Deps['schemas'];
};

/** Tools by name. Where two definitions have the same name, nobody can tell which one a call would reach. */
class Sorting {
  readonly tools = new Map<string, OfferedTool>();
  readonly unusable = new Map<string, string>();
  readonly checks = new Map<string, Check>();

  add(tool: OfferedTool): void {
    const { name, digest } = tool;
    const before = this.tools.get(name);
    if (this.unusable.has(name) || (before && before.digest !== digest))
      this.refuse(name, 'it is listed twice, and differently');
    else this.tools.set(name, tool);
  }

  refuse(label: string, problem: string): void {
    this.tools.delete(label);
    this.unusable.set(label, problem);
  }
}

/** The check of a tool's arguments, or why its inputSchema allows none. */
async function argumentCheck(
  { schemas }: Pick<Deps, 'schemas'>,
  inputSchema: Record<string, unknown>,
): Promise<Check | { problem: string }> {
  const check = await schemas.checkOf(inputSchema);
  if (typeof check === 'function') return check;
  return { problem: `its inputSchema can't be used: ${visible(check.problem).replace(/\n/g, ' ')}` };
}

/**
 * What a server offers: its tools by name, each with the digest of its definition and a check of arguments; and those
 * that can't be used, with the reason. One bad definition leaves all others as they are.
 */
export async function offeringOf({
  server,
  items,
  mirrorsParams,
  known,
  hide,
  schemas,
}: ServerList): Promise<Offering & { checks: KnownChecks }> {
  const place = 'command' in server ? [server.command, server.args, server.cwd] : [server.transport, server.url];
  const reading = new Sorting();
  const take = async (definition: ToolDefinition) => {
    const { name, title, description = '', inputSchema } = definition;
    const digest = definitionDigest(place, definition);
    const problem = mirrorsParams ? paramHeaderProblem(inputSchema) : undefined;
    const made = async () => known.get(digest) ?? argumentCheck({ schemas }, inputSchema);
    const check = problem === undefined ? await made() : { problem };
    if ('problem' in check) return reading.refuse(name, hide(check.problem));
    reading.checks.set(digest, check);
    reading.add({ name, title, description: hide(description), inputSchema, digest, check });
  };
  let began = performance.now();
  for (const [index, raw] of items.entries()) {
    const read = readDefinition(raw, index + 1);
    if ('problem' in read) reading.refuse(read.label, read.problem);
    else await take(read.definition);
    if (performance.now() - began < AT_ONCE_MS) continue;
    await turn();
    began = performance.now();
  }
  return reading;
}
