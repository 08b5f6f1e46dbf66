import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { AgentFacts, DecisionFact } from '../../domain/learning/facts.ts';
import type { BacktestPlan, DecidedIndex, Replayable } from '../../domain/runs/replay.ts';
import type { Action } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { factsFor } from '../learning/kept-facts.ts';
import { pastOf } from './past.ts';

/**
 * What a decision on an action is about: the draft that the evaluation itself proposed, which a person may have sent back
 * before they decided on what took its place.
 */
function wordOnDraft(actions: readonly Action[], { action_index, decision, at }: DecisionFact): DecidedIndex {
  let [index, sentBack]: [number, string | undefined] = [action_index, undefined];
  for (let step = 0; step <= actions.length; step++) {
    const before = actions.find((each) => each.action_index === index)?.revises;
    if (before === undefined) break;
    index = before;
    sentBack = actions.find((each) => each.action_index === index)?.decided_at ?? sentBack;
  }
  return { action_index: index, decision, at, ...(sentBack === undefined ? {} : { sent_back_at: sentBack }) };
}

type DecidedEvaluation = { run_id: string; contact_id: string; latest: string; decisions: DecisionFact[] };

function ordered(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Evaluations with decisions of people, the newest ones first. */
function evaluationsIn({ decisions }: AgentFacts): DecidedEvaluation[] {
  const found = new Map<string, DecidedEvaluation>();
  for (const decision of decisions) {
    const { run_id, contact_id, at } = decision;
    if (contact_id === undefined) continue;
    const key = `${run_id}/${contact_id}`;
    const same = found.get(key) ?? { run_id, contact_id, latest: at, decisions: [] };
    same.decisions.push(decision);
    same.latest = same.latest > at ? same.latest : at;
    found.set(key, same);
  }
  return [...found.values()].sort(
    (one, other) =>
      ordered(other.latest, one.latest) ||
      ordered(other.run_id, one.run_id) ||
      ordered(one.contact_id, other.contact_id),
  );
}

/** An evaluation as it can be replayed; undefined where nothing was kept of what it saw, or a chat proposed. */
function replayable(view: View, { run_id, contact_id, decisions }: DecidedEvaluation): Replayable | undefined {
  const result = view.results(run_id).results.get(contact_id);
  if (!result || result.as_of === undefined || !result.seen || view.run(run_id)?.trigger === 'chat') return undefined;
  const decided = decisions.map((fact) => wordOnDraft(result.proposed_actions, fact));
  return { run_id, contact_id, as_of: result.as_of, at: result.seen.at, decided };
}

/** Only the newest evaluation of each contact: an assistant is handed a contact once. */
function newestOfEach(evaluated: readonly DecidedEvaluation[]): DecidedEvaluation[] {
  const seen = new Set<string>();
  return evaluated.filter(({ contact_id }) => !seen.has(contact_id) && seen.add(contact_id));
}

/** What a backtest replays: the newest evaluations that people decided on, at most `limit`. */
export async function planFor(
  house: House,
  { agent, version, isDraft, limit }: { agent: Agent; version: number; isDraft: boolean; limit: number },
): Promise<BacktestPlan> {
  const facts = await factsFor(house, agent.id);
  const all = evaluationsIn(facts);
  const wanted = effectiveProvider(agent) === 'assistant' ? newestOfEach(all) : all;
  const some = wanted.slice(0, limit);
  const read = await house.read((view) => some.map((each) => replayable(view, each)));
  const known = read.filter((each) => each !== undefined);
  const past = await pastOf(house, known);
  const evaluations = known.filter((_, at) => past[at] !== undefined);
  return {
    ...{ agent, version, evaluations, planned: evaluations.length, unreadable: some.length - evaluations.length },
    ...(isDraft ? { isDraft: true as const } : {}),
    erased: facts.decisions.filter(({ contact_id }) => contact_id === undefined).length,
  };
}
