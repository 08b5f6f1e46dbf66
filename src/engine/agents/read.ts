import type { Agent } from '../../domain/agents/agent.ts';
import { notFound } from '../../domain/base/errors.ts';
import type { AgentCard, View } from '../../domain/state/state.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { type Page, type PageOf, pageOf } from '../base/paging.ts';
import type { AgentRowAsShown } from '../base/shown/agent.ts';
import { type ShownAgent, shownAgent } from './shown-agent.ts';

export type AgentFilter = {
  status?: Agent['status'] | undefined;
  enabled?: boolean | undefined;
  playbook_template?: string | undefined;
  tags?: string[] | undefined;
  architecture?: Agent['architecture'] | undefined;
  visibility?: Agent['visibility'] | undefined;
  query?: string | undefined;
};

function matches(agent: AgentCard, filter: AgentFilter): boolean {
  // Archived agents are listed only when asked for.
  if (filter.status === undefined && agent.status === 'archived') return false;
  if (filter.status !== undefined && agent.status !== filter.status) return false;
  if (filter.enabled !== undefined && agent.enabled !== filter.enabled) return false;
  if (filter.playbook_template !== undefined && agent.playbook_template !== filter.playbook_template) return false;
  if (filter.architecture !== undefined && agent.architecture !== filter.architecture) return false;
  if (filter.visibility !== undefined && agent.visibility !== filter.visibility) return false;
  if (filter.tags?.some((tag) => !agent.tags.includes(tag))) return false;
  const query = filter.query?.toLowerCase();
  return query === undefined || `${agent.name}\n${agent.description ?? ''}`.toLowerCase().includes(query);
}

function listed(agent: AgentCard, view: View, pending: ReadonlyMap<string, number>): AgentRowAsShown {
  const { id, name, description, status, enabled, version, tags, architecture, visibility, updated_at } = agent;
  const last_run = view.desk().last_runs.get(id) ?? null;
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

export function listAgents(house: House, filter: AgentFilter, page: Page): Promise<PageOf<AgentRowAsShown>> {
  return house.store.read((view) => {
    const pending = new Map<string, number>();
    for (const { agent_id, pending_approval } of view.desk().waiting.values())
      pending.set(agent_id, (pending.get(agent_id) ?? 0) + pending_approval);
    const found = [...view.agents().values()].filter((agent) => matches(agent, filter)).reverse();
    return pageOf(found, page, (agent) => listed(agent, view, pending));
  });
}

const RECENT = 20;

/** The newest agents, to pick one from. */
export function recentAgents(house: House): Promise<{ id: string; title: string; description: string }[]> {
  return house.store.read((view) => {
    const found = [...view.agents().values()].filter((agent) => agent.status !== 'archived').slice(-RECENT);
    return found.reverse().map(({ id, name, status, description }) => ({
      id,
      title: name,
      description: `Agent, ${status}${description ? `: ${description.slice(0, 200)}` : ''}`,
    }));
  });
}

export function versionOf(view: View, agent: Agent, version: number): Agent {
  const { versions } = view.agent(agent.id);
  const found = versions.find((item) => item.version === version);
  if (found) return found;
  throw notFound(`Agent ${agent.id} has no version ${version}: it has 1 to ${agent.version}.`);
}

export async function getAgent(house: House, idOrName: string, version: number | undefined): Promise<ShownAgent> {
  const reading = await house.store.read((view) => {
    const current = findAgent(view, idOrName);
    const agent = version === undefined ? current : versionOf(view, current, version);
    return { agent, versions: [...view.agent(current.id).versions] };
  });
  return shownAgent(house, reading);
}
