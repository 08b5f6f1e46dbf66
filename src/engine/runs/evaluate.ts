import { setTimeout as pause } from 'node:timers/promises';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Run } from '../../domain/runs/run.ts';
import { type Evaluate, type EvaluationContext, EvaluationFailed, PurseEmpty } from '../../evaluators/evaluator.ts';
import { findEvaluator } from '../../evaluators/index.ts';
import { contextOf } from '../base/context.ts';
import type { House } from '../base/house.ts';
import { startAttempts } from '../execution/attempt.ts';
import { applyApproved } from '../execution/own-effects.ts';
import { offersFor } from '../gate/tool-offers.ts';
import { meansOf } from '../money/means.ts';
import { watchForOutage } from './outage.ts';
import { GONE, resultOf, type Thought } from './results.ts';

/** A result waits at most this long for others to be written with it. */
const WRITE_AFTER_MS = 100;
/** Workers begin a moment apart, so that answers come one by one: those that come together delay all next questions. */
const APART_MS = 4;
/** How soon another process's cancel_run is noticed. */
const LOOK_MS = 400;

type Job = {
  house: House;
  run: Run;
  agent: Agent;
  evaluate: Evaluate;
  signal: AbortSignal;
  /** Stops the work, for a failure or because the run isn't ours any more. */
  stop: (failure?: unknown) => void;
};
type Pace = { workers: number; takes: number; batch: number };

/** Whether the run is still this process's to work on. */
function isOurs(self: string, current: Run | undefined): boolean {
  return current?.status === 'running' && current.holder === self;
}

function errorOf(error: unknown): { code: string; message: string } {
  if (error instanceof AppError) return { code: error.code, message: error.message };
  const why = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message: `the evaluation failed: ${why}` };
}

/** What came of one contact. Throws only what stops the run: an empty purse, or an abort. */
async function think(job: Job, contactId: string, context: EvaluationContext | undefined): Promise<Thought> {
  const { house, evaluate, signal } = job;
  if (!context) return { contactId, error: GONE };
  try {
    return { contactId, evaluation: await evaluate(context, signal) };
  } catch (error) {
    if (error instanceof PurseEmpty || signal.aborted) throw error;
    if (!(error instanceof AppError))
      house.deps.log.error({ error: String(error), contact_id: contactId }, 'an evaluation failed');
    const spent = error instanceof EvaluationFailed ? { usage: error.usage, isOutage: error.isOutage } : {};
    return { contactId, error: errorOf(error), ...spent };
  }
}

/** Writes results that nobody recorded yet, if the run is still ours. */
function record(
  { house, run, agent }: Job,
  thoughts: readonly Thought[],
  offers: Offers | undefined,
): Promise<boolean> {
  return house.commit('countersign', (view, moment) => {
    if (!isOurs(moment.holder, view.run(run.id))) return { events: [], value: false };
    const recorded = view.results(run.id).results;
    const results = thoughts
      .filter(({ contactId }) => !recorded.has(contactId))
      .map((thought) => resultOf(view, moment, { run, agent, offers }, thought));
    const base = { type: 'results_recorded' as const, run_id: run.id, agent_id: agent.id };
    const event = { ...base, dry_run: run.dry_run, at: moment.at, results };
    return { events: [event, ...applyApproved(view, agent, event)], value: true };
  });
}

type Writer = { add: (thought: Thought) => Promise<void>; flush: () => Promise<void> };

/** Writes results as they come, a few at a time, so that a kill loses little. Stops the job where the run was lost. */
function createWriter(job: Job, batch: number): Writer {
  let held: Thought[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (held.length === 0) return;
    const thoughts = held;
    held = [];
    await job.house.store.renew();
    const proposals = thoughts.flatMap(({ evaluation }) => evaluation?.proposed_actions ?? []);
    const offers = await offersFor(job.house, job.agent, proposals);
    if (!(await record(job, thoughts, offers))) return job.stop();
    startAttempts(job.house);
    // Other calls get their turn between two writes.
    await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    flush,
    async add(thought) {
      held.push(thought);
      if (held.length >= batch) return flush();
      timer ??= setTimeout(() => flush().catch(job.stop), WRITE_AFTER_MS);
    },
  };
}

/** Stops the work when the run ends by another's hand: cancelled in another process, say. */
function watchRun({ house, run, stop }: Pick<Job, 'house' | 'run' | 'stop'>): () => void {
  const look = () => {
    house.read((view, { holder }) => isOurs(holder, view.run(run.id))).then((isStill) => isStill || stop(), stop);
  };
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}

/** How a run's evaluation came out: `halt` says why it couldn't go on, and for how many. */
export type RunOutcome = { isOver: boolean; halt?: { code: string; message: string } };

/** What is known of these contacts, read in one go. */
function contextsOf({ house, agent }: Job, ids: readonly string[]): Promise<(EvaluationContext | undefined)[]> {
  return house.read((view, { now }) => {
    view.want({ activity: ids, ledger: ids });
    return ids.map((id) => contextOf(view, agent, id, now));
  });
}

/** Several workers take one contact after another, so that a slow one holds up nobody else. */
async function workThrough(
  job: Job,
  ids: readonly string[],
  { workers, takes, batch }: Pace,
): Promise<RunOutcome['halt']> {
  const writer = createWriter(job, batch);
  const outageAfter = watchForOutage(job.house.deps.now);
  let halt: AppError | undefined;
  let next = 0;
  let done = 0;
  const worker = async (index: number) => {
    if (index > 0) await pause(index * APART_MS);
    while (!halt && !job.signal.aborted && next < ids.length) {
      const mine = ids.slice(next, next + takes);
      next += takes;
      const contexts = await contextsOf(job, mine);
      for (const [index, id] of mine.entries()) {
        if (job.signal.aborted) return;
        const thought = await think(job, id, contexts[index]);
        done += 1;
        halt ??= outageAfter(thought);
        await writer.add(thought);
      }
    }
  };
  const guarded = (_: unknown, index: number) =>
    worker(index).catch((error: unknown) => {
      if (error instanceof PurseEmpty) halt ??= error;
      else job.stop(error);
    });
  await Promise.all(Array.from({ length: workers }, guarded));
  await writer.flush();
  if (!halt) return undefined;
  const left = `${ids.length - done} contact(s) are left${job.run.dry_run ? '' : ': the next trigger takes them first'}.`;
  return { code: halt.code, message: `${halt.message} ${left}` };
}

/** A signal that follows another and can be stopped for a failure, which `run` then throws. */
function stoppable(outer: AbortSignal) {
  const controller = new AbortController();
  const { signal } = controller;
  let failure: unknown;
  const stop = (why?: unknown) => {
    if (!signal.aborted) failure = why;
    controller.abort();
  };
  const follow = () => stop();
  outer.addEventListener('abort', follow, { once: true });
  if (outer.aborted) follow();
  const run = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const value = await work;
      if (failure !== undefined) throw failure;
      return value;
    } finally {
      outer.removeEventListener('abort', follow);
    }
  };
  return { signal, stop, run };
}

/** Evaluates all contacts of a run that have no result yet. */
export async function evaluateAll(house: House, run: Run, agent: Agent, outer: AbortSignal): Promise<RunOutcome> {
  const evaluator = findEvaluator(effectiveProvider(agent));
  if (!evaluator)
    throw new AppError('PROVIDER_ERROR', `The provider "${effectiveProvider(agent)}" isn't in this build.`);
  const evaluate = await evaluator.prepare(agent, await meansOf(house, run, agent));
  const left = await house.read((view) => {
    const { targets, results } = view.results(run.id);
    const ids = targets.filter((id) => !results.has(id));
    // One look at all of them, so that what is kept by contact is read from disk once.
    view.want({ activity: ids, ledger: ids });
    return ids;
  });
  const work = stoppable(outer);
  const { signal, stop } = work;
  const job: Job = { house, run, agent, evaluate, signal, stop };
  const unwatch = watchRun(job);
  try {
    const { takes, batch } = evaluator;
    const halt = await work.run(workThrough(job, left, { workers: evaluator.workers(agent), takes, batch }));
    return { isOver: !signal.aborted, ...(halt ? { halt } : {}) };
  } finally {
    unwatch();
  }
}
