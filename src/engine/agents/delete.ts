import type { Agent } from '../../domain/agents/agent.ts';
import type { Author } from '../../domain/base/author.ts';
import { conflict } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { cancelling, changeEvents } from '../base/open-changes.ts';

/**
 * Refuses to delete an agent with attempts whose outcome is unknown: CONFLICT. Nobody could settle them after that, and
 * each would block equal actions for good.
 */
function demandSettled(view: View, agent: Agent): void {
  const open = view.open({ agent_id: agent.id, statuses: ['unknown'] });
  const unknown = open.length;
  if (unknown === 0) return;
  throw conflict(
    `Agent "${agent.name}" has ${unknown} action(s) whose outcome is unknown. Nothing was deleted. list_pending_actions with agent_id "${agent.id}" and status "unknown" shows them; say what came of each with settle_action, then call delete_agent again.`,
    { unknown },
  );
}

export async function deleteAgent(
  house: House,
  by: Author,
  idOrName: string,
): Promise<{ agent_id: string; runs_deleted: number; actions_cancelled: number }> {
  const { run_ids, value } = await house.commit(by, (view, { at }) => {
    const agent = findAgent(view, idOrName);
    demandSettled(view, agent);
    const run_ids = view.runsOf(agent.id).map((run) => run.id);
    const refusal = `Agent "${agent.name}" has an action that is being executed right now. Call delete_agent again in a moment.`;
    const why = { by, at, reason: 'the agent was deleted', refusal };
    const changes = cancelling(view, { agent_id: agent.id }, why);
    const events: Event[] = [...changeEvents(changes), { type: 'agent_deleted', agent_id: agent.id, run_ids }];
    const counts = { agent_id: agent.id, runs_deleted: run_ids.length, actions_cancelled: changes.length };
    return { events, value: { run_ids, value: counts } };
  });
  for (const id of run_ids) house.runs.get(id)?.stop.abort();
  return value;
}
