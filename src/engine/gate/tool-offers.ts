import type { ActionScene, Pinning } from '../../actions/action.ts';
import { ACTION_TYPES, findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import type { Action } from '../../domain/runs/run.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';

/** While contacts are evaluated, what a server offers is asked anew after this long. */
const FRESH_MS = 15_000;

/** What an agent's MCP servers offer; undefined where it has none. */
export async function offersOf(house: House, agent: Agent): Promise<Offers | undefined> {
  const servers = ACTION_TYPES.flatMap((known) => known.servers?.(agent) ?? []);
  return servers.length === 0 ? undefined : house.toolServers.ask(servers, FRESH_MS);
}

/**
 * What an agent's MCP servers offer, where one of the proposals would call a tool. The gate decides within a commit,
 * which can't wait for others, so whoever is about to commit proposals asks first.
 */
export async function offersFor(
  house: House,
  agent: Agent,
  proposals: readonly Proposal[],
): Promise<Offers | undefined> {
  return proposals.some(({ type }) => findActionType(type)?.pin) ? offersOf(house, agent) : undefined;
}

/** What the server of an action's tool offers at this moment, for the last look before it is called. */
export async function offersNow(house: House, action: Action | undefined): Promise<Offers | undefined> {
  return action?.pinned_tool && house.toolServers.ask([action.pinned_tool.server], 0);
}

/** The tool as it is defined now, where an action calls one. */
export function pinnedNow(scene: ActionScene, action: Action): Pinning | undefined {
  return findActionType(action.type)?.pin?.(scene, effectiveParams(action), action.pinned_tool);
}

/** A tool that isn't what was decided on any more. A server that can't be asked is the attempt's own failure. */
export function toolObjection(scene: ActionScene, action: Action): string | undefined {
  const pinning = pinnedNow(scene, action);
  if (!pinning || pinning.isUnreachable) return undefined;
  const { pinned_tool: tool, problem } = pinning;
  if (!tool || tool.digest === action.pinned_tool?.digest) return problem;
  const name = `${tool.server}/${tool.name}`;
  const changed = `the definition of the tool ${name} changed since it was shown: pinned_tool has what it says now`;
  return problem ? `${changed}; ${problem}` : changed;
}
