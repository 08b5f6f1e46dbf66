import { z } from 'zod';
import type { Agent } from '../domain/agents/agent.ts';
import type { OfferedTool, Offers } from '../domain/agents/tool.ts';
import { quoted } from '../domain/text/quoted.ts';
import { tokensOf } from '../domain/text/tokens.ts';
import type { ActionType } from './action.ts';
import { gives } from './capability.ts';
import { ACTION_TYPES } from './index.ts';

/** One type of action that an agent may propose, with the JSON Schema of its params. */
export type AllowedAction = { type: string; params: Record<string, unknown> };

/** The most tokens that the tools of MCP servers may take in a briefing. Tools beyond that are given by name alone. */
const TOOL_TOKENS = 1_500;
const MOST_NAMED = 50;
/** The most tokens that may say why tools can't be used. */
const UNUSABLE_TOKENS = 300;
const LONGEST_WHY = 200;

/** Every capability, in the order of the action types that need them. */
export const CAPABILITIES: readonly string[] = [...new Set(ACTION_TYPES.map(({ capability }) => capability))];

/** Whether a word among an agent's capabilities is one that some type of action needs. */
export function isCapability(word: string): boolean {
  return CAPABILITIES.some((capability) => gives(word, capability));
}

/** Whether an agent's capabilities cover a type of action; `mcp:<server>` is covered by the word for any server. */
export function isCapable(agent: Agent, known: ActionType): boolean {
  return agent.capabilities.some((word) => gives(word, known.capability));
}

function toolCall(type: string, tool: object, args: object, description?: string): AllowedAction {
  const params = { type: 'object', required: ['tool', 'arguments'], properties: { tool, arguments: args } };
  return { type, params: { ...(description ? { description } : {}), ...params } };
}

/** One entry for each tool, with its own schema, as long as there is room; then one entry with the other names. */
function toolCalls(type: string, offers: Offers): AllowedAction[] {
  const tools = [...offers].flatMap(([server, offer]) =>
    'tools' in offer
      ? [...offer.tools.values()].map((tool): [string, OfferedTool] => [`${server}/${tool.name}`, tool])
      : [],
  );
  const entries: AllowedAction[] = [];
  const rest: string[] = [];
  let left = TOOL_TOKENS;
  for (const [name, tool] of tools) {
    const entry = toolCall(type, { const: name }, tool.inputSchema, quoted(tool.description, 500));
    const cost = tokensOf(entry);
    if (cost > left) rest.push(name);
    else {
      entries.push(entry);
      left -= cost;
    }
  }
  if (rest.length > 0) entries.push(toolCall(type, { enum: rest.slice(0, MOST_NAMED) }, { type: 'object' }));
  return entries;
}

/** What an agent may propose, with the JSON Schema of the params: an entry for each type, and for each MCP tool. */
export function allowedActions(agent: Agent, offers?: Offers): AllowedAction[] {
  return ACTION_TYPES.filter((known) => isCapable(agent, known)).flatMap((known) => {
    if (known.pin && offers) return toolCalls(known.type, offers);
    const { $schema: _schema, ...params } = z.toJSONSchema(known.params, { io: 'output', unrepresentable: 'any' });
    return [{ type: known.type, params }];
  });
}

/**
 * Why an agent can't propose some tools of its MCP servers: by `server/tool`, or by a server that can't be asked.
 * Undefined where all can be used.
 */
export function unusableOf(offers: Offers | undefined): Record<string, string> | undefined {
  const all = [...(offers ?? [])].flatMap(([server, offer]): [string, string][] =>
    'tools' in offer
      ? [...offer.unusable].map(([name, problem]): [string, string] => [`${server}/${name}`, problem])
      : [[server, `it can't be asked: ${offer.problem}`]],
  );
  const told = new Map<string, string>();
  let left = UNUSABLE_TOKENS;
  for (const [name, problem] of all) {
    const reason = problem.slice(0, LONGEST_WHY);
    left -= tokensOf([name, reason]);
    if (left < 0) break;
    told.set(name, reason);
  }
  if (told.size < all.length) told.set('others', `${all.length - told.size} more can't be used`);
  return all.length > 0 ? Object.fromEntries(told) : undefined;
}
