import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Usage } from '../../domain/base/usage.ts';
import type { ContactResult } from '../../domain/runs/run.ts';
import { briefOf } from '../../domain/runs/seen.ts';
import type { View } from '../../domain/state/view.ts';
import { shortened } from '../../domain/text/shortened.ts';
import { type Evaluation, EvaluationFailed } from '../../evaluators/evaluator.ts';
import type { Moment } from '../base/moment.ts';
import { sceneOf } from '../base/scene.ts';
import { type GatedRun, passGate } from '../gate/gate.ts';
import { type Sight, sightOf } from '../gate/sight.ts';

/** The most characters of a contact's error. */
const LONGEST_ERROR = 2_000;

export const GONE = { code: 'NOT_FOUND', message: 'the contact was deleted before its result was recorded' };

/** How the evaluation of one contact came out. */
export type EvaluationOutcome = {
  contactId: string;
  evaluation?: Evaluation;
  /** What the evaluation saw; where unset, what there is when its result is recorded. */
  sight?: Sight | undefined;
  error?: { code: string; message: string };
  /** What a failed evaluation cost nevertheless. */
  usage?: Usage | undefined;
  /** True where the provider gave no answer at all. */
  isOutage?: boolean;
};

/** The outcome of an evaluation that failed. */
export function failedOutcome(contactId: string, error: unknown): EvaluationOutcome {
  const spent = error instanceof EvaluationFailed ? { usage: error.usage, isOutage: error.isOutage } : {};
  if (error instanceof AppError)
    return { contactId, error: { code: error.code, message: shortened(error.message, LONGEST_ERROR) }, ...spent };
  const why = error instanceof Error ? error.message : String(error);
  return { contactId, error: { code: 'INTERNAL', message: `the evaluation failed: ${why}` } };
}

/** Of which run, by which agent (in the run's version), and with which tools of MCP servers a contact was evaluated. */
export type Evaluated = {
  run: GatedRun;
  agent: Agent;
  offers: Offers | undefined;
  /** The results that the same commit writes before this one. */
  earlier?: readonly ContactResult[];
};

/** The result of one contact: the outcome of its evaluation, with the proposals passed through the gate. */
export function resultOf(
  view: View,
  moment: Moment,
  { run, agent, offers, earlier }: Evaluated,
  outcome: EvaluationOutcome,
): ContactResult {
  const { contactId, evaluation, error } = outcome;
  const usage = evaluation?.usage ?? outcome.usage;
  const scene = sceneOf(view, agent, contactId, offers);
  const result: ContactResult = {
    // The id of a contact that was deleted meanwhile may not be written again.
    contact_id: scene ? contactId : moment.newId('erased'),
    reasoning: (scene && evaluation?.reasoning) ?? '',
    proposed_actions: [],
    blocked_actions: [],
  };
  if (usage) result.usage = usage;
  if (!scene) {
    result.error = GONE;
    return result;
  }
  const sight = outcome.sight ?? sightOf(view, { agent, contactId }, moment.now);
  if (error || !evaluation) {
    keepSight(result, sight);
    result.error = error ?? GONE;
    return result;
  }
  const { rules } = evaluation;
  const proposals = evaluation.proposed_actions.map(({ type, params }, at) => ({ type, params, rule: rules?.[at] }));
  const { proposed, blocked } = passGate(view, moment, { run, scene, earlier }, proposals);
  result.proposed_actions = proposed;
  result.blocked_actions = blocked;
  keepSight(result, sight);
  return result;
}

/** Keeps with a result what its evaluation saw: all of it where something was proposed, which can be stale later. */
function keepSight(result: ContactResult, sight: Sight | undefined): void {
  if (!sight) return;
  result.as_of = sight.as_of;
  result.seen = result.proposed_actions.length > 0 ? sight.seen : briefOf(sight.seen);
}
