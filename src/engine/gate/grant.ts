import { isCapable } from '../../actions/allowed.ts';
import { ACTION_TYPES, findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { mandateDigest, mandateOf, type Values } from '../../domain/agents/mandate.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import type { Event } from '../../domain/state/events.ts';
import type { Grant } from '../../domain/state/kept-change.ts';
import type { View } from '../../domain/state/view.ts';
import { isEnough, LEVELS, type ProofLevel, trustsClient } from './proof.ts';

type Env = Readonly<Record<string, string | undefined>>;
/** What of an agent says how much proof it demands. */
export type Demanding = { approval: Pick<Agent['approval'], 'min_proof'> };

/** An agent's mandate: everything that decides what it would do unasked, with its identity as it stands now. */
export function mandateNow(view: View, agent: Agent): Values {
  return mandateOf(agent, agent.identity_id === undefined ? undefined : view.identity(agent.identity_id));
}

/** Whether the agent's own settings let a type of action happen without a person. Whether that was granted is another question. */
function letsHappen({ approval }: Agent, type: string): boolean {
  return !approval.require_approval || approval.auto_approve.includes(type);
}

/** The types of action that would happen unasked by the agent's own settings. */
export function unaskedTypes(agent: Agent): string[] {
  return ACTION_TYPES.filter((known) => isCapable(agent, known) && letsHappen(agent, known.type)).map(
    ({ type }) => type,
  );
}

/** The types of action that may happen unasked only with a person's grant: all but harmless ones. */
export function typesToGrant(agent: Agent): string[] {
  return unaskedTypes(agent).filter((type) => !findActionType(type)?.harmless);
}

function rank(level: ProofLevel): number {
  return LEVELS.indexOf(level);
}

/**
 * The proof that a change needs which lets more happen without a person: the greatest of `elicited` (`client` where the
 * person said so), COUNTERSIGN_MIN_PROOF, and the `min_proof` of the agents that it touches.
 */
export function neededForChange(agents: readonly Demanding[], env: Env): ProofLevel {
  const demanded = LEVELS.find((level) => level === env.COUNTERSIGN_MIN_PROOF) ?? 'client';
  const least: ProofLevel = trustsClient(env) ? 'client' : 'elicited';
  const levels = [least, demanded, ...agents.map(({ approval }) => approval.min_proof ?? 'client')];
  return levels.reduce((most, level) => (rank(level) > rank(most) ? level : most), least);
}

/** The grant in force for exactly this agent; undefined where there is none that this process accepts. */
export function grantFor(view: View, agent: Agent, env: Env): Grant | undefined {
  const grant = view.standing(agent.id)?.grant;
  if (!grant || !isEnough(grant.via, neededForChange([agent], env))) return undefined;
  return grant.digest === mandateDigest(mandateNow(view, agent)) ? grant : undefined;
}

/**
 * Whether an action of a type happens without a person, by the agent's own policy: a harmless one where its settings say
 * so, any other only where a person granted the mandate that this agent has.
 */
export function autoApproves(view: View, agent: Agent, type: string, env: Env): boolean {
  if (!letsHappen(agent, type)) return false;
  return findActionType(type)?.harmless === true || grantFor(view, agent, env) !== undefined;
}

/** The event by which a person lets agents act unasked, each by the mandate that it has now. The lock looks at its proof. */
export function granting(
  view: View,
  agents: readonly Agent[],
  { at, by, via }: { at: string; by: Author; via: ProofLevel },
): Event {
  const grants = agents.map((agent) => {
    const mandate = mandateNow(view, agent);
    return { agent_id: agent.id, digest: mandateDigest(mandate), mandate };
  });
  return { type: 'mandate_granted', grants, at, by: nameOf(by), via };
}
