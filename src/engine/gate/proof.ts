import { findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { ActionRef, ActionSource, Proof } from '../../domain/runs/run.ts';
import type { AgentCard } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { AddressedAction } from '../base/actions.ts';
import { sceneOf } from '../base/scene.ts';
import { type ProofTerms, waysInWords, waysOf } from './ways.ts';

/** How a decision is known to be a person's, weakest first (contract, section 3). */
export const LEVELS = ['client', 'elicited', 'human', 'signed'] as const;
export type ProofLevel = (typeof LEVELS)[number];
type Env = Readonly<Record<string, string | undefined>>;

function isLevel(value: string | undefined): value is ProofLevel {
  return LEVELS.some((level) => level === value);
}

/** Whether the person set COUNTERSIGN_MIN_PROOF=client: a client's own permission prompt is then proof enough. */
export function trustsClient(env: Env): boolean {
  return env.COUNTERSIGN_MIN_PROOF === 'client';
}

/**
 * Whether doing an action now sends anything to another machine or program, as its type says. An action of a type that
 * this build doesn't know, or whose contact is gone, counts as one that does.
 */
function leavesMachine(view: View, agent: Agent, type: string, contactId: string): boolean {
  const scene = sceneOf(view, agent, contactId);
  return !scene || (findActionType(type)?.leavesMachine(scene) ?? true);
}

/**
 * The proof that a decision on an agent's action needs: the greatest of the agent's `min_proof`, COUNTERSIGN_MIN_PROOF,
 * and `elicited` where the action leaves the machine (`leaves`), or where an assistant or a chat proposed it (`source`):
 * the same model read the contact's text, and could call the tool that decides. Those two are defaults, which the person
 * switches off by COUNTERSIGN_MIN_PROOF=client. With `isSigning`, what leaves the machine is signed, whatever else is set.
 */
function neededProof(
  agent: AgentCard,
  env: Env,
  source: ActionSource | undefined,
  { leaves, isSigning }: { leaves: boolean; isSigning: boolean },
): ProofLevel {
  if (leaves && isSigning) return 'signed';
  const demanded = env.COUNTERSIGN_MIN_PROOF;
  const levels: ProofLevel[] = [agent.approval.min_proof ?? 'client', isLevel(demanded) ? demanded : 'client'];
  if ((source !== undefined || leaves) && !trustsClient(env)) levels.push('elicited');
  return LEVELS.findLast((level) => levels.includes(level)) ?? 'client';
}

/** The proof that a decision on this action needs, as things are now. */
export function neededFor(view: View, env: Env, { ref, agent, action }: AddressedAction): ProofLevel {
  const leaves = leavesMachine(view, agent, action.type, ref.contact_id);
  return neededProof(agent, env, action.source, { leaves, isSigning: view.passkeys().signing !== undefined });
}

/** Whether a proof reaches a level. A decision without a proof is an earlier build's: it came by a plain call. */
export function isEnough(given: Proof | undefined, needed: ProofLevel): boolean {
  return given !== 'policy' && LEVELS.indexOf(given ?? 'client') >= LEVELS.indexOf(needed);
}

const PROPOSED_BY: Readonly<Record<ActionSource, (noun: string) => string>> = {
  assistant: (noun) => `your assistant thought up this ${noun} itself`,
  chat: (noun) => `this ${noun} came out of a chat`,
};

/** How far a proof falls short for a decision on an action, and why the person is needed: a clause in plain words. */
export type Shortfall = { needed: ProofLevel; given: Proof; why: string };

/** How far a proof falls short for a decision on this action, as things are now; undefined where it is enough. */
export function shortfallOf(
  view: View,
  env: Env,
  found: AddressedAction,
  given: Proof = 'client',
): Shortfall | undefined {
  const needed = neededFor(view, env, found);
  if (isEnough(given, needed)) return undefined;
  const { agent, ref } = found;
  const { type, source } = found.action;
  const noun = findActionType(type)?.noun ?? type;
  const isDefault = needed === 'elicited' && !trustsClient(env);
  if (isDefault && leavesMachine(view, agent, type, ref.contact_id))
    return { needed, given, why: `this ${noun} leaves your computer` };
  if (needed === 'signed' && view.passkeys().signing && leavesMachine(view, agent, type, ref.contact_id))
    return { needed, given, why: `this ${noun} leaves your computer, and you sign whatever does` };
  if (isDefault && source !== undefined) return { needed, given, why: PROPOSED_BY[source](noun) };
  return { needed, given, why: reasonForLevel(agent, needed) };
}

/** Which setting has the person decide: a clause in plain words. */
function reasonForLevel(agent: AgentCard, needed: ProofLevel): string {
  const own = needed === 'signed' ? 'signature' : 'word';
  if (agent.approval.min_proof === needed) return `agent "${agent.name}" is set to act on your own ${own} alone`;
  return `your settings ask for your own ${own}`;
}

/** The proof that is asked for, where no form can show what is decided on. */
export function beyondForms(needed: ProofLevel, isTooLong: boolean | undefined): ProofLevel {
  return isTooLong && !isEnough(needed, 'human') ? 'human' : needed;
}

function refusal(
  sentence: string,
  { needed, given }: Omit<Shortfall, 'why'>,
  terms: ProofTerms,
  { at, instead, isTooLong }: { at: ActionRef; instead: string; isTooLong: boolean | undefined },
): AppError {
  return new AppError(
    'FORBIDDEN',
    `${sentence}: ${waysInWords(terms, beyondForms(needed, isTooLong), { at })}. Nothing was changed, and what waits still waits. This is for the person to do, so tell them; ${instead}.`,
    { needed, given, ways: waysOf(terms, { at, needed }) },
  );
}

/** A decision that needs proof, in words: what the person does, and what can be done without them. */
type Asked = { so: string; instead: string };

export const APPROVED: Asked = { so: 'you approve it yourself', instead: 'reject_action needs none of it' };
export const REPEATED: Asked = {
  so: 'you say yourself whether it is tried again',
  instead: 'settle_action with sent or not_sent needs none of it',
};

/**
 * Refuses a decision on an action that lacks the needed proof: FORBIDDEN, whose first sentence is for the person.
 * `so` goes on from why it is needed; `instead` is what can be done without the person. `isTooLong`: no form can
 * show the action whole, so that none is named.
 */
export function demandDecision(
  view: View,
  terms: ProofTerms,
  found: AddressedAction,
  { given, so, instead, isTooLong }: Asked & { given: ProofLevel | undefined; isTooLong?: boolean | undefined },
): void {
  const short = shortfallOf(view, terms.env, found, given);
  if (!short) return;
  const why = short.why.charAt(0).toUpperCase() + short.why.slice(1);
  throw refusal(`${why}, so ${so}`, short, terms, { at: found.ref, instead, isTooLong });
}
