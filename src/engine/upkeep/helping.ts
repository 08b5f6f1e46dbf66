import type { UnfinishedRun } from '../../domain/state/state.ts';
import type { House } from '../base/house.ts';
import { startRun } from '../runs/run-loop.ts';
import { isLeftTo, isShared, type JoinableRun, joinable, partakersOf, RunWatch } from '../runs/sharing.ts';

/** Where processes share runs, each looks so often for what it may take of them. */
const HELP_MS = 500;
/** A process that is called to new runs looks only so often while there are none. */
const REST_MS = 4_000;

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
 * what they begin themselves, or have done soon; without one it joins nothing. Gives whether others have runs that aren't over.
 */
export async function takeUpRuns(house: House, watch?: RunWatch): Promise<boolean> {
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
  return runs.some((run) => run.status !== 'awaiting_evaluation' && !house.runs.has(run.run_id));
}

/**
 * Looks for runs that nobody begins, that are left, or to help with, one look at a time. What can't be read now is read at the next
 * look. With `isCalled` others may call this process, where the store can: then it rests while nobody else has a run. Gives the
 * function that stops it.
 */
export function keepHelping(house: House, isCalled: boolean): () => void {
  const watch = new RunWatch();
  let [isLooking, isHeard, calls, restsUntil] = [false, false, 0, 0];
  const look = async () => {
    if (isLooking || performance.now() < restsUntil) return;
    isLooking = true;
    const before = calls;
    try {
      const isBusy = await takeUpRuns(house, watch);
      if (isHeard && !isBusy && calls === before) restsUntil = performance.now() + REST_MS;
    } catch (error) {
      house.deps.log.debug({ error: String(error) }, 'runs could not be looked at');
    } finally {
      isLooking = false;
    }
  };
  const wake = () => {
    calls += 1;
    restsUntil = 0;
    void look();
  };
  const listening = isCalled ? house.store.calls?.listen(wake) : undefined;
  void listening?.then((heard) => {
    isHeard = heard;
  });
  const timer = setInterval(look, HELP_MS);
  timer.unref();
  return () => clearInterval(timer);
}
