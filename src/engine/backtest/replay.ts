import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { AppError } from '../../domain/base/errors.ts';
import { addUsage } from '../../domain/base/usage.ts';
import type { Run } from '../../domain/runs/run.ts';
import { type Evaluate, type Means, PurseEmpty } from '../../evaluators/evaluator.ts';
import { findEvaluator } from '../../evaluators/index.ts';
import { Slices } from '../../store/turns.ts';
import type { House } from '../base/house.ts';
import { offersFor } from '../gate/tool-offers.ts';
import { meansOf } from '../money/means.ts';
import { type PastCase, pastOf } from './past.ts';
import { askThen, type CaseOutcome, contextThen, type Minds, replayedResult } from './replay-case.ts';
import { baselineOf, type ReplayJob, RULES_AT_ONCE, rulesThatDiffer, versionThen } from './step-zero.ts';

type Halt = { code: string; message: string };
/** One evaluation, replayed; `halt` where the purse was empty before it was done. */
type Case = { minds: Minds; outcome: CaseOutcome; halt?: Halt };
/** What came of some contacts. */
type Done = { contact_id: string; cases: Case[] };

/** A model of then is asked once more only where it is the one that is paid for anyhow: another would cost on its own. */
export function canAsk(agent: Agent, candidate: Agent): boolean {
  const provider = effectiveProvider(agent);
  if (provider === 'rules') return true;
  if (provider === 'assistant' || provider !== effectiveProvider(candidate)) return false;
  return (
    agent.llm_config.model === candidate.llm_config.model && agent.llm_config.base_url === candidate.llm_config.base_url
  );
}

/** Prepares each mind once. */
function mindsOf(means: Means, candidate: Agent): ReplayJob['mind'] {
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

/** What a mind says of a contact as it was then. An empty purse is told, so that what was paid before isn't forgotten. */
async function askCandidate(
  job: ReplayJob,
  past: PastCase,
): Promise<Pick<CaseOutcome, 'evaluation' | 'error' | 'usage'> & { halt?: Halt }> {
  const { house, plan, mind, signal } = job;
  const evaluate = await mind(plan.agent);
  if (!evaluate)
    throw new AppError('PROVIDER_ERROR', `The provider "${effectiveProvider(plan.agent)}" isn't in this build.`);
  const context = await house.read((view) => contextThen(view, past, plan.agent));
  return emptyPurseTold(askThen(evaluate, context, signal));
}

async function emptyPurseTold<T extends object>(asked: Promise<T>): Promise<T | { error: Halt; halt: Halt }> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof PurseEmpty)) throw error;
    const halt = { code: error.code, message: error.message };
    return { error: halt, halt };
  }
}

async function replayOne(job: ReplayJob, past: PastCase): Promise<Case> {
  const { house, plan, versions } = job;
  const then = await house.read((view) => versionThen(view, versions, past.evaluation));
  const minds = { candidate: plan.agent, agentThen: then };
  const first = await emptyPurseTold(baselineOf(job, past, then));
  if ('halt' in first) return { minds, outcome: { past, error: first.error }, halt: first.halt };
  const { baseline, usage: before } = first;
  const { usage: after, halt, ...asked } = await askCandidate(job, past);
  const usage = after ? addUsage(before, after) : before;
  const outcome = { past, ...asked, ...(baseline ? { baseline } : {}), ...(usage ? { usage } : {}) };
  return { minds, outcome, ...(halt ? { halt } : {}) };
}

/** Writes what came of contacts; false where this process doesn't hold the run any more. */
function record({ house, run }: ReplayJob, done: readonly Done[], offers: Offers | undefined): Promise<boolean> {
  return house.commit('countersign', (view, { at, holder }) => {
    const current = view.run(run.id);
    if (current?.status !== 'running' || current.holder !== holder) return { events: [], value: false };
    const { results: recorded, targets } = view.results(run.id);
    const results = done
      .filter(({ contact_id }) => !recorded.has(contact_id) && targets.includes(contact_id))
      .map(({ contact_id, cases }) => replayedResult(view, cases, { contact_id, at, offers }));
    if (results.length === 0) return { events: [], value: true };
    const base = { type: 'results_recorded' as const, run_id: run.id, agent_id: run.agent_id };
    return { events: [{ ...base, dry_run: true, backtest: true, at, results }], value: true };
  });
}

/** Whether a contact's replay left anything: where the purse was empty before its first question, it is left as it is. */
function isWorthWriting({ cases }: Done): boolean {
  return cases.some(({ outcome, halt }) => !halt || outcome.usage !== undefined);
}

/** Replays some contacts, and writes what came of them, and what was paid for them also where the purse was empty then. */
async function workOn(job: ReplayJob, contacts: readonly string[]): Promise<{ isOurs: boolean; halt?: Halt }> {
  const { house, plan } = job;
  const wanted = plan.evaluations.filter(({ contact_id }) => contacts.includes(contact_id));
  const past = await pastOf(house, wanted);
  const done = contacts.map((contact_id): Done => ({ contact_id, cases: [] }));
  const slices = new Slices();
  let halt: Halt | undefined;
  for (const each of past) {
    if (job.signal.aborted) return { isOurs: false };
    if (!each || halt) continue;
    const replayed = await replayOne(job, each);
    halt = replayed.halt;
    done.find(({ contact_id }) => contact_id === each.evaluation.contact_id)?.cases.push(replayed);
    if (slices.isDue) await slices.next();
  }
  await house.store.renew();
  const worth = halt ? done.filter(isWorthWriting) : done;
  const proposals = worth.flatMap(({ cases }) =>
    cases.flatMap(({ outcome }) => outcome.evaluation?.proposed_actions ?? []),
  );
  const isOurs = await record(job, worth, await offersFor(house, plan.agent, proposals));
  return { isOurs, ...(halt ? { halt } : {}) };
}

/** Works through the contacts that have no result yet, some at once where a model is asked. */
async function workThrough(job: ReplayJob): Promise<{ isOver: boolean; halt?: Halt }> {
  const { house, run, plan, signal } = job;
  const provider = findEvaluator(effectiveProvider(plan.agent));
  const { targets, done } = await house.read((view) => {
    const { targets, results } = view.results(run.id);
    return { targets, done: [...results.keys()] };
  });
  const left = targets.filter((id) => !done.includes(id));
  const isRules = effectiveProvider(plan.agent) === 'rules';
  const takes = isRules ? RULES_AT_ONCE : 1;
  let halt: Halt | undefined;
  let isStopped = false;
  const worker = async () => {
    while (!halt && !isStopped && !signal.aborted) {
      const mine = left.splice(0, takes);
      if (mine.length === 0) return;
      if (await house.read((view) => view.brake().on)) isStopped = true;
      else {
        const done = await workOn(job, mine);
        halt ??= done.halt;
        if (!done.isOurs) isStopped = true;
      }
    }
  };
  const guarded = () =>
    worker().catch((error: unknown) => {
      // An abort leaves the run to whoever takes it up next.
      if (!signal.aborted) throw error;
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
  const job: ReplayJob = { house, run, plan, versions, mind: mindsOf(means, plan.agent), signal };
  const differs = await rulesThatDiffer(job);
  if (differs.length > 0) {
    const message = `The version that ran then doesn't propose once more what it proposed, so nothing that follows could be believed: ${differs.join(' | ')}`;
    return { isOver: true, halt: { code: 'CONFLICT', message } };
  }
  return workThrough(job);
}
