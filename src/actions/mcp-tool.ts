import { z } from 'zod';
import type { Agent } from '../domain/agents/agent.ts';
import { type OfferedTool, type Offering, type Offers, type PinnedTool, pinned } from '../domain/agents/tool.ts';
import type { Deps } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';
import { type ActionType, EffectFailed, EffectUnknown, type Pinning } from './action.ts';
import { serversIn } from './capability.ts';
import { jsonObject } from './json-object.ts';

const CAPABILITY = 'mcp:<server>';
const MOST_NAMED = 30;
const params = z.strictObject({ tool: z.string().min(1).max(300), arguments: jsonObject });

/** The MCP servers whose tools an agent may propose. */
function serversOf(agent: Agent): string[] {
  return serversIn(agent.capabilities, CAPABILITY);
}

type FoundTool = { server: string; tool: OfferedTool };
type Missing = { problem: string; isUnreachable?: boolean };

function offeringsOf(servers: readonly string[], offers: Offers): [string, Offering][] {
  return servers.flatMap((server): [string, Offering][] => {
    const offer = offers.get(server);
    return offer && 'tools' in offer ? [[server, offer]] : [];
  });
}

function allTools(servers: readonly string[], offers: Offers): FoundTool[] {
  return offeringsOf(servers, offers).flatMap(([server, { tools }]) =>
    [...tools.values()].map((tool) => ({ server, tool })),
  );
}

/** The tools that can't be used as their servers define them, with the reason. */
function unusableTools(
  servers: readonly string[],
  offers: Offers,
): { server: string; name: string; problem: string }[] {
  return offeringsOf(servers, offers).flatMap(([server, { unusable }]) =>
    [...unusable].map(([name, problem]) => ({ server, name, problem })),
  );
}

function unusable({ server, name, problem }: { server: string; name: string; problem: string }): Missing {
  return { problem: `the tool ${server}/${name} is unusable: ${problem}` };
}

/** For each server that couldn't be asked, why. */
function unreachable(servers: readonly string[], offers: Offers): string[] {
  return servers.flatMap((server) => {
    const offer = offers.get(server);
    if (offer && 'tools' in offer) return [];
    return [`the MCP server "${server}" can't be asked: ${offer?.problem ?? "it wasn't asked"}`];
  });
}

/** A tool by `server/tool`, or by its own name where exactly one of the agent's servers offers it. */
function findTool(agent: Agent, offers: Offers, wanted: string): FoundTool | Missing {
  const servers = serversOf(agent);
  const all = allTools(servers, offers);
  // `server/tool` means that server alone: another server could offer a tool whose own name is `server/tool`.
  const isFull = servers.some((server) => wanted.startsWith(`${server}/`));
  const isWanted = (server: string, name: string) => (isFull ? `${server}/${name}` : name) === wanted;
  const found = all.filter(({ server, tool }) => isWanted(server, tool.name));
  const bad = unusableTools(servers, offers).filter(({ server, name }) => isWanted(server, name));
  const [only] = found;
  const [onlyBad] = bad;
  if (only && found.length + bad.length === 1) return only;
  if (onlyBad && found.length + bad.length === 1) return unusable(onlyBad);
  if (found.length + bad.length > 1) {
    const named = [...found.map(({ server, tool }) => ({ server, name: tool.name })), ...bad];
    const names = named.map(({ server, name }) => `${server}/${name}`).join(' or ');
    return { problem: `more than one of the agent's MCP servers offers "${wanted}": write ${names} as params.tool` };
  }
  const asked = isFull ? servers.filter((server) => wanted.startsWith(`${server}/`)) : servers;
  const trouble = unreachable(asked, offers);
  if (trouble.length > 0) return { problem: trouble.join('; '), isUnreachable: true };
  const names = all.slice(0, MOST_NAMED).map(({ server, tool }) => `${server}/${tool.name}`);
  const more = all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : '';
  return {
    problem: `none of the agent's MCP servers offers "${wanted}": they offer ${names.join(', ') || 'none'}${more}`,
  };
}

/** The tool that was decided on, by its name and its server, as the server offers it now. */
function findAgain(agent: Agent, offers: Offers, { server, name }: PinnedTool): FoundTool | Missing {
  if (!serversOf(agent).includes(server)) return { problem: `the agent no longer has the capability "mcp:${server}"` };
  const [trouble] = unreachable([server], offers);
  const offer = offers.get(server);
  const isUnlisted = offer !== undefined && 'problem' in offer && offer.isUnlisted === true;
  if (trouble !== undefined) return { problem: trouble, ...(isUnlisted ? {} : { isUnreachable: true }) };
  const found = allTools([server], offers).find(({ tool }) => tool.name === name);
  const bad = unusableTools([server], offers).find((tool) => tool.name === name);
  if (bad) return unusable(bad);
  return found ?? { problem: `the MCP server "${server}" no longer offers the tool "${name}"` };
}

function pin(agent: Agent, offers: Offers, given: z.infer<typeof params>, before: PinnedTool | undefined): Pinning {
  const found = before ? findAgain(agent, offers, before) : findTool(agent, offers, given.tool);
  if (!('tool' in found)) return found;
  const { server, tool } = found;
  const misfit = tool.check(given.arguments);
  const problem = misfit && `wrong shape: params.arguments don't fit ${server}/${tool.name}: ${misfit}`;
  return { pinned_tool: pinned(server, tool), ...(problem ? { problem } : {}) };
}

/**
 * Warnings about servers whose tools an agent may propose, but which HOME/config.json doesn't list or lists wrongly.
 */
function warnings(agent: Agent, { config }: Pick<Deps, 'config'>): string[] {
  const servers = serversOf(agent);
  if (servers.length === 0) return [];
  try {
    const { file, mcpServers } = config();
    return servers.flatMap((server) => {
      const entry = mcpServers.get(server);
      if (entry && !('problem' in entry)) return [];
      const why = entry ? entry.problem : `${file} doesn't list "${server}" under mcpServers; the person can add it`;
      return [`The capability "mcp:${server}" has no effect, and its mcp_tool actions are blocked: ${why}.`];
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [`mcp_tool actions are blocked: ${error.message}`];
  }
}

/**
 * `mcp_tool`, params `{tool, arguments}`: a call of one tool of a server that the person lists in HOME/config.json.
 * An agent needs one capability `mcp:<server>` for each server whose tools it may propose.
 */
export const mcpTool: ActionType = {
  type: 'mcp_tool',
  noun: 'call of a tool',
  capability: CAPABILITY,
  outbound: true,
  harmless: false,
  leavesMachine: () => true,
  consent: ['do_not_contact'],
  params,
  target: () => undefined,
  obstacle: () => undefined,
  pin({ agent, offers = new Map() }, given, before) {
    const parsed = params.safeParse(given);
    return parsed.success ? pin(agent, offers, parsed.data, before) : { problem: z.prettifyError(parsed.error) };
  },
  servers: serversOf,
  warnings,
  async perform({ agent, offers = new Map(), params: given, pinned_tool, idempotency_key, toolServers }) {
    const parsed = params.safeParse(given);
    const unpinned = { problem: 'no definition of its tool is pinned' };
    const found = pinned_tool ? findAgain(agent, offers, pinned_tool) : unpinned;
    if ('problem' in found) throw new EffectFailed('PROVIDER_ERROR', `Nothing was called: ${found.problem}.`);
    if (!parsed.success)
      throw new EffectFailed('VALIDATION_ERROR', `Nothing was called: ${z.prettifyError(parsed.error)}.`);
    const { server, tool } = found;
    const { outcome, text } = await toolServers.call({ server, tool, args: parsed.data.arguments, idempotency_key });
    const name = `${server}/${tool.name}`;
    if (outcome === 'done') return { channel: 'mcp', note: text };
    if (outcome === 'refused') throw new EffectFailed('PROVIDER_ERROR', `${name} answered that it failed: ${text}`);
    if (outcome === 'not_called') throw new EffectFailed('PROVIDER_ERROR', `Nothing was called: ${name}: ${text}.`);
    throw new EffectUnknown(
      'PROVIDER_ERROR',
      `${name} was called, but what came of it is unknown: ${text}. Find out, then use settle_action.`,
    );
  },
};
