import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import type { ContactResult, Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Evaluation } from '../../evaluators/evaluator.ts';
import type { House } from '../base/house.ts';
import { type PastCase, pastOf } from './past.ts';
import { replayedResult } from './replay-case.ts';

/** So many contacts are looked up for a call: others may have some of them in hand. */
const AT_ONCE = 20;

/** Contacts of a backtest that an assistant reasons about, as they were then, by id. */
export type PastCases = ReadonlyMap<string, PastCase>;

/**
 * The contacts that may be handed out next in a backtest, and the one that was handed out under an evaluation's id, as they were
 * then. None for any other run.
 */
export async function pastForAssistant(house: House, runId: string, evaluationId?: string): Promise<PastCases> {
  const wanted = await house.read((view) => {
    const { backtest, results, leases } = view.results(runId);
    if (!backtest) return [];
    const left = backtest.evaluations.filter(({ contact_id }) => !results.has(contact_id));
    const isInHand = (id: string) => leases.get(id)?.evaluation_id === evaluationId;
    const inHand = left.filter(({ contact_id }) => evaluationId !== undefined && isInHand(contact_id));
    return [...inHand, ...left.filter(({ contact_id }) => !leases.has(contact_id)), ...left].slice(0, AT_ONCE);
  });
  if (wanted.length === 0) return new Map();
  const found = await pastOf(house, wanted);
  return new Map(found.flatMap((each): [string, PastCase][] => (each ? [[each.evaluation.contact_id, each]] : [])));
}

/** What a backtest records of an assistant's answer. There is no step 0: nobody can ask the assistant of then. */
export function answeredThen(
  whole: View,
  run: Run,
  past: PastCase,
  {
    candidate,
    evaluation,
    at,
    offers,
  }: { candidate: Agent; evaluation: Evaluation; at: string; offers: Offers | undefined },
): ContactResult {
  const version = whole.run(past.evaluation.run_id)?.agent_version;
  const agentThen = whole.agentFile(run.agent_id).versions.find((each) => each.version === version);
  const minds = { candidate, agentThen };
  const { contact_id } = past.evaluation;
  return replayedResult(whole, [{ minds, outcome: { past, evaluation } }], { contact_id, at, offers });
}
