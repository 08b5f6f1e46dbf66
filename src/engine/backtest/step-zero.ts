import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { BacktestPlan, Replayable } from '../../domain/runs/replay.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Evaluate } from '../../evaluators/evaluator.ts';
import { Slices } from '../../store/turns.ts';
import type { House } from '../base/house.ts';
import { type PastCase, pastOf } from './past.ts';
import { askThen, type CaseOutcome, comparedWithThen, contextThen } from './replay-case.ts';

/** So many contacts by rules are read, and written, together. */
export const RULES_AT_ONCE = 25;
/** The most differences that are told. */
const MOST_TOLD = 5;

/** A backtest under way. */
export type ReplayJob = {
  house: House;
  run: Run;
  plan: BacktestPlan;
  versions: readonly Agent[];
  /** The minds that can be asked, by version; none for the assistant, which isn't asked here. */
  mind: (agent: Agent) => Promise<Evaluate | undefined>;
  signal: AbortSignal;
};

/** The version of the agent that an evaluation was made by. */
export function versionThen(view: View, versions: readonly Agent[], { run_id }: Replayable): Agent | undefined {
  const version = view.run(run_id)?.agent_version;
  return versions.find((each) => each.version === version);
}

/** Step 0 of one evaluation: what the version of then says once more. */
export async function baselineOf(
  { house, mind, signal }: ReplayJob,
  past: PastCase,
  then: Agent | undefined,
): Promise<Pick<CaseOutcome, 'baseline' | 'usage'>> {
  const evaluate = then && (await mind(then));
  if (!then || !evaluate) return {};
  const context = await house.read((view) => contextThen(view, past, then));
  const { evaluation, error, usage } = await askThen(evaluate, context, signal);
  const spent = usage ? { usage } : {};
  if (!evaluation) return { ...spent, baseline: { agreed: false, differs: error?.message ?? 'it gave no answer' } };
  return {
    ...spent,
    baseline: await house.read((view) => comparedWithThen(view, past, then, evaluation.proposed_actions)),
  };
}

/** What differs at step 0, where rules don't give what they gave: then nothing that follows can be believed. */
export async function rulesThatDiffer(job: ReplayJob): Promise<string[]> {
  const { house, plan, versions } = job;
  const byRules = await house.read((view) =>
    plan.evaluations.filter((each) => {
      const then = versionThen(view, versions, each);
      return then !== undefined && effectiveProvider(then) === 'rules';
    }),
  );
  const found: string[] = [];
  const slices = new Slices();
  for (let from = 0; from < byRules.length && found.length < MOST_TOLD && !job.signal.aborted; from += RULES_AT_ONCE)
    for (const past of await pastOf(house, byRules.slice(from, from + RULES_AT_ONCE))) {
      if (!past) continue;
      const then = await house.read((view) => versionThen(view, versions, past.evaluation));
      const { baseline } = await baselineOf(job, past, then);
      if (baseline?.agreed === false && baseline.differs) found.push(baseline.differs);
      if (slices.isDue) await slices.next();
    }
  return found.slice(0, MOST_TOLD);
}
