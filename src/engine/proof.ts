import type { Agent } from '../domain/agent.ts';
import { AppError } from '../domain/errors.ts';

const LEVELS = ['client', 'elicited', 'human'] as const;
export type ProofLevel = (typeof LEVELS)[number];
type Env = Readonly<Record<string, string | undefined>>;

function isLevel(value: string | undefined): value is ProofLevel {
  return LEVELS.some((level) => level === value);
}

/** The proof that deciding for an agent needs: the greatest of its own and the environment's. */
export function neededProof(agent: Agent, env: Env): ProofLevel {
  const levels = [
    agent.approval.min_proof ?? 'client',
    isLevel(env.COUNTERSIGN_MIN_PROOF) ? env.COUNTERSIGN_MIN_PROOF : 'client',
  ];
  return LEVELS.findLast((level) => levels.includes(level)) ?? 'client';
}

/** Refuses what a plain tool call can't prove. This build gives no higher level, and takes none for less. */
export function demandProof(agent: Agent, env: Env, what: string): void {
  const needed = neededProof(agent, env);
  if (needed === 'client') return;
  throw new AppError(
    'FORBIDDEN',
    `${what} needs the proof "${needed}", and a tool call gives only "client". Nothing was changed: the action stays as it was. This build can't give "${needed}" yet; the person can reject with reject_action, or lower the demand: it comes from ${agent.approval.min_proof === needed ? "the agent's approval.min_proof" : 'COUNTERSIGN_MIN_PROOF'}.`,
    { needed, given: 'client', ways: [] },
  );
}

/** Whether the agent's own policy approves a proposal. Above `client`, only notes. */
export function autoApproves(agent: Agent, type: string, env: Env): boolean {
  if (neededProof(agent, env) !== 'client' && type !== 'note') return false;
  return !agent.approval.require_approval || agent.approval.auto_approve.includes(type);
}
