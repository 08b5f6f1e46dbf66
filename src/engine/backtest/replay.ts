import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { AppError } from '../../domain/base/errors.ts';
import { addUsage } from '../../domain/base/usage.ts';
import type { BacktestPlan, Replayable } from '../../domain/runs/replay.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { type Evaluate, type Means, PurseEmpty } from '../../evaluators/evaluator.ts';
import { findEvaluator } from '../../evaluators/index.ts';
import { Slices } from '../../store/turns.ts';
import type { House } from '../base/house.ts';
import { meansOf } from '../money/means.ts';
import { type PastCase, pastOf } from './past.ts';
import { askThen, type CaseOutcome, comparedWithThen, contextThen, type Minds, replayedResult } from './replay-case.ts';

/** So many contacts by rules are read and written together. */
const AT_ONCE = 25;
/** The most differences that are told. */
const MOST_TOLD = 5;

type Halt = { code: string; message: string };
type Job = {
  house: House;
  run: Run;
  plan: BacktestPlan;
  versions: readonly Agent[];
  /** The minds that can be asked, by version; none for the assistant, which isn't asked here. */
  mind: (agent: Agent) => Promise<Evaluate | undefined>;
  signal: AbortSignal;
};

/** The version of the agent that an evaluation was made by. */
function versionThen(view: View, versions: readonly Agent[], { run_id }: Replayable): Agent | undefined {
  const version = view.run(run_id)?.agent_version;
  return versions.find((each) => each.version === version);
}

/** A model of then is asked once more only where it is the one that is paid for anyhow: another would cost on its own. */
function canAsk(agent: Agent, candidate: Agent): boolean {
  const provider = effectiveProvider(agent);
  if (provider === 'rules') return true;
  if (provider === 'assistant' || provider !== effectiveProvider(candidate)) return false;
  return (
    agent.llm_config.model === candidate.llm_config.model && agent.llm_config.base_url === candidate.llm_config.base_url
  );
}

/** Prepares each mind once. */
function mindsOf(means: Means, candidate: Agent): Job['mind'] {
  const known = new Map<string, Promise<Evaluate | undefined>>();
  return (agent) => {
    const key = agent === candidate ? 'candidate' : `version ${agent.version}`;
    const found =
      known.get(key) ??
      (async () =>
        canAsk(agent, candidate) ? findEvaluator(effectiveProvider(agent))?.prepare(agent, means) : undefined)();
    known.set(key, found);
    return found;
  };
}

/** Step 0 of one evaluation: what the version of then says once more. */
async function baselineOf(
  { house, mind, signal }: Job,
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

async function replayOne(job: Job, past: PastCase): Promise<{ minds: Minds; outcome: CaseOutcome }> {
  const { house, plan, versions, mind, signal } = job;
  const then = await house.read((view) => versionThen(view, versions, past.evaluation));
  const { baseline, usage: before } = await baselineOf(job, past, then);
  const evaluate = await mind(plan.agent);
  if (!evaluate)
    throw new AppError('PROVIDER_ERROR', `The provider "${effectiveProvider(plan.agent)}" isn't in this build.`);
  const context = await house.read((view) => contextThen(view, past, plan.agent));
  const { usage: after, ...asked } = await askThen(evaluate, context, signal);
  const usage = after ? addUsage(before, after) : before;
  const outcome = { past, ...asked, ...(baseline ? { baseline } : {}), ...(usage ? { usage } : {}) };
  return { minds: { candidate: plan.agent, agentThen: then }, outcome };
}

/** What differs at step 0, where rules don't give what they gave: then nothing that follows can be believed. */
async function rulesThatDiffer(job: Job): Promise<string[]> {
  const { house, plan, versions } = job;
  const byRules = await house.read((view) =>
    plan.evaluations.filter((each) => {
      const then = versionThen(view, versions, each);
      return then !== undefined && effectiveProvider(then) === 'rules';
    }),
  );
  const found: string[] = [];
  const slices = new Slices();
  for (let from = 0; from < byRules.length && found.length < MOST_TOLD && !job.signal.aborted; from += AT_ONCE)
    for (const past of await pastOf(house, byRules.slice(from, from + AT_ONCE))) {
      if (!past) continue;
      const then = await house.read((view) => versionThen(view, versions, past.evaluation));
      const { baseline } = await baselineOf(job, past, then);
      if (baseline?.agreed === false && baseline.differs) found.push(baseline.differs);
      if (slices.isDue) await slices.next();
    }
  return found.slice(0, MOST_TOLD);
}

/** Writes what came of contacts; false where this process doesn't hold the run any more. */
function record(
  { house, run }: Job,
  done: readonly { contact_id: string; cases: Awaited<ReturnType<typeof replayOne>>[] }[],
) {
  return house.commit('countersign', (view, { at, holder }) => {
    const current = view.run(run.id);
    if (current?.status !== 'running' || current.holder !== holder) return { events: [], value: false };
    const { results: recorded, targets } = view.results(run.id);
    const results = done
      .filter(({ contact_id }) => !recorded.has(contact_id) && targets.includes(contact_id))
      .map(({ contact_id, cases }) => replayedResult(view, cases, { contact_id, at }));
    if (results.length === 0) return { events: [], value: true };
    const base = { type: 'results_recorded' as const, run_id: run.id, agent_id: run.agent_id };
    return { events: [{ ...base, dry_run: true, backtest: true, at, results }], value: true };
  });
}

/** Replays some contacts, and writes what came of them. */
async function workOn(job: Job, contacts: readonly string[]): Promise<boolean> {
  const { house, plan } = job;
  const wanted = plan.evaluations.filter(({ contact_id }) => contacts.includes(contact_id));
  const past = await pastOf(house, wanted);
  const done: Parameters<typeof record>[1][number][] = contacts.map((contact_id) => ({ contact_id, cases: [] }));
  const slices = new Slices();
  for (const each of past) {
    if (job.signal.aborted) return false;
    if (!each) continue;
    done.find(({ contact_id }) => contact_id === each.evaluation.contact_id)?.cases.push(await replayOne(job, each));
    if (slices.isDue) await slices.next();
  }
  await house.store.renew();
  return record(job, done);
}

/** Works through the contacts that have no result yet, some at once where a model is asked. */
async function workThrough(job: Job): Promise<{ isOver: boolean; halt?: Halt }> {
  const { house, run, plan, signal } = job;
  const provider = findEvaluator(effectiveProvider(plan.agent));
  const { targets, done } = await house.read((view) => {
    const { targets, results } = view.results(run.id);
    return { targets, done: [...results.keys()] };
  });
  const left = targets.filter((id) => !done.includes(id));
  const isRules = effectiveProvider(plan.agent) === 'rules';
  const takes = isRules ? AT_ONCE : 1;
  let halt: Halt | undefined;
  let isStopped = false;
  const worker = async () => {
    while (!halt && !isStopped && !signal.aborted) {
      const mine = left.splice(0, takes);
      if (mine.length === 0) return;
      if (await house.read((view) => view.brake().on)) isStopped = true;
      else if (!(await workOn(job, mine))) isStopped = true;
    }
  };
  const guarded = () =>
    worker().catch((error: unknown) => {
      // An abort leaves the run to whoever takes it up next.
      if (signal.aborted) return;
      if (!(error instanceof PurseEmpty)) throw error;
      halt ??= { code: error.code, message: error.message };
    });
  await Promise.all(Array.from({ length: isRules ? 1 : (provider?.workers(plan.agent) ?? 1) }, guarded));
  return { isOver: !signal.aborted && !isStopped, ...(halt ? { halt } : {}) };
}

/** Replays all evaluations of a backtest that weren't replayed yet: at first by the version that ran then (step 0). */
export async function replayAll(
  house: House,
  run: Run,
  candidate: Agent,
  signal: AbortSignal,
): Promise<{ isOver: boolean; halt?: Halt }> {
  const { plan, versions } = await house.read((view) => ({
    plan: view.results(run.id).backtest,
    versions: view.agentFile(run.agent_id).versions,
  }));
  if (!plan) return { isOver: true };
  const means = await meansOf(house, run, candidate);
  const job: Job = { house, run, plan, versions, mind: mindsOf(means, plan.agent), signal };
  const differs = await rulesThatDiffer(job);
  if (differs.length > 0) {
    const message = `The version that ran then doesn't propose once more what it proposed, so nothing that follows could be believed: ${differs.join(' | ')}`;
    return { isOver: true, halt: { code: 'CONFLICT', message } };
  }
  return workThrough(job);
}
