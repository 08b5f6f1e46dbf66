import type { Agent } from '../../domain/agents/agent.ts';
import type { Author } from '../../domain/base/author.ts';
import { digest } from '../../domain/base/digest.ts';
import { conflict } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { laidOut, onOneLine, shortLines } from '../../domain/text/form-lines.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { cancelling, changeEvents } from '../base/open-changes.ts';
import { waiting } from '../gate/loosening.ts';
import { demandProof, neededProof, type ProofLevel } from '../gate/proof.ts';
import { type Terms, waysOf } from '../gate/ways.ts';
import { choices, type Question } from '../review/questions.ts';

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

/**
 * Refuses to delete an agent that demands a proof (`approval.min_proof`) for less than that: the same agent could be made
 * again without the demand.
 */
function demandDeletion(agent: Agent, terms: Terms, given: ProofLevel | undefined): void {
  if (!demandsProof(agent)) return;
  demandProof(agent, terms, `Deleting agent "${agent.name}"`, {
    given,
    instead: 'update_agent with status "archived" stops it and needs none of it',
  });
}

function demandsProof({ approval }: Agent): boolean {
  return (approval.min_proof ?? 'client') !== 'client';
}

/** The question before an agent is deleted that demands a proof; undefined for any other. */
export function deletionQuestion(house: House, idOrName: string): Promise<Question | undefined> {
  return house.read((view) => {
    const agent = findAgent(view, idOrName);
    if (!demandsProof(agent)) return undefined;
    demandSettled(view, agent);
    demandDeletion(agent, house.deps, 'elicited');
    const runs = view.runsOf(agent.id).length;
    const waits = waiting(view, agent.id).length;
    return {
      message: shortLines([
        `Delete agent "${agent.name}" for good?`,
        `Its runs (${runs}) go with it, and its waiting actions (${waits}) are cancelled.`,
      ]),
      text: `${laidOut([
        ['Agent', onOneLine(agent.name)],
        ['Runs that go with it', String(runs)],
        ['Waiting actions that are cancelled', String(waits)],
        ['Why you are asked', 'this agent was set so that approving its actions takes more than a plain call.'],
        ['If it is made again', 'that has to be set again.'],
      ])}\n\n${choices('the agent is deleted.', 'the agent stays.')}`,
      binding: digest([agent.id, agent.version, runs, waits]),
      ways: waysOf(house.deps),
      needed: neededProof(agent, house.deps.env),
    };
  });
}

/** Deletes an agent with its runs. `via`: the proof that a person wants it, where the agent demands one. */
export async function deleteAgent(
  house: House,
  by: Author,
  idOrName: string,
  via?: ProofLevel,
): Promise<{ agent_id: string; runs_deleted: number; actions_cancelled: number }> {
  const { run_ids, value } = await house.commit(by, (view, moment) => {
    const { at } = moment;
    const agent = findAgent(view, idOrName);
    demandSettled(view, agent);
    demandDeletion(agent, moment, via);
    const run_ids = view.runsOf(agent.id).map((run) => run.id);
    const refusal = `Agent "${agent.name}" has an action that is being executed right now. Call delete_agent again in a moment.`;
    const why = { by, at, reason: 'the agent was deleted', refusal };
    const changes = cancelling(view, { agent_id: agent.id }, why);
    const deleted: Event = { type: 'agent_deleted', agent_id: agent.id, run_ids, ...(via ? { via } : {}) };
    const events: Event[] = [...changeEvents(changes), deleted];
    const counts = { agent_id: agent.id, runs_deleted: run_ids.length, actions_cancelled: changes.length };
    return { events, value: { run_ids, value: counts } };
  });
  for (const id of run_ids) house.runs.get(id)?.stop.abort();
  return value;
}
