import { createHmac } from 'node:crypto';
import { isCapable } from '../../actions/allowed.ts';
import { ACTION_TYPES, findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { mandateDigest, mandateOf, type Values } from '../../domain/agents/mandate.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { Grant } from '../../domain/state/kept-change.ts';
import { refKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
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
 * person said so), COUNTERSIGN_MIN_PROOF, and the `min_proof` of the agents that it touches. While whatever leaves the
 * machine has to be signed, so does a change by which more of it would leave unsigned.
 */
export function neededForChange(view: View, agents: readonly Demanding[], env: Env): ProofLevel {
  if (view.passkeys().signing) return 'signed';
  const demanded = LEVELS.find((level) => level === env.COUNTERSIGN_MIN_PROOF) ?? 'client';
  const least: ProofLevel = trustsClient(env) ? 'client' : 'elicited';
  const levels = [least, demanded, ...agents.map(({ approval }) => approval.min_proof ?? 'client')];
  return levels.reduce((most, level) => (rank(level) > rank(most) ? level : most), least);
}

/** One in so many of what an agent may do unasked, because it earned that, is asked all the same. */
const ASKED_ONE_IN = 10;

/** Whether a grant still lets a type of action happen: it doesn't once a person rejected one of a type that was earned. */
export function isStillGranted({ earned }: Grant, type: string): boolean {
  return !earned?.lost?.includes(type);
}

/** The types of a grant that were earned and that no rejection ended. */
export function earnedTypes({ earned }: Grant): string[] {
  return (earned?.types ?? []).filter((type) => !earned?.lost?.includes(type));
}

/** By what an action is drawn: its digest, and its address, since many actions may be equal to the letter. */
export function lotOf(ref: ActionRef, digest: string): string {
  return `${refKey(ref)} ${digest}`;
}

/** Whether this action of an earned type is the one in ten that is asked. Nobody without the secret can tell before. */
function isSampled(grant: Grant, type: string, lot: string): boolean {
  const { earned } = grant;
  if (!earned || !earnedTypes(grant).includes(type)) return false;
  const drawn = createHmac('sha256', earned.secret).update(lot).digest().readUInt32BE(0);
  return drawn % ASKED_ONE_IN === 0;
}

/** The grant in force for exactly this agent; undefined where there is none that this process accepts. */
export function grantFor(view: View, agent: Agent, env: Env): Grant | undefined {
  const grant = view.standing(agent.id)?.grant;
  if (!grant || !isEnough(grant.via, neededForChange(view, [agent], env))) return undefined;
  return grant.digest === mandateDigest(mandateNow(view, agent)) ? grant : undefined;
}

/**
 * Whether an action happens without a person, by the agent's own policy: a harmless one where its settings say so, any
 * other only where a person granted the mandate that this agent has, and, of a type that was earned, nine in ten: `lot` is
 * what a new action is drawn by. An answer to what somebody wrote never does.
 */
export function autoApproves(
  view: View,
  agent: Agent,
  { type, params, lot }: Proposal & { lot?: string },
  env: Env,
): boolean {
  const known = findActionType(type);
  if (!letsHappen(agent, type) || known?.answers?.(params)) return false;
  if (known?.harmless) return true;
  const grant = grantFor(view, agent, env);
  if (!grant || !isStillGranted(grant, type)) return false;
  return lot === undefined || !isSampled(grant, type, lot);
}

/**
 * How a person lets agents act unasked. `earnedBy`: which of the types that the agent is granted are offered to be, by what
 * people decided on them (`engine/learning/trust`).
 */
export type GrantTerms = {
  at: string;
  by: Author;
  via: ProofLevel;
  newSalt: () => string;
  earnedBy: (agent: Agent) => string[];
};

/** The event by which a person lets agents act unasked, each by the mandate that it has now. The lock looks at its proof. */
export function granting(view: View, agents: readonly Agent[], { at, by, via, newSalt, earnedBy }: GrantTerms): Event {
  const grants = agents.map((agent) => {
    const mandate = mandateNow(view, agent);
    const granted = { agent_id: agent.id, digest: mandateDigest(mandate), mandate };
    const types = earnedBy(agent);
    return types.length === 0 ? granted : { ...granted, earned: { types, secret: newSalt() } };
  });
  return { type: 'mandate_granted', grants, at, by: nameOf(by), via };
}
