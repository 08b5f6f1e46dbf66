import type { ActionScene } from '../../actions/action.ts';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { AppError } from '../../domain/base/errors.ts';
import { addUsage, type Usage } from '../../domain/base/usage.ts';
import { type Indexed, isSameAsThen, replayPairs } from '../../domain/learning/backtest.ts';
import type { Replayed } from '../../domain/runs/replay.ts';
import type { Action, ContactResult } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { shortened } from '../../domain/text/shortened.ts';
import {
  type Evaluate,
  type Evaluation,
  EvaluationFailed,
  type Proposal,
  PurseEmpty,
} from '../../evaluators/evaluator.ts';
import { contextOf } from '../base/context.ts';
import { sceneOf } from '../base/scene.ts';
import { actionDigest, paramsInScene } from '../gate/digest.ts';
import { type GatedThen, passGateThen } from './gate-then.ts';
import { type PastCase, viewThen } from './past.ts';

const LONGEST_ERROR = 2_000;

/** What one evaluation is replayed with: the candidate's mind, and that of the version of then, where that can be asked. */
export type Minds = { candidate: Agent; agentThen: Agent | undefined };
/** One evaluation, replayed: what the candidate proposed, and whether the version of then says the same once more. */
export type CaseOutcome = {
  past: PastCase;
  evaluation?: Evaluation;
  baseline?: Pick<Replayed, 'agreed' | 'differs'>;
  error?: { code: string; message: string };
  usage?: Usage;
};

/** What an evaluator may know of a contact, as it was then. */
export function contextThen(whole: View, past: PastCase, agent: Agent) {
  const { contact_id, at } = past.evaluation;
  return contextOf(viewThen(whole, past), agent, contact_id, new Date(at));
}

/** Proposals as the gate takes them in their scene of then. */
function inSceneThen(whole: View, past: PastCase, agent: Agent, proposals: readonly Proposal[]): Proposal[] {
  const scene = sceneOf(viewThen(whole, past), agent, past.evaluation.contact_id);
  return proposals.map(({ type, params }) => ({ type, params: scene ? paramsInScene(type, params, scene) : params }));
}

function wordsOfProposals(proposals: readonly Proposal[]): string {
  return proposals.length === 0
    ? 'nothing'
    : proposals.map(({ type, params }) => `${type} ${JSON.stringify(params)}`).join('; ');
}

/** The result of an evaluation of then. */
function resultThen(whole: View, { run_id, contact_id }: PastCase['evaluation']): ContactResult | undefined {
  return whole.results(run_id).results.get(contact_id);
}

/** What an evaluation proposed by itself: drafts that people asked for later aren't among it. */
function ownProposals({ proposed_actions }: ContactResult): Action[] {
  return proposed_actions.filter(({ revises }) => revises === undefined);
}

/** Whether the version of then says the same once more: rules to the letter, a model near enough. */
export function comparedWithThen(
  whole: View,
  past: PastCase,
  agent: Agent,
  proposals: readonly Proposal[],
): Pick<Replayed, 'agreed' | 'differs'> {
  const result = resultThen(whole, past.evaluation);
  if (!result) return {};
  const now = inSceneThen(whole, past, agent, proposals);
  const [proposed, blocked] = [ownProposals(result), result.blocked_actions];
  if (isSameAsThen(now, { proposed, blocked })) return { agreed: true };
  if (effectiveProvider(agent) !== 'rules') {
    const indexed = [...now].map((each, action_index) => ({ ...each, action_index }));
    const all = [...proposed, ...blocked].map(({ type, params }, action_index) => ({ type, params, action_index }));
    if (replayPairs(all, indexed, []).every(({ kind }) => kind === 'kept')) return { agreed: true };
  }
  const was = shortened(wordsOfProposals([...proposed, ...blocked]), 300);
  const is = shortened(wordsOfProposals(now), 300);
  return {
    agreed: false,
    differs: `run ${past.evaluation.run_id}, contact "${past.evaluation.contact_id}": then ${was}; now ${is}`,
  };
}

/** Has a mind evaluate a contact as it was then. A failure is told; what stops the backtest is thrown. */
export async function askThen(
  evaluate: Evaluate,
  context: ReturnType<typeof contextThen>,
  signal: AbortSignal,
): Promise<Pick<CaseOutcome, 'evaluation' | 'error' | 'usage'>> {
  if (!context) return { error: { code: 'NOT_FOUND', message: 'the contact of then can’t be read' } };
  try {
    const evaluation = await evaluate(context, signal);
    return { evaluation, ...(evaluation.usage ? { usage: evaluation.usage } : {}) };
  } catch (error) {
    if (error instanceof PurseEmpty || signal.aborted) throw error;
    const usage = error instanceof EvaluationFailed && error.usage ? { usage: error.usage } : {};
    const code = error instanceof AppError ? error.code : 'INTERNAL';
    const message = shortened(error instanceof Error ? error.message : String(error), LONGEST_ERROR);
    return { error: { code, message }, ...usage };
  }
}

/** The proposals of one replay as actions of the backtest: none of them can be decided on. */
function shownActions(gated: GatedThen, scene: ActionScene, { from, at }: { from: number; at: string }): Action[] {
  return gated.passed.map(({ type, params, tool }, index) => ({
    action_index: from + index,
    ...{ type, params, digest: actionDigest(type, params, scene, tool), status: 'dry_run', proposed_at: at },
    ...(tool ? { pinned_tool: tool } : {}),
  }));
}

type Recorded = Pick<ContactResult, 'proposed_actions' | 'blocked_actions'> & { replayed?: Replayed };

function recordedCase(
  whole: View,
  minds: Minds,
  outcome: CaseOutcome,
  { from, at, offers }: { from: number; at: string; offers: Offers | undefined },
): Recorded {
  const { past, evaluation, baseline = {} } = outcome;
  const { run_id, contact_id, decided } = past.evaluation;
  const nothing = { proposed_actions: [], blocked_actions: [] };
  const view = viewThen(whole, past);
  const scene = sceneOf(view, minds.candidate, contact_id, offers);
  const result = resultThen(whole, past.evaluation);
  if (!evaluation || !scene || !result) return nothing;
  const proposals = inSceneThen(whole, past, minds.candidate, evaluation.proposed_actions);
  const now = new Date(past.evaluation.at);
  const gated = passGateThen({ view, scene, now, runId: run_id, result }, minds.agentThen, proposals);
  const proposed_actions = shownActions(gated, scene, { from, at });
  const pairs = replayPairs(ownProposals(result) satisfies Indexed[], proposed_actions, decided);
  return { proposed_actions, blocked_actions: gated.blocked, replayed: { run_id, ...baseline, pairs } };
}

/** What a backtest records of one contact: all of its evaluations that were replayed. */
export function replayedResult(
  whole: View,
  cases: readonly { minds: Minds; outcome: CaseOutcome }[],
  { contact_id, at, offers }: { contact_id: string; at: string; offers: Offers | undefined },
): ContactResult {
  const result: ContactResult = { contact_id, reasoning: '', proposed_actions: [], blocked_actions: [], replayed: [] };
  const reasons: string[] = [];
  for (const { minds, outcome } of cases) {
    const from = result.proposed_actions.length;
    const { proposed_actions, blocked_actions, replayed } = recordedCase(whole, minds, outcome, { from, at, offers });
    result.proposed_actions.push(...proposed_actions);
    result.blocked_actions.push(...blocked_actions);
    if (replayed) result.replayed?.push(replayed);
    if (outcome.usage) result.usage = addUsage(result.usage, outcome.usage);
    if (outcome.error) result.error = outcome.error;
    if (outcome.evaluation) reasons.push(outcome.evaluation.reasoning);
  }
  return { ...result, reasoning: reasons.join('\n') };
}
