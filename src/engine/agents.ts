import type { Agent, AgentChanges, AgentInput } from '../domain/agent.ts';
import { type Author, nameOf } from '../domain/author.ts';
import { conflict, invalid, notFound } from '../domain/errors.ts';
import type { Event } from '../domain/events.ts';
import { type AgentCard, currentAgent, type View } from '../domain/state.ts';
import { type CronProblem, checkAgent, loadCronProblem } from './agent-check.ts';
import { newAgent, nextVersion } from './agent-fields.ts';
import type { House } from './house.ts';
import { once, usedKey } from './idempotency.ts';
import { findAgent } from './lookup.ts';
import { loosenings, sourceOf } from './loosening.ts';
import { cancelling, changed } from './open-changes.ts';
import { demandOutputSchema } from './output-schema.ts';
import { type Page, type PageOf, pageOf } from './paging.ts';
import { demandProof, type ProofLevel } from './proof.ts';
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

function listed(agent: AgentCard, view: View, pending: ReadonlyMap<string, number>): Record<string, unknown> {
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

export function listAgents(house: House, filter: AgentFilter, page: Page): Promise<PageOf<Record<string, unknown>>> {
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

function versionOf(view: View, agent: Agent, version: number): Agent {
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

export async function createAgent(
  house: House,
  by: Author,
  input: AgentInput,
  key: string | undefined,
  via?: ProofLevel,
): Promise<ShownAgent> {
  const { store, deps } = house;
  const cronProblem = await loadCronProblem(house);
  await demandOutputSchema(input.output_schema);
  const reading = await store.commit(by, (view) => {
    const at = deps.now().toISOString();
    const seen = once(view, 'create_agent', key, input);
    const earlier = seen ? currentAgent(view, seen.id) : undefined;
    if (seen && !earlier)
      throw conflict(`idempotency_key "${key}" made agent ${seen.id}, which was deleted since. Use another key.`);
    if (earlier) return { events: [], value: { agent: earlier, versions: [...view.agent(earlier.id).versions] } };
    const agent = newAgent(input, { id: deps.newId('ag'), by: nameOf(by), at });
    checkAgent(agent, view, deps.env, cronProblem);
    const events: Event[] = [{ type: 'agent_saved', agent, ...(via ? { via } : {}) }];
    if (key !== undefined) events.push(usedKey('create_agent', key, input, agent.id, at));
    return { events, value: { agent, versions: [agent] } };
  });
  return shownAgent(house, reading);
}

export type AgentUpdate = {
  changes: AgentChanges;
  clear: string[];
  restore_version: number | undefined;
  expected_version: number | undefined;
  /** The proof that a person wants a change that loosens. */
  via?: ProofLevel;
};

/** The version that an update makes of an agent, and what it loosens. */
export function updated(
  { deps }: House,
  view: View,
  idOrName: string,
  update: AgentUpdate,
  cronProblem: CronProblem,
): { before: Agent; agent: Agent } {
  const before = findAgent(view, idOrName);
  const { changes, clear, restore_version } = update;
  if (Object.keys(changes).length + clear.length === 0 && restore_version === undefined)
    throw invalid('Nothing to change: give changes, clear or restore_version. get_agent shows the agent as it is.', {
      changes: 'empty',
    });
  if (update.expected_version !== undefined && update.expected_version !== before.version) {
    throw conflict(
      `Agent ${before.id} is at version ${before.version}, not ${update.expected_version}: someone changed it since. Read it with get_agent, then update again.`,
      { version: before.version, updated_at: before.updated_at },
    );
  }
  const base = restore_version === undefined ? before : versionOf(view, before, restore_version);
  const agent = nextVersion(before, base, changes, clear, deps.now().toISOString());
  checkAgent(agent, view, deps.env, cronProblem);
  return { before, agent };
}

/** What needs a proof, in words for who lacks it. */
export function loosening(agent: Agent): string {
  return `Loosening the approvals of agent "${agent.name}"`;
}

export async function updateAgent(
  house: House,
  by: Author,
  idOrName: string,
  update: AgentUpdate,
): Promise<ShownAgent> {
  const { store, deps } = house;
  await demandOutputSchema(update.changes.output_schema);
  const cronProblem = await loadCronProblem(house);
  const reading = await store.commit(by, (view) => {
    const { before, agent } = updated(house, view, idOrName, update, cronProblem);
    if (loosenings(view, before, agent).length > 0) {
      const given = { given: update.via, source: sourceOf(view, before) };
      demandProof(before, deps.env, loosening(before), given);
    }
    const versions = [...view.agent(before.id).versions, agent];
    const saved: Event = { type: 'agent_saved', agent, ...(update.via ? { via: update.via } : {}) };
    return { events: [saved], value: { agent, versions, before } };
  });
  return shownAgent(house, reading);
}

/** Nobody could settle an attempt of an agent that is gone, and what it may have done would stand in the way for good. */
function demandSettled(view: View, agent: Agent): void {
  const open = [...view.desk().open.values()].filter((item) => item.agent_id === agent.id);
  const unknown = open.filter((item) => item.status === 'unknown').length;
  if (unknown === 0) return;
  throw conflict(
    `Agent "${agent.name}" has ${unknown === 1 ? 'an action' : `${unknown} actions`} of which nobody knows whether it happened. Nothing was deleted. list_pending_actions with agent_id "${agent.id}" and status "unknown" shows them; say what came of each with settle_action, then call delete_agent again.`,
    { unknown },
  );
}

export async function deleteAgent(
  house: House,
  by: Author,
  idOrName: string,
): Promise<{ agent_id: string; runs_deleted: number; actions_cancelled: number }> {
  const { run_ids, value } = await house.store.commit(by, (view) => {
    const agent = findAgent(view, idOrName);
    demandSettled(view, agent);
    const at = house.deps.now().toISOString();
    const run_ids = [...view.runs().values()].filter((run) => run.agent_id === agent.id).map((run) => run.id);
    const refusal = `Agent "${agent.name}" has an action that is being executed right now. Call delete_agent again in a moment.`;
    const why = { by, at, reason: 'the agent was deleted', refusal };
    const changes = cancelling(view, (item) => item.agent_id === agent.id, why);
    const events: Event[] = [...changed(changes), { type: 'agent_deleted', agent_id: agent.id, run_ids }];
    const counts = { agent_id: agent.id, runs_deleted: run_ids.length, actions_cancelled: changes.length };
    return { events, value: { run_ids, value: counts } };
  });
  for (const id of run_ids) house.runs.get(id)?.stop.abort();
  return value;
}
