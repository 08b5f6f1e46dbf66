import { setImmediate as turn } from 'node:timers/promises';
import { definitionDigest, type OfferedTool, type Offering, type ToolDefinition } from '../../domain/agents/tool.ts';
import type { ToolServer } from '../../domain/base/config.ts';
import type { Check } from '../../domain/schema/json-schema.ts';
import { paramHeaderProblem } from './param-headers.ts';
import type { Hide } from './secrets.ts';

/** Other calls get their turn after so many milliseconds of reading definitions. */
const AT_ONCE_MS = 10;

/** How an inputSchema checks arguments, or why it can't, by the digest of its tool's definition. */
export type KnownChecks = ReadonlyMap<string, Check | { problem: string }>;

/** What a server listed, and how its tools are called. */
export type ServerList = {
  server: ToolServer;
  items: readonly unknown[];
  /** Whether a call sends some arguments as HTTP headers too. */
  mirrorsParams: boolean;
  /** Checks that were made before. */
  known: KnownChecks;
  hide: Hide;
};

/** Tools by name. Where two definitions have the same name, nobody can tell which one a call would reach. */
class Sorting {
  readonly tools = new Map<string, OfferedTool>();
  readonly unusable = new Map<string, string>();
  readonly checks = new Map<string, Check | { problem: string }>();

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
}: ServerList): Promise<Offering & { checks: KnownChecks }> {
  const { argumentCheck, readDefinition } = await import('../../domain/agents/tool-definition.ts');
  const place = 'command' in server ? [server.command, server.args, server.cwd] : [server.transport, server.url];
  const reading = new Sorting();
  const take = (definition: ToolDefinition) => {
    const { name, title, description = '', inputSchema } = definition;
    const digest = definitionDigest(place, definition);
    const problem = mirrorsParams ? paramHeaderProblem(inputSchema) : undefined;
    const check = problem === undefined ? (known.get(digest) ?? argumentCheck(inputSchema)) : { problem };
    reading.checks.set(digest, check);
    if (typeof check === 'function')
      reading.add({ name, title, description: hide(description), inputSchema, digest, check });
    else reading.refuse(name, hide(check.problem));
  };
  let began = performance.now();
  for (const [index, raw] of items.entries()) {
    const read = readDefinition(raw, index + 1);
    if ('problem' in read) reading.refuse(read.label, read.problem);
    else take(read.definition);
    if (performance.now() - began < AT_ONCE_MS) continue;
    await turn();
    began = performance.now();
  }
  return reading;
}
