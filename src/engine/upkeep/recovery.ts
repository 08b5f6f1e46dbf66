import type { UnfinishedRun } from '../../domain/state/state.ts';
import type { House } from '../base/house.ts';
import { askForOldGrants } from '../changes/old-grants.ts';
import { forgetDeleted } from '../contacts/delete-contact.ts';
import { startAttempts } from '../execution/attempt.ts';
import { recoverAttempts } from '../execution/recover-attempts.ts';
import { expireDue } from '../review/expiry.ts';
import { runsToRevise, startRevisions } from '../runs/revision-work.ts';
import { startRun } from '../runs/run-loop.ts';
import { isLeftTo, isShared, type JoinableRun, joinable, partakersOf, RunWatch } from '../runs/sharing.ts';

const EVERY_MS = 5_000;
/** Where processes share runs, each looks for one so often: a job is at most an id, and the rows have those anyway. */
const HELP_MS = 500;

/**
 * Marks the attempts of dead processes as `unknown`, and actions past their time limit as `expired`, and asks for the
 * permissions that agents of an earlier edition acted by.
 */
async function markAbandoned(house: House): Promise<void> {
  await recoverAttempts(house);
  await expireDue(house);
  await askForOldGrants(house);
}

/** Erases what is left of deleted contacts, on this machine also what other processes have erased. */
async function eraseLeft(house: House): Promise<void> {
  await forgetDeleted(house);
  await house.deps.outbox.tidy?.();
}

/** Runs that aren't over, those of them that no living process has, and those of others that this one may join. */
type Unfinished = { runs: readonly UnfinishedRun[]; left: ReadonlySet<string>; others: readonly JoinableRun[] };

/** Whether another run of its agent keeps a run waiting. */
function isKeptWaiting(run: UnfinishedRun, runs: readonly UnfinishedRun[], isDead: (run: UnfinishedRun) => boolean) {
  return runs.some(
    (other) =>
      !run.backtest &&
      !other.backtest &&
      other.agent_id === run.agent_id &&
      (other.status === 'awaiting_evaluation' || (other.status === 'running' && !isDead(other))),
  );
}

/**
 * Starts the runs whose turn it is, goes on with those that dead processes left, and joins in. With a watch it leaves to others
 * what they begin themselves, or have done soon; without one it joins nothing.
 */
async function takeUpRuns(house: House, watch?: RunWatch): Promise<void> {
  const { holder: self } = house.store;
  const { runs, left, others } = await house.read((view, moment): Unfinished => {
    const runs = view.brake().on ? [] : view.unfinished();
    const isOthers = (run: UnfinishedRun) => watch && isShared(run) && !house.runs.has(run.run_id);
    return {
      runs,
      left: new Set(runs.filter((run) => isLeftTo(view, self, run)).map((run) => run.run_id)),
      others: runs.filter(isOthers).flatMap(({ run_id }) => joinable(view, moment, run_id, house.deps) ?? []),
    };
  });
  const isDead = (run: UnfinishedRun) =>
    partakersOf(run).includes(self) ? !house.runs.has(run.run_id) : left.has(run.run_id);
  const idsOf = (some: readonly UnfinishedRun[]) => some.map((run) => run.run_id);
  const waiting = idsOf(runs.filter((run) => run.status === 'queued' && !isKeptWaiting(run, runs, isDead)));
  const dead = idsOf(runs.filter((run) => run.status === 'running' && isDead(run)));
  const now = performance.now();
  // Of several processes that have left one run, one takes it up, and the others join it.
  for (const id of dead) startRun(house, id, true);
  for (const id of watch?.leftWaiting(waiting, now) ?? waiting) startRun(house, id);
  for (const id of watch?.worthJoining(others, now) ?? []) startRun(house, id, true);
}

/**
 * Takes over what dead processes left: their attempts become `unknown`, their runs and revisions go on, actions that
 * they approved are executed, and their erasures are completed.
 */
export async function recover(house: House): Promise<void> {
  const { approved, toRevise, isBraked, isHolding } = await house.read((view, { holder: self }) => {
    const runs = view.unfinished();
    return {
      toRevise: runsToRevise(view, self),
      approved: [...view.waiting().values()].some((run) => run.approved > 0),
      isBraked: view.brake().on,
      isHolding:
        runs.some((run) => partakersOf(run).includes(self)) ||
        view.open({ statuses: ['approved'] }).some(({ holder }) => holder === self),
    };
  });
  await markAbandoned(house);
  if (isBraked) {
    // What this process holds stays its own while the brake is on: others may lack its keys.
    if (isHolding) await house.store.renew();
    await eraseLeft(house);
    return;
  }
  await takeUpRuns(house);
  for (const runId of toRevise) void startRevisions(house, runId);
  if (approved) startAttempts(house);
  await eraseLeft(house);
}

/** Goes on, in the background, with what waited for the brake to go off. Other processes notice within seconds. */
export function resumeWork(house: House): void {
  recover(house).catch((error: unknown) =>
    house.deps.log.warn({ error: String(error) }, 'work could not go on at once; it is tried again'),
  );
}

/** Looks for runs that nobody begins, that are left, or to help with, one look at a time. What can't be read now is read at the next look. */
function keepHelping(house: House): () => void {
  const watch = new RunWatch();
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await takeUpRuns(house, watch);
    } catch (error) {
      house.deps.log.debug({ error: String(error) }, 'runs could not be looked at');
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(look, HELP_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Recovers now and every few seconds, without keeping the process alive. With `begins` false it only marks what was
 * abandoned, and begins no run and no attempt. Gives the function that stops it.
 */
export function keepRecovering(house: House, begins: boolean): () => void {
  const once = () => {
    const recovered = begins ? recover(house) : markAbandoned(house);
    recovered.catch((error: unknown) =>
      house.deps.log.warn({ error: String(error) }, 'recovery failed; it is tried again'),
    );
  };
  once();
  const timer = setInterval(once, EVERY_MS);
  timer.unref();
  const stopHelping = begins && house.store.sharesRuns ? keepHelping(house) : undefined;
  return () => {
    clearInterval(timer);
    stopHelping?.();
  };
}
