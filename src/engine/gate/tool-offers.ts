import type { ActionScene, Pinning } from '../../actions/action.ts';
import { ACTION_TYPES, findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { withChecks } from '../../domain/base/schema-check.ts';
import type { Action } from '../../domain/runs/run.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';

/** While contacts are evaluated, a server's list of tools is used for this long before the server is asked again. */
const FRESH_MS = 15_000;

/** The tools of an agent's MCP servers; undefined where the agent uses none. */
export async function offersOf(house: House, agent: Agent): Promise<Offers | undefined> {
  const servers = ACTION_TYPES.flatMap((known) => known.servers?.(agent) ?? []);
  return servers.length === 0 ? undefined : house.toolServers.ask(servers, FRESH_MS);
}

/**
 * The tools of an agent's MCP servers, where one of the proposals calls a tool. The gate decides within a commit, and a
 * commit can't wait for a server, so the tools are asked for before it. The proposals are held against them here too, so
 * that the commit finds the results of their checks and runs once.
 */
export async function offersFor(
  house: House,
  agent: Agent,
  proposals: readonly Proposal[],
): Promise<Offers | undefined> {
  const calls = proposals.filter(({ type }) => findActionType(type)?.pin);
  const offers = calls.length > 0 ? await offersOf(house, agent) : undefined;
  for (const { type, params } of offers ? calls : [])
    await withChecks(() => findActionType(type)?.pin?.({ agent, offers }, params));
  return offers;
}

/** The present tools of the server that an action calls, for the last look before the call. */
export async function offersNow(house: House, action: Action | undefined): Promise<Offers | undefined> {
  return action?.pinned_tool && house.toolServers.ask([action.pinned_tool.server], 0);
}

/** The tool that an action calls, as its server defines it now; undefined where the action calls none. */
export function pinnedNow(scene: ActionScene, action: Action): Pinning | undefined {
  return findActionType(action.type)?.pin?.(scene, effectiveParams(action), action.pinned_tool);
}

/**
 * Why an action may not call its tool any more: the tool is gone, or its definition isn't the one that was decided on.
 * A server that can't be asked is no objection: the attempt fails by itself.
 */
export function toolObjection(scene: ActionScene, action: Action): string | undefined {
  const pinning = pinnedNow(scene, action);
  if (!pinning || pinning.isUnreachable) return undefined;
  const { pinned_tool: tool, problem } = pinning;
  if (!tool || tool.digest === action.pinned_tool?.digest) return problem;
  const name = `${tool.server}/${tool.name}`;
  const changed = `the definition of the tool ${name} changed since it was shown: pinned_tool holds the new one`;
  return problem ? `${changed}; ${problem}` : changed;
}
