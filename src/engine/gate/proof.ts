import { AppError } from '../../domain/base/errors.ts';
import type { ActionSource, Proof } from '../../domain/runs/run.ts';
import type { AgentCard } from '../../domain/state/state.ts';

/** How a decision is known to be a person's, weakest first (contract, section 3). */
export const LEVELS = ['client', 'elicited', 'human'] as const;
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
 * The proof that a decision on an agent's action needs: the greatest of the agent's `min_proof`, COUNTERSIGN_MIN_PROOF,
 * and, where an assistant or a chat proposed the action (`source`), `elicited`: the same model read the contact's text,
 * and could call the tool that decides.
 */
export function neededProof(agent: AgentCard, env: Env, source?: ActionSource): ProofLevel {
  const demanded = env.COUNTERSIGN_MIN_PROOF;
  const levels: ProofLevel[] = [agent.approval.min_proof ?? 'client', isLevel(demanded) ? demanded : 'client'];
  if (source !== undefined && !trustsClient(env)) levels.push('elicited');
  return LEVELS.findLast((level) => levels.includes(level)) ?? 'client';
}

/** Whether a proof reaches a level. A decision without a proof is an earlier build's: it came by a plain call. */
export function isEnough(given: Proof | undefined, needed: ProofLevel): boolean {
  return given !== 'policy' && LEVELS.indexOf(given ?? 'client') >= LEVELS.indexOf(needed);
}

/** The way that does for every decision on an action, in words that go on from "The person can". */
export const TERMINAL = 'run `countersign review` in a terminal';
const FORM = 'use a client that shows forms (MCP elicitation)';

/** What a person can do to give a proof, in words that go on from "The person can". */
export function waysTo(needed: ProofLevel, agent: AgentCard, env: Env): string[] {
  if (needed !== 'elicited') return [TERMINAL];
  const isDemanded = agent.approval.min_proof === 'elicited' || env.COUNTERSIGN_MIN_PROOF === 'elicited';
  return [FORM, TERMINAL, ...(isDemanded ? [] : ['set COUNTERSIGN_MIN_PROOF=client to trust the client alone'])];
}

function reasonForNeed(needed: ProofLevel, agent: AgentCard, env: Env): string {
  if (agent.approval.min_proof === needed) return "by the agent's approval.min_proof";
  if (env.COUNTERSIGN_MIN_PROOF === needed) return 'by COUNTERSIGN_MIN_PROOF';
  return 'because the model that read the contact proposed it';
}

/** Refuses a call that lacks the needed proof: FORBIDDEN, with the ways to give it. `what` is the error's subject, `instead` what can be done without. */
export function demandProof(
  agent: AgentCard,
  env: Env,
  what: string,
  {
    given = 'client',
    source,
    instead = 'reject_action needs no proof',
  }: { given?: ProofLevel | undefined; source?: ActionSource | undefined; instead?: string } = {},
): void {
  const needed = neededProof(agent, env, source);
  if (isEnough(given, needed)) return;
  const ways = waysTo(needed, agent, env);
  throw new AppError(
    'FORBIDDEN',
    `${what} needs the proof "${needed}" (${reasonForNeed(needed, agent, env)}), and this call gives only "${given}". Nothing was changed, and what waits still waits. The person can ${ways.join(', or ')}; ${instead}.`,
    { needed, given, ways },
  );
}
