import type { ActionScene, ActionType, Pinning } from '../../actions/action.ts';
import { isCapable } from '../../actions/allowed.ts';
import { findActionType } from '../../actions/index.ts';
import { paramsProblems } from '../../actions/params.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { answerProblem } from '../../domain/mail/threads/written-event.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { consentObjection } from './consent.ts';

const DAY_MS = 86_400_000;

/** Statuses in which an action counts as a message to its contact. */
const COUNTS_FOR_CADENCE = new Set(['approved', 'executing', 'executed', 'unknown']);

function outsideCapabilities(agent: Agent, known: ActionType): string | undefined {
  if (isCapable(agent, known)) return undefined;
  return `${known.type} needs the capability "${known.capability}", which this agent doesn't have`;
}

export function overCadence(agent: Agent, entries: readonly LedgerEntry[], now: Date): string | undefined {
  const { cooldown_days, max_per_contact_per_week } = agent.limits;
  const times = entries.flatMap((entry) =>
    COUNTS_FOR_CADENCE.has(entry.status) && findActionType(entry.type)?.outbound ? [Date.parse(entry.at)] : [],
  );
  const since = (days: number) => times.filter((time) => time > now.getTime() - days * DAY_MS).length;
  if (cooldown_days !== undefined && since(cooldown_days) > 0) {
    return `limits.cooldown_days is ${cooldown_days}, and the contact was written to within that time`;
  }
  if (max_per_contact_per_week !== undefined && since(7) >= max_per_contact_per_week) {
    return `limits.max_per_contact_per_week is ${max_per_contact_per_week}, which the last 7 days have used up`;
  }
  return undefined;
}

export function pinningOf(scene: ActionScene, { type, params }: Proposal): Pinning | undefined {
  return findActionType(type)?.pin?.(scene, params);
}

/** Why an action can't be the answer that it says it is; undefined where it can, and where it answers nothing. */
export function answerObjection(scene: ActionScene, { type, params }: Proposal, now: Date): string | undefined {
  const answered = findActionType(type)?.answers?.(params);
  return answered && answerProblem(scene.events ?? [], answered.id, now);
}

/**
 * What stands against a proposal, or against an approved action at its execution: capability, shape, recipient, what it
 * answers, consent, cadence. Undefined where nothing does. `entries` is what `ledgerAt` gives without the action itself.
 */
export function objection(
  scene: ActionScene,
  proposal: Proposal,
  entries: readonly LedgerEntry[],
  now: Date,
): string | undefined {
  const known = findActionType(proposal.type);
  if (!known) return `there is no action of type "${proposal.type}"`;
  const outside = outsideCapabilities(scene.agent, known);
  if (outside) return outside;
  const [problem] = paramsProblems(known, proposal.params);
  if (problem) return `wrong shape: ${problem.path}: ${problem.message}`;
  const { params } = proposal;
  const stopped =
    known.obstacle(scene, params) ??
    answerObjection(scene, proposal, now) ??
    consentObjection(known, scene, params)?.why;
  if (stopped) return stopped;
  return known.outbound && !known.answers?.(params) ? overCadence(scene.agent, entries, now) : undefined;
}
