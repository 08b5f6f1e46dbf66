import type { Agent } from '../agents/agent.ts';
import { belongingOf, HOME_OWNERS } from '../agents/audience.ts';
import { canonical } from '../base/json.ts';
import { addUsage } from '../base/usage.ts';
import { costIn, withCost } from '../runs/spent.ts';
import { namesOfDeleted } from './erasure.ts';
import type { Kind } from './fold.ts';
import type { AgentBook, AgentCard, AgentFile } from './state.ts';

function cardOf(agent: Agent): AgentCard {
  const { playbook: _playbook, output_schema: _schema, custom_functions: _functions, ...card } = agent;
  return card;
}

/** Makes an agent of a book that nothing else shares findable by its name, in any case. */
export function indexName(book: AgentBook, { id, name }: AgentCard): void {
  const key = name.toLowerCase();
  const ids = book.byName.get(key);
  if (ids) ids.add(id);
  else book.byName.set(key, new Set([id]));
}

/** Takes the agent from the ids of its name, or adds it. Copies of a book share the ids of a name, so these are replaced. */
function renameIn(book: AgentBook, { id, name }: AgentCard, isThere: boolean): void {
  const key = name.toLowerCase();
  const ids = new Set(book.byName.get(key));
  if (isThere) ids.add(id);
  else ids.delete(id);
  if (ids.size === 0) book.byName.delete(key);
  else book.byName.set(key, ids);
}

export const agentsKind: Kind<AgentBook> = {
  empty: () => ({ byId: new Map(), byName: new Map(), gone: new Map() }),
  fold(state, event) {
    if (event.type !== 'agent_saved' && event.type !== 'agent_deleted') return;
    const id = event.type === 'agent_saved' ? event.agent.id : event.agent_id;
    const before = state.byId.get(id);
    if (event.type === 'agent_deleted') {
      state.byId.delete(id);
      const was = before && belongingOf(before);
      if (was && canonical(was) !== canonical(HOME_OWNERS)) state.gone.set(id, was);
    } else state.byId.set(id, cardOf(event.agent));
    const after = state.byId.get(id);
    if (before?.name === after?.name) return;
    if (before) renameIn(state, before, false);
    if (after) renameIn(state, after, true);
  },
};

export const agentFileKind: Kind<AgentFile> = {
  empty: () => ({ versions: [] }),
  fold(state, event) {
    if (event.type === 'agent_saved') state.versions = [...state.versions, event.agent];
    if (event.type === 'results_recorded' && !event.backtest) {
      const counted = event.revises === undefined ? 1 : 0;
      for (const { usage } of event.results)
        if (usage) state.usage = { ...addUsage(state.usage, usage), contacts: (state.usage?.contacts ?? 0) + counted };
    }
    if (event.type === 'agent_deleted') {
      state.versions = [];
      delete state.usage;
    }
  },
};

export const evaluatedKind: Kind<Map<string, string>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'results_recorded' && event.revises === undefined)
      for (const { contact_id } of event.results) state.set(contact_id, event.at);
    if (event.type === 'contact_deleted') for (const name of namesOfDeleted(event)) state.delete(name);
    if (event.type === 'agent_deleted') state.clear();
  },
};

export const spentKind: Kind<Map<string, Readonly<Record<string, number>>>> = {
  empty: () => new Map(),
  fold(state, event) {
    const add = (agentId: string, at: string, usd: number) => {
      if (usd > 0) state.set(agentId, withCost(state.get(agentId) ?? {}, at, usd));
    };
    if (event.type === 'results_recorded')
      add(event.agent_id, event.at, costIn(event.results.map(({ usage }) => usage)));
    if (event.type === 'model_paid') add(event.agent_id, event.at, costIn([event.usage]));
    if (event.type === 'thread_talked') add(event.thread.agent_id, event.thread.updated_at, costIn([event.usage]));
  },
};
