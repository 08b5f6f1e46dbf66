import type { Agent } from '../../domain/agents/agent.ts';
import type { Author } from '../../domain/base/author.ts';
import { conflict } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { cancelling, changeEvents } from '../base/open-changes.ts';
import type { ProofLevel } from '../gate/proof.ts';
import { demandChangeable } from './rights.ts';
import { approvedBy, type Decider, decidedOn, demandWant, wantOfDeletion } from './wants.ts';

/**
 * Refuses to delete an agent with attempts whose outcome is unknown: CONFLICT. Nobody could settle them after that, and
 * each would block equal actions for good.
 */
export function demandSettled(view: View, agent: Agent): void {
  const open = view.open({ agent_id: agent.id, statuses: ['unknown'] });
  const unknown = open.length;
  if (unknown === 0) return;
  throw conflict(
    `Agent "${agent.name}" has ${unknown} action(s) whose outcome is unknown. Nothing was deleted. list_pending_actions with agent_id "${agent.id}" and status "unknown" shows them; say what came of each with settle_action, then call delete_agent again.`,
    { unknown },
  );
}

type Deletion = { agent_id: string; run_ids: string[]; actions_cancelled: number };

/** Deletes an agent with its runs. `via`: the proof that a person wants it, where the agent demands one. */
export function decideDeletion(
  view: View,
  moment: Moment,
  idOrName: string,
  decider: Decider,
): { events: Event[]; value: Deletion } {
  const { by, via } = decider;
  const { at, env } = moment;
  const agent = findAgent(view, idOrName);
  demandChangeable(by, agent);
  demandSettled(view, agent);
  const want = wantOfDeletion(agent);
  demandWant(view, want, env, via);
  const run_ids = view.runsOf(agent.id).map((run) => run.id);
  const refusal = `Agent "${agent.name}" has an action that is being executed right now. Call delete_agent again in a moment.`;
  const changes = cancelling(view, { agent_id: agent.id }, { by, at, reason: 'the agent was deleted', refusal });
  const deleted: Event = { type: 'agent_deleted', agent_id: agent.id, run_ids, ...(via ? { via } : {}) };
  const events: Event[] = [...changeEvents(changes), deleted];
  if (want && via) events.push(decidedOn(want, approvedBy(moment, via, decider)));
  return { events, value: { agent_id: agent.id, run_ids, actions_cancelled: changes.length } };
}

/** Stops what is under way of a deleted agent's runs. */
export function stopRuns(house: House, runIds: readonly string[]): void {
  for (const id of runIds) house.runs.get(id)?.stop.abort();
}

export async function deleteAgent(
  house: House,
  by: Author,
  idOrName: string,
  via?: ProofLevel,
): Promise<{ agent_id: string; runs_deleted: number; actions_cancelled: number }> {
  const { run_ids, ...told } = await house.commit(by, (view, moment) =>
    decideDeletion(view, moment, idOrName, { by, via }),
  );
  stopRuns(house, run_ids);
  return { ...told, runs_deleted: run_ids.length };
}
