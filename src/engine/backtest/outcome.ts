import { effectiveProvider } from '../../domain/agents/agent.ts';
import { isObject } from '../../domain/base/json.ts';
import { agreementOf, type ReplayTally, tallyKey, tallyOf, testOf } from '../../domain/learning/backtest.ts';
import { rounded4, shownRate } from '../../domain/learning/decision-figures.ts';
import { rateOf } from '../../domain/learning/intervals.ts';
import type { BacktestPlan, Replayed, ReplayedPair } from '../../domain/runs/replay.ts';
import type { Run, RunStatus } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { shorten } from '../../evaluators/briefing.ts';
import type { BacktestAsShown } from '../base/shown/backtest.ts';

const MOST_EXAMPLES = 10;
const MOST_DIFFERS = 5;
/** The longest text of an example's params. */
const LONGEST = 400;
const KINDS = ['caught', 'lost', 'changed', 'added'] as const;

type Known = Pick<ReplayedPair, 'decided_at' | 'sent_back_at'>;
type Found = { contact_id: string; run_id: string; pair: ReplayedPair };

/**
 * A decision whose reasons the author of a version could read before they wrote it. What `improve_playbook` quotes was said
 * before it is read, so all that it quoted for a version is older than the version. Of what it quotes only the reason for
 * sending a draft back comes before the decision, so that counts from then on. A draft is newer than all decisions.
 */
function couldBeKnown({ decided_at, sent_back_at }: Known, plan: BacktestPlan): boolean {
  const since = sent_back_at ?? decided_at;
  return plan.isDraft === true || (since !== undefined && since < plan.agent.updated_at);
}

function flat({ caught, lost, kept_approved, kept_rejected, changed, added }: ReplayTally): ReplayTally {
  return { caught, lost, kept_approved, kept_rejected, changed, added };
}

function outcomeOf(pairs: readonly ReplayedPair[]) {
  const { changed, added, ...counts } = tallyOf(pairs);
  const types = [...new Set(pairs.map(({ type }) => type))].sort();
  const per_type = Object.fromEntries(
    types.map((type) => [type, flat(tallyOf(pairs.filter((pair) => pair.type === type)))]),
  );
  return { ...counts, undecided: { changed, added }, per_type };
}

/** The newest version that ran then. */
function baselineVersion(view: View, plan: BacktestPlan): number {
  const versions = plan.evaluations.map(({ run_id }) => view.run(run_id)?.agent_version ?? 0);
  return Math.max(0, ...versions) || plan.version;
}

function paramsAt(view: View, runId: string, contactId: string, index: number | undefined) {
  if (index === undefined) return null;
  const actions = view.results(runId).results.get(contactId)?.proposed_actions ?? [];
  const params = actions.find(({ action_index }) => action_index === index)?.params;
  const short = params && shorten(params, LONGEST);
  return isObject(short) ? short : null;
}

function examplesOf(view: View, backtestId: string, found: readonly Found[]): BacktestAsShown['examples'] {
  const told = KINDS.flatMap((kind) =>
    found.flatMap(({ run_id, contact_id, pair }) =>
      tallyKey(pair) === kind
        ? [
            {
              ...{ run_id, contact_id, type: pair.type, kind },
              // biome-ignore lint/suspicious/noThenProperty: the contract's name for what was proposed then
              then: paramsAt(view, run_id, contact_id, pair.was),
              now: paramsAt(view, backtestId, contact_id, pair.is),
            },
          ]
        : [],
    ),
  );
  return told.slice(0, MOST_EXAMPLES);
}

/** Whom a backtest is over, as it stands: who was erased since isn't in it. */
export function cohortOf(plan: BacktestPlan): BacktestAsShown['cohort'] {
  const decided = plan.evaluations.flatMap((each) => each.decided);
  const seen = decided.filter(({ at, ...rest }) => couldBeKnown({ decided_at: at, ...rest }, plan)).length;
  return {
    evaluations: plan.evaluations.length,
    decided_actions: decided.length,
    erased: plan.erased,
    unreadable: plan.unreadable,
    seen,
    unseen: decided.length - seen,
  };
}

/** What a backtest says that isn't over, or that ended before its last contact, is no verdict. */
function verdictFor(status: RunStatus, told: BacktestAsShown['verdict']): BacktestAsShown['verdict'] {
  return status === 'completed' ? told : "can't tell";
}

/** The result of a backtest as far as it is; undefined for any other run. */
export function backtestOf(view: View, run: Run): BacktestAsShown | undefined {
  const { backtest: plan, results } = view.results(run.id);
  if (!plan) return undefined;
  const replayed = [...results.values()].flatMap(({ contact_id, replayed = [] }) =>
    replayed.map((each): Replayed & { contact_id: string } => ({ ...each, contact_id })),
  );
  const found = replayed.flatMap(({ contact_id, run_id, pairs }): Found[] =>
    pairs.map((pair) => ({ contact_id, run_id, pair })),
  );
  const pairs = found.map(({ pair }) => pair);
  const outcome = outcomeOf(pairs);
  const { test, verdict } = testOf(outcome);
  const kept = outcome.kept_approved + outcome.kept_rejected;
  const cohort = cohortOf(plan);
  const isAssistant = effectiveProvider(plan.agent) === 'assistant';
  const agreement = isAssistant ? null : agreementOf(replayed);
  const differs = replayed.flatMap(({ differs }) => differs ?? []).slice(0, MOST_DIFFERS);
  const isStopped = run.error?.code === 'CONFLICT';
  const unseen = pairs.filter((pair) => pair.decision !== undefined && !couldBeKnown(pair, plan));
  return {
    run_id: run.id,
    status: run.status,
    version: plan.version,
    ...(plan.isDraft ? { draft: true as const } : {}),
    baseline: {
      version: baselineVersion(view, plan),
      agreement: rounded4(agreement),
      differs: isStopped && run.error ? [run.error.message] : differs,
    },
    cohort,
    outcome,
    ...(cohort.unseen > 0 && cohort.seen > 0 ? { unseen: flat(tallyOf(unseen)) } : {}),
    precision: shownRate(rateOf({ k: outcome.kept_approved, n: kept })),
    test: test && { ...test, p: rounded4(test.p) },
    verdict: verdictFor(run.status, verdict),
    cost_usd: effectiveProvider(plan.agent) === 'rules' ? 0 : (run.summary.usage?.cost_usd ?? null),
    examples: examplesOf(view, run.id, found),
  };
}
