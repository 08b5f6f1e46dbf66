import type { Agent, AgentInput, Provenance } from '../../domain/agents/agent.ts';
import { belongingOf, ownedBy } from '../../domain/agents/audience.ts';
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
import { grantTerms } from '../learning/earned-types.ts';
import { type CronProblem, checkAgent, loadCronProblem } from './check.ts';
import { madeAgent, nextVersion } from './fields.ts';
import { demandOutputSchema } from './output-schema.ts';
import { versionOf } from './read.ts';
import { demandChangeable, demandMakeable } from './rights.ts';
import { type AgentReading, type SavedAgent, savedAgent } from './shown-agent.ts';
import { approvedBy, type Decider, decidedOn, demandWant, wantOfCreation, wantOfUpdate } from './wants.ts';

type Settled<T> = { events: Event[]; value: T };
/** Who saves an agent, and the proof that a person decided on what needs one. */
export type Saver = Decider & { cronProblem: CronProblem };

/**
 * What of a new agent a person decided on, and the permission to act unasked where the proof is enough for that. An imported
 * agent gets none.
 */
function creationDecided(view: View, moment: Moment, agent: Agent, saver: Saver & { isImport: boolean }): Event[] {
  const { by, via } = saver;
  const want = wantOfCreation(agent, moment);
  demandWant(view, want, moment.env, via);
  if (via === undefined) return [];
  const types = saver.isImport ? [] : typesToGrant(agent);
  const isGranted = types.length > 0 && isEnough(via, neededForChange(view, [agent], moment.env));
  const what = [...(want?.what ?? []), ...(isGranted ? [whatOfGrant(agent, types)] : [])];
  if (what.length === 0) return [];
  const decided = decidedOn({ what, agents: [agent], grants: isGranted }, approvedBy(moment, via, saver));
  return isGranted ? [granting(view, [agent], grantTerms(view, moment, { by, via })), decided] : [decided];
}

/** Makes an agent. With a proof that is enough for it, the agent may also do unasked what its settings say. */
export function decideCreation(
  view: View,
  moment: Moment,
  { input, key, origin, imported }: { input: AgentInput; key?: string | undefined } & Provenance,
  saver: Saver,
): Settled<AgentReading> {
  const { at, env } = moment;
  const { by, via, cronProblem, maker = { ...ownedBy(by), name: nameOf(by) } } = saver;
  const { owner } = maker;
  const seen = earlierUse(view, { owner, tool: 'create_agent', key }, input);
  const earlier = seen ? currentAgent(view, seen.id) : undefined;
  if (seen && !earlier)
    throw conflict(`idempotency_key "${key}" made agent ${seen.id}, which was deleted since. Use another key.`);
  if (earlier) return { events: [], value: { agent: earlier, versions: [...view.agentFile(earlier.id).versions] } };
  demandMakeable(by, maker, input.visibility);
  const stamp = { id: moment.newId('ag'), by: maker.name, at, owner, team: maker.team };
  const { agent, versions } = madeAgent(input, { origin, imported }, stamp);
  checkAgent(agent, view, env, { cronProblem });
  const saved = versions.map((item): Event => ({ type: 'agent_saved', agent: item, ...(via ? { via } : {}) }));
  const isImport = imported !== undefined;
  const events: Event[] = [...saved, ...creationDecided(view, moment, agent, { ...saver, isImport })];
  if (key !== undefined) events.push(usedKey({ owner, tool: 'create_agent', key, args: input, id: agent.id, at }));
  return { events, value: { agent, versions } };
}

export async function createAgent(
  house: House,
  by: Author,
  input: AgentInput,
  { via, ...more }: { key?: string | undefined; via?: ProofLevel | undefined } & Provenance = {},
): Promise<SavedAgent> {
  const cronProblem = await loadCronProblem(house);
  await demandOutputSchema(house.deps, input.output_schema);
  const reading = await house.commit(by, (view, moment) =>
    decideCreation(view, moment, { input, ...more }, { by, via, cronProblem }),
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
  const { changes, clear, origin, restore_version } = update;
  if (Object.keys(changes).length + clear.length === 0 && restore_version === undefined && origin === undefined)
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
  const agent = nextVersion(before, base, { changes, clear, origin }, at);
  checkAgent(agent, view, env, { cronProblem, before });
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
  demandChangeable(by, before);
  const agent = updated(view, before, update, { ...moment, cronProblem });
  demandMakeable(by, belongingOf(agent), agent.visibility);
  const want = wantOfUpdate(view, moment, { before, after: agent }, update);
  demandWant(view, want, moment.env, via);
  const versions = [...view.agentFile(before.id).versions, agent];
  const events: Event[] = [{ type: 'agent_saved', agent, ...(via ? { via } : {}) }];
  if (want && via) {
    if (want.grants) events.push(granting(view, [agent], grantTerms(view, moment, { by, via })));
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
