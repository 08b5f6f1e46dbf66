import type { Agent, AgentInput } from '../../domain/agents/agent.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { conflict, invalid } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import type { AgentUpdate } from '../../domain/state/kept-change.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { earlierUse, usedKey } from '../base/idempotency.ts';
import { findAgent } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { granting, neededForChange, typesToGrant } from '../gate/grant.ts';
import { isEnough, type ProofLevel } from '../gate/proof.ts';
import { whatOfGrant } from '../gate/standing.ts';
import { type CronProblem, checkAgent, loadCronProblem } from './check.ts';
import { newAgent, nextVersion } from './fields.ts';
import { demandOutputSchema } from './output-schema.ts';
import { versionOf } from './read.ts';
import { type AgentReading, type SavedAgent, savedAgent } from './shown-agent.ts';
import { approvedBy, type Decider, decidedOn, demandWant, wantOfCreation, wantOfUpdate } from './wants.ts';

type Settled<T> = { events: Event[]; value: T };
/** Who saves an agent, and the proof that a person decided on what needs one. */
export type Saver = Decider & { cronProblem: CronProblem };

/** What of a new agent a person decided on, and the permission to act unasked where the proof is enough for that. */
function creationDecided(view: View, moment: Moment, agent: Agent, saver: Saver): Event[] {
  const { by, via } = saver;
  const want = wantOfCreation(agent, moment);
  demandWant(want, moment.env, via);
  if (via === undefined) return [];
  const types = typesToGrant(agent);
  const isGranted = types.length > 0 && isEnough(via, neededForChange([agent], moment.env));
  const what = [...(want?.what ?? []), ...(isGranted ? [whatOfGrant(agent, types)] : [])];
  if (what.length === 0) return [];
  const decided = decidedOn({ what, agents: [agent], grants: isGranted }, approvedBy(moment, via, saver));
  return isGranted ? [granting(view, [agent], { at: moment.at, by, via }), decided] : [decided];
}

/** Makes an agent. With a proof that is enough for it, the agent may also do unasked what its settings say. */
export function decideCreation(
  view: View,
  moment: Moment,
  { input, key }: { input: AgentInput; key?: string | undefined },
  saver: Saver,
): Settled<AgentReading> {
  const { at, env } = moment;
  const { by, via, cronProblem } = saver;
  const seen = earlierUse(view, 'create_agent', key, input);
  const earlier = seen ? currentAgent(view, seen.id) : undefined;
  if (seen && !earlier)
    throw conflict(`idempotency_key "${key}" made agent ${seen.id}, which was deleted since. Use another key.`);
  if (earlier) return { events: [], value: { agent: earlier, versions: [...view.agentFile(earlier.id).versions] } };
  const agent = newAgent(input, { id: moment.newId('ag'), by: nameOf(by), at });
  checkAgent(agent, view, env, cronProblem);
  const saved: Event = { type: 'agent_saved', agent, ...(via ? { via } : {}) };
  const events: Event[] = [saved, ...creationDecided(view, moment, agent, saver)];
  if (key !== undefined) events.push(usedKey({ tool: 'create_agent', key, args: input, id: agent.id, at }));
  return { events, value: { agent, versions: [agent] } };
}

export async function createAgent(
  house: House,
  by: Author,
  input: AgentInput,
  { key, via }: { key?: string | undefined; via?: ProofLevel | undefined } = {},
): Promise<SavedAgent> {
  const cronProblem = await loadCronProblem(house);
  await demandOutputSchema(house.deps, input.output_schema);
  const reading = await house.commit(by, (view, moment) =>
    decideCreation(view, moment, { input, key }, { by, via, cronProblem }),
  );
  return savedAgent(house, reading);
}

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

/** Saves the next version of an agent. What of it needs a person is refused without the proof (FORBIDDEN). */
export function decideUpdate(
  view: View,
  moment: Moment,
  { agent_id, update }: { agent_id: string; update: AgentUpdate },
  saver: Saver,
): Settled<AgentReading> {
  const { by, via, cronProblem } = saver;
  const before = findAgent(view, agent_id);
  const agent = updated(view, before, update, { ...moment, cronProblem });
  const want = wantOfUpdate(view, moment, { before, after: agent }, update);
  demandWant(want, moment.env, via);
  const versions = [...view.agentFile(before.id).versions, agent];
  const events: Event[] = [{ type: 'agent_saved', agent, ...(via ? { via } : {}) }];
  if (want && via) {
    if (want.grants) events.push(granting(view, [agent], { at: moment.at, by, via }));
    events.push(decidedOn({ ...want, agents: [agent] }, approvedBy(moment, via, saver)));
  }
  return { events, value: { agent, versions, before } };
}

export async function updateAgent(
  house: House,
  by: Author,
  idOrName: string,
  { via, ...update }: AgentUpdate & { via?: ProofLevel | undefined },
): Promise<SavedAgent> {
  await demandOutputSchema(house.deps, update.changes.output_schema);
  const cronProblem = await loadCronProblem(house);
  const reading = await house.commit(by, (view, moment) =>
    decideUpdate(view, moment, { agent_id: idOrName, update }, { by, via, cronProblem }),
  );
  return savedAgent(house, reading);
}
