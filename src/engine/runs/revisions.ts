import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { notFound } from '../../domain/base/errors.ts';
import { addressIn, nextIndex } from '../../domain/runs/revision.ts';
import type { Action, ActionRef, ActionSource, ContactResult, Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { EvaluationContext, SentBack } from '../../evaluators/evaluator.ts';
import { effectiveParams, findAction } from '../base/actions.ts';
import { contextOf } from '../base/context.ts';
import type { Moment } from '../base/moment.ts';
import type { Sight } from '../gate/sight.ts';
import { type EvaluationOutcome, resultOf } from './results.ts';

/** The agent of a run in the version that the run evaluates with; NOT_FOUND where it was deleted. */
export function mindOf(view: View, run: Run): Agent {
  const { backtest } = view.results(run.id);
  if (backtest) return backtest.agent;
  const agent = view.agentFile(run.agent_id).versions.find((item) => item.version === run.agent_version);
  if (!agent) throw notFound(`The agent of run ${run.id} was deleted.`);
  return agent;
}

/** The actions of a run that were sent back and have no answer yet, oldest first. */
export function openRevisions(view: View, runId: string): ActionRef[] {
  return (view.waiting().get(runId)?.revising ?? []).map(addressIn);
}

/** The draft of an action that was sent back, and how the person wants it; undefined for any other action. */
function sentBack(view: View, ref: ActionRef): SentBack | undefined {
  const action = findAction(view, ref);
  if (!action?.revised) return undefined;
  const draft = { type: action.type, params: effectiveParams(action) };
  return { action_index: action.action_index, draft, feedback: action.reason ?? '' };
}

/** All that whoever revises an action may know; undefined where its contact was deleted. */
export function revisionContext(view: View, agent: Agent, ref: ActionRef, now: Date): EvaluationContext | undefined {
  const context = contextOf(view, agent, ref.contact_id, now);
  const revision = sentBack(view, ref);
  return context && revision && { ...context, revision };
}

/** The run, its agent in the run's version, the tools of its MCP servers, and who proposes. */
export type Reviser = { run: Run; agent: Agent; offers: Offers | undefined; source?: ActionSource };

/** What was known when a draft was written; undefined where an earlier edition kept nothing of it. */
function sightBefore(result: ContactResult, action: Action | undefined): Sight | undefined {
  const { as_of, seen } = action?.seen ? action : result;
  return as_of === undefined || seen === undefined ? undefined : { as_of, seen };
}

/**
 * The event that records what came of an action that was sent back: the new proposals, through the gate. Where it could
 * not be revised, the same draft is proposed once more, so that the person can still decide on it; what moved since it was
 * written goes on to be shown. Undefined where the
 * action is gone, or has its answer already.
 */
export function revisionRecorded(
  view: View,
  moment: Moment,
  { run, agent, offers, source }: Reviser,
  { ref, outcome }: { ref: ActionRef; outcome: EvaluationOutcome },
): (Event & { type: 'results_recorded' }) | undefined {
  const before = view.results(run.id).results.get(ref.contact_id);
  const asked = sentBack(view, ref);
  if (!before || !asked || !openRevisions(view, run.id).some((open) => isSameAction(open, ref))) return undefined;
  const { error, usage } = outcome;
  const revision = { of: ref.action_index, from: nextIndex(before), isSame: error !== undefined };
  const gated = { id: run.id, dry_run: false, revision, ...(source ? { source } : {}) };
  const again = { reasoning: '', proposed_actions: [asked.draft] };
  const sight = sightBefore(before, findAction(view, ref));
  const answer = error ? { contactId: ref.contact_id, evaluation: again, usage, sight } : outcome;
  const result = resultOf(view, moment, { run: gated, agent, offers }, answer);
  if (error) {
    const reason = `It could not be revised, so this is the draft of before: ${error.message}`;
    result.proposed_actions = result.proposed_actions.map((action) => ({ ...action, reason }));
    result.error = error;
  }
  const base = { run_id: run.id, agent_id: agent.id, dry_run: false, at: moment.at };
  return { type: 'results_recorded', ...base, results: [result], revises: ref.action_index };
}

export function isSameAction(one: ActionRef, other: ActionRef): boolean {
  return one.run_id === other.run_id && one.contact_id === other.contact_id && one.action_index === other.action_index;
}
