import { setTimeout as pause } from 'node:timers/promises';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Run } from '../../domain/runs/run.ts';
import { type Evaluate, type EvaluationContext, PurseEmpty } from '../../evaluators/evaluator.ts';
import { findEvaluator } from '../../evaluators/index.ts';
import { Slices } from '../../store/turns.ts';
import { contextOf } from '../base/context.ts';
import type { House } from '../base/house.ts';
import { loadContacts } from '../base/load-contacts.ts';
import { agentWords } from '../gate/comparer.ts';
import { type Sight, sightOf } from '../gate/sight.ts';
import { meansOf } from '../money/means.ts';
import { allInHand, PartInHand } from './in-hand.ts';
import { watchForOutage } from './outage.ts';
import { createWriter, isOurs, type RunWork } from './recording.ts';
import { type EvaluationOutcome, failedOutcome, GONE } from './results.ts';
import { helpersWanted, isShared } from './sharing.ts';
import { stoppable, watchBrake } from './stopping.ts';

/** Workers begin this far apart, so that answers come one by one: many at once would delay all next questions. */
const APART_MS = 4;
/** A cancel_run of another process is noticed within this time. */
const LOOK_MS = 400;
/** An evaluation that takes this long leaves others time to put the brake on. */
const SLOW_MS = 5;

type Job = RunWork & {
  /** Whether the agent's own words speak of a contact's field. */
  words: (field: string) => boolean;
  evaluate: Evaluate;
  signal: AbortSignal;
};
/** What is known of a contact at its evaluation, and what is kept of that. */
type Facts = { context: EvaluationContext; sight: Sight };
/** How many workers there are, how many contacts each takes at once, and how many results a commit writes. */
type Pace = { workers: number; takes: number; batch: number };

/** Evaluates one contact. A failure becomes its outcome; what stops the run is thrown: an empty purse, or an abort. */
async function evaluateContact(job: Job, contactId: string, facts: Facts | undefined): Promise<EvaluationOutcome> {
  const { house, evaluate, signal } = job;
  if (!facts) return { contactId, error: GONE };
  const { context, sight } = facts;
  try {
    return { contactId, sight, evaluation: await evaluate(context, signal) };
  } catch (error) {
    if (error instanceof PurseEmpty || signal.aborted) throw error;
    if (!(error instanceof AppError))
      house.deps.log.error({ error: String(error), contact_id: contactId }, 'an evaluation failed');
    return { ...failedOutcome(contactId, error), sight };
  }
}

/** Stops the work when the run is ended elsewhere, such as by cancel_run in another process. */
function watchRun({ house, run, isShared, stop }: Job): () => void {
  const look = () => {
    const looked = house.read((view, { holder }) => isOurs(holder, view.run(run.id), isShared));
    looked.then((isStill) => isStill || stop(), stop);
  };
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}

/** How a run's evaluation ended. `halt` says why it stopped before its last contact, and how many are left. */
export type RunOutcome = { isOver: boolean; halt?: { code: string; message: string } };

/**
 * What an evaluator may know about each of these contacts, read in one look; undefined for a deleted one. No facts at all
 * where the brake is on.
 */
async function factsOf(job: Job, ids: readonly string[]): Promise<(Facts | undefined)[] | undefined> {
  const { house, agent, words, brake } = job;
  await loadContacts(house, ids, ['fields', 'activity', 'ledger']);
  const { isOn, facts } = await house.read((view, { now }) => {
    if (view.brake().on) return { isOn: true, facts: [] };
    const facts = ids.map((id): Facts | undefined => {
      const context = contextOf(view, agent, id, now);
      const sight = sightOf(view, { agent, contactId: id, words }, now);
      return context && sight && { context, sight };
    });
    return { isOn: false, facts };
  });
  return brake.saw(isOn) ? undefined : facts;
}

/** What becomes of each outcome, and whether the run has to stop. `take` tells whether it wrote. */
type Taking = { take: (outcome: EvaluationOutcome) => Promise<boolean>; isHalted: () => boolean };

/**
 * Evaluates contacts that were taken together. The brake is looked at again before the next one where anybody can have
 * put it on meanwhile: after a write, and after an evaluation that took its time.
 */
async function workOn(job: Job, ids: readonly string[], { take, isHalted }: Taking) {
  const facts = await factsOf(job, ids);
  if (!facts) return;
  const { now } = job.house.deps;
  const slices = new Slices();
  for (let index = 0, mayHaveChanged = false; index < ids.length; index++) {
    const id = ids[index];
    if (id === undefined || job.signal.aborted || isHalted() || (mayHaveChanged && (await job.brake.isOn()))) return;
    if (slices.isDue) await slices.next();
    const began = now().getTime();
    const outcome = await evaluateContact(job, id, facts[index]);
    mayHaveChanged = (await take(outcome)) || now().getTime() - began >= SLOW_MS;
  }
}

/** Evaluates contacts with several workers. Each takes the next ones when it is free: a slow one holds up no other. */
async function workThrough(job: Job, { workers, takes, batch }: Pace): Promise<RunOutcome['halt']> {
  const writer = createWriter(job, batch);
  const outageAfter = watchForOutage(job.house.deps.now);
  let halt: AppError | undefined;
  const stopFor = (why: AppError | undefined) => {
    halt ??= why;
    // Who waits for contacts would wait for those that this process has in hand, and evaluates no more.
    if (halt) job.inHand.end();
  };
  const take = (outcome: EvaluationOutcome) => {
    stopFor(outageAfter(outcome));
    return writer.add(outcome);
  };
  const worker = async (index: number) => {
    if (index > 0) await pause(index * APART_MS);
    while (!halt && !job.signal.aborted && !job.brake.wasOn()) {
      const mine = await job.inHand.next(takes, writer.flush);
      if (mine.length === 0) return;
      await workOn(job, mine, { take, isHalted: () => halt !== undefined });
    }
  };
  const guarded = (_: unknown, index: number) =>
    worker(index).catch((error: unknown) => {
      if (error instanceof PurseEmpty) stopFor(error);
      else job.stop(error);
    });
  await Promise.all(Array.from({ length: workers }, guarded));
  await writer.end();
  if (!halt) return undefined;
  const count = (await leftOf(job.house, job.run.id)).length;
  const left = `${count} contact(s) are left${job.run.dry_run ? '' : ': the next trigger takes them first'}.`;
  return { code: halt.code, message: `${halt.message} ${left}` };
}

/** The contacts of a run that have no result yet. */
function leftOf(house: House, runId: string): Promise<string[]> {
  return house.read((view) => {
    const { targets, results } = view.results(runId);
    return targets.filter((id) => !results.has(id));
  });
}

/** Evaluates all contacts of a run that have no result yet; of one that others share, those that they don't take. */
export async function evaluateAll(house: House, run: Run, agent: Agent, outer: AbortSignal): Promise<RunOutcome> {
  const evaluator = findEvaluator(effectiveProvider(agent));
  if (!evaluator)
    throw new AppError('PROVIDER_ERROR', `The provider "${effectiveProvider(agent)}" isn't in this build.`);
  const evaluate = await evaluator.prepare(agent, await meansOf(house, run, agent));
  const { takes, batch } = evaluator;
  const workers = evaluator.workers(agent);
  const work = stoppable(outer);
  const { signal, stop } = work;
  const { isRunShared, targets } = await house.read((view) => ({
    isRunShared: isShared(view.run(run.id)),
    targets: view.results(run.id).targets.length,
  }));
  // A run by rules is joined once it lasts, and is found by then.
  const most = isRunShared && evaluator.isLimited && !run.started_at ? helpersWanted(targets, workers) : 0;
  if (most > 0) house.store.calls?.call(run.id, most);
  const inHand = isRunShared
    ? new PartInHand(evaluator.isLimited ? workers : undefined, signal)
    : allInHand(await leftOf(house, run.id));
  const brake = watchBrake(house);
  const words = agentWords(agent);
  const job: Job = { house, run, agent, words, evaluate, signal, stop, brake, isShared: isRunShared, inHand };
  const unwatch = watchRun(job);
  try {
    const halt = await work.run(workThrough(job, { workers, takes, batch }));
    return { isOver: !signal.aborted && (halt !== undefined || !brake.wasOn()), ...(halt ? { halt } : {}) };
  } finally {
    unwatch();
  }
}
