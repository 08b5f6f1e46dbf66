import type { Agent, AgentChanges, AgentInput } from '../../domain/agents/agent.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { conflict, invalid } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { earlierUse, usedKey } from '../base/idempotency.ts';
import { findAgent } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { loosenings, sourceOf } from '../gate/loosening.ts';
import { demandProof, type ProofLevel } from '../gate/proof.ts';
import { type CronProblem, checkAgent, loadCronProblem } from './check.ts';
import { newAgent, nextVersion } from './fields.ts';
import { demandOutputSchema } from './output-schema.ts';
import { versionOf } from './read.ts';
import { type ShownAgent, shownAgent } from './shown-agent.ts';

export async function createAgent(
  house: House,
  by: Author,
  input: AgentInput,
  { key, via }: { key?: string | undefined; via?: ProofLevel } = {},
): Promise<ShownAgent> {
  const cronProblem = await loadCronProblem(house);
  await demandOutputSchema(input.output_schema);
  const reading = await house.commit(by, (view, moment) => {
    const { at, env } = moment;
    const seen = earlierUse(view, 'create_agent', key, input);
    const earlier = seen ? currentAgent(view, seen.id) : undefined;
    if (seen && !earlier)
      throw conflict(`idempotency_key "${key}" made agent ${seen.id}, which was deleted since. Use another key.`);
    if (earlier) return { events: [], value: { agent: earlier, versions: [...view.agentFile(earlier.id).versions] } };
    const agent = newAgent(input, { id: moment.newId('ag'), by: nameOf(by), at });
    checkAgent(agent, view, env, cronProblem);
    const events: Event[] = [{ type: 'agent_saved', agent, ...(via ? { via } : {}) }];
    if (key !== undefined) events.push(usedKey({ tool: 'create_agent', key, args: input, id: agent.id, at }));
    return { events, value: { agent, versions: [agent] } };
  });
  return shownAgent(house, reading);
}

export type AgentUpdate = {
  changes: AgentChanges;
  clear: string[];
  restore_version: number | undefined;
  expected_version: number | undefined;
  /** The proof that a person approved a change that allows more without a person. */
  via?: ProofLevel;
};

/** The version that an update makes of an agent; CONFLICT where the agent isn't at `expected_version`. */
export function updated(
  view: View,
  before: Agent,
  update: AgentUpdate,
  { at, env, cronProblem }: Pick<Moment, 'at' | 'env'> & { cronProblem: CronProblem },
): Agent {
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
  const agent = nextVersion(before, base, { changes, clear }, at);
  checkAgent(agent, view, env, cronProblem);
  return agent;
}

/** The subject of the error that refuses a change which allows more without a person. */
export function nameOfLoosening(agent: Agent): string {
  return `Loosening the approvals of agent "${agent.name}"`;
}

export async function updateAgent(
  house: House,
  by: Author,
  idOrName: string,
  update: AgentUpdate,
): Promise<ShownAgent> {
  await demandOutputSchema(update.changes.output_schema);
  const cronProblem = await loadCronProblem(house);
  const reading = await house.commit(by, (view, moment) => {
    const before = findAgent(view, idOrName);
    const agent = updated(view, before, update, { ...moment, cronProblem });
    if (loosenings(view, before, agent).length > 0) {
      const given = { given: update.via, source: sourceOf(view, before) };
      demandProof(before, moment, nameOfLoosening(before), given);
    }
    const versions = [...view.agentFile(before.id).versions, agent];
    const saved: Event = { type: 'agent_saved', agent, ...(update.via ? { via: update.via } : {}) };
    return { events: [saved], value: { agent, versions, before } };
  });
  return shownAgent(house, reading);
}
