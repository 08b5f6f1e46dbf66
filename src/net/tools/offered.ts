import type { Tool } from '@modelcontextprotocol/client';
import { definitionDigest, definitionProblem, type OfferedTool } from '../../domain/agents/tool.ts';
import type { ToolServer } from '../../domain/base/config.ts';
import type { Check } from '../../domain/base/json-schema.ts';

function compiled(schema: Record<string, unknown>, compile: (schema: Record<string, unknown>) => Check): Check {
  try {
    return compile(schema);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
    return () => `the tool's own inputSchema is broken: ${why}`;
  }
}

/**
 * The tools of a server, by name, each with the digest of its definition and a check of arguments. A check is compiled
 * when it is first used, and kept in `checks` by that digest.
 */
export async function offeredTools(server: ToolServer, tools: readonly Tool[], checks: Map<string, Check>) {
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
