import type { Agent } from '../../domain/agents/agent.ts';
import { notFound } from '../../domain/base/errors.ts';
import type { AgentQuery } from '../../domain/state/queries.ts';
import type { AgentCard } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { type PageOf, type SizedPage, shownPage } from '../base/paging.ts';
import type { AgentRowAsShown } from '../base/shown/agent.ts';
import { type ShownAgent, shownAgent } from './shown-agent.ts';

function agentRow(agent: AgentCard, view: View, pending: ReadonlyMap<string, number>): AgentRowAsShown {
  const { id, name, description, status, enabled, version, tags, architecture, visibility, updated_at } = agent;
  const last_run = view.lastRun(id) ?? null;
  return {
    id,
    name,
    description,
    status,
    enabled,
    version,
    tags,
    architecture,
    visibility,
    pending_actions: pending.get(id) ?? 0,
    last_run,
    updated_at,
  };
}

export function listAgents(house: House, query: AgentQuery, page: SizedPage): Promise<PageOf<AgentRowAsShown>> {
  return house.read((view) => {
    const pending = new Map<string, number>();
    for (const { agent_id, pending_approval } of view.waiting().values())
      pending.set(agent_id, (pending.get(agent_id) ?? 0) + pending_approval);
    return shownPage(view.find.agents(query, page), page, (agent) => agentRow(agent, view, pending));
  });
}

const RECENT = 20;

/** The newest agents, for a list to pick one from. */
export function recentAgents(house: House): Promise<{ id: string; title: string; description: string }[]> {
  return house.read((view) => {
    return view.find.agents({}, { limit: RECENT, offset: 0 }).rows.map(({ id, name, status, description }) => ({
      id,
      title: name,
      description: `Agent, ${status}${description ? `: ${description.slice(0, 200)}` : ''}`,
    }));
  });
}

export function versionOf(view: View, agent: Agent, version: number): Agent {
  const { versions } = view.agentFile(agent.id);
  const found = versions.find((item) => item.version === version);
  if (found) return found;
  throw notFound(`Agent ${agent.id} has no version ${version}: it has 1 to ${agent.version}.`);
}

export async function getAgent(house: House, idOrName: string, version: number | undefined): Promise<ShownAgent> {
  const reading = await house.read((view) => {
    const current = findAgent(view, idOrName);
    const agent = version === undefined ? current : versionOf(view, current, version);
    return { agent, versions: [...view.agentFile(current.id).versions] };
  });
  return shownAgent(house, reading);
}
