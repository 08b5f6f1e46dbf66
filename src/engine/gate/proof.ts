import { findActionType } from '../../actions/index.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { ActionSource, Proof } from '../../domain/runs/run.ts';
import type { AgentCard } from '../../domain/state/state.ts';

export const LEVELS = ['client', 'elicited', 'human'] as const;
/** How a decision is known to be a person's, weakest first (contract, section 3). */
export type ProofLevel = (typeof LEVELS)[number];
type Env = Readonly<Record<string, string | undefined>>;

function isLevel(value: string | undefined): value is ProofLevel {
  return LEVELS.some((level) => level === value);
}

/** The person said in so many words that a client's own permission prompt is proof enough. */
export function trustsClient(env: Env): boolean {
  return env.COUNTERSIGN_MIN_PROOF === 'client';
}

/**
 * The proof that deciding needs: the greatest of the agent's own, the environment's, and, for what a mind proposed that
 * read the contact's text and could also call the deciding tool, `elicited`.
 */
export function neededProof(agent: AgentCard, env: Env, source?: ActionSource): ProofLevel {
  const demanded = env.COUNTERSIGN_MIN_PROOF;
  const levels: ProofLevel[] = [agent.approval.min_proof ?? 'client', isLevel(demanded) ? demanded : 'client'];
  if (source !== undefined && !trustsClient(env)) levels.push('elicited');
  return LEVELS.findLast((level) => levels.includes(level)) ?? 'client';
}

/** Whether a decision's proof reaches a level; one of an earlier build that doesn't say its proof was a plain call. */
export function isEnough(given: Proof | undefined, needed: ProofLevel): boolean {
  return given !== 'policy' && LEVELS.indexOf(given ?? 'client') >= LEVELS.indexOf(needed);
}

const TERMINAL = 'run `countersign review` in a terminal';
const FORM = 'use a client that shows forms (MCP elicitation)';

/** What a person can do to give a proof. */
export function waysTo(needed: ProofLevel, agent: AgentCard, env: Env): string[] {
  if (needed !== 'elicited') return [TERMINAL];
  const isDemanded = agent.approval.min_proof === 'elicited' || env.COUNTERSIGN_MIN_PROOF === 'elicited';
  return [FORM, TERMINAL, ...(isDemanded ? [] : ['set COUNTERSIGN_MIN_PROOF=client to trust the client alone'])];
}

function whence(needed: ProofLevel, agent: AgentCard, env: Env): string {
  if (agent.approval.min_proof === needed) return "by the agent's approval.min_proof";
  if (env.COUNTERSIGN_MIN_PROOF === needed) return 'by COUNTERSIGN_MIN_PROOF';
  return 'because the model that read the contact proposed it';
}

/** Refuses what falls short of the proof needed: FORBIDDEN, naming the ways that would do. */
export function demandProof(
  agent: AgentCard,
  env: Env,
  what: string,
  { given = 'client', source }: { given?: ProofLevel | undefined; source?: ActionSource | undefined } = {},
): void {
  const needed = neededProof(agent, env, source);
  if (isEnough(given, needed)) return;
  const ways = waysTo(needed, agent, env);
  throw new AppError(
    'FORBIDDEN',
    `${what} needs the proof "${needed}" (${whence(needed, agent, env)}), and this call gives only "${given}". Nothing was changed, and what waits goes on waiting. The person can ${ways.join(', or ')}; reject_action needs no proof.`,
    { needed, given, ways },
  );
}

/** Whether the agent's own policy approves a proposal. Above `client`, only what is harmless. */
export function autoApproves(agent: AgentCard, type: string, env: Env, source?: ActionSource): boolean {
  if (neededProof(agent, env, source) !== 'client' && !findActionType(type)?.harmless) return false;
  return !agent.approval.require_approval || agent.approval.auto_approve.includes(type);
}
