import type { Agent } from '../../domain/agents/agent.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';
import { demandProvider } from '../money/model-check.ts';

/** Whoever made a run begins it; others do where nobody has for so long. To find its contacts twice is work for nothing. */
const BEGUN_MS = 2_000;
/** A run by rules shows its pace in so long. */
const SHOWN_MS = 3_000;
/** At that pace those who evaluate it need so much longer: then one process more pays. */
const WORTH_MS = 20_000;

/** So many processes are called to a run at most: more would mostly wait for each other. */
const MOST_CALLED = 16;

/** Who evaluates a run, as the run and its entry among the unfinished ones have it. */
type Going = Pick<Run, 'status' | 'holder' | 'helpers'>;

/** The processes that evaluate a run: the one that started it, and those that joined in. */
export function partakersOf({ holder, helpers = [] }: Going): string[] {
  return holder === undefined ? [...helpers] : [holder, ...helpers];
}

/** Whether no other living process evaluates a run. */
export function isLeftTo(view: View, self: string, run: Going): boolean {
  return partakersOf(run).every((one) => one === self || !view.isAlive(one));
}

/** Whether a run is going on whose contacts several processes take. */
export function isShared(run: Going | undefined): boolean {
  return run?.status === 'running' && run.helpers !== undefined;
}

/**
 * Whether an agent's run may be shared. A cap on costs is held by one process, which knows what each call under way may
 * still cost. A config.json that can't be read may set one.
 */
export function mayBeShared({ limits }: Agent, isModel: boolean, config: Moment['config']): boolean {
  if (!isModel) return true;
  try {
    const { max_cost_usd_per_day, max_cost_usd_per_month } = config().limits;
    const caps = [limits.max_cost_usd_per_run, limits.max_cost_usd_per_day, limits.max_cost_usd_per_month];
    return [...caps, max_cost_usd_per_day, max_cost_usd_per_month].every((cap) => cap === undefined);
  } catch {
    return false;
  }
}

/** How many processes to call to a run that begins, of which so many contacts may be under way in all processes together. */
export function helpersWanted(targets: number, limit: number): number {
  return Math.max(0, Math.min(MOST_CALLED, limit - 1, targets - limit));
}

/** The version of an agent that a run is to evaluate with. */
export function agentOfRun(view: View, run: Run): Agent | undefined {
  // Only a backtest's plan is read for that: results are many.
  const planned = run.trigger === 'backtest' ? view.results(run.id).backtest?.agent : undefined;
  return planned ?? view.agentFile(run.agent_id).versions.find((item) => item.version === run.agent_version);
}

/** Whether this process may evaluate contacts of a run that others share: it needs the same keys, and no cap of its own. */
function mayJoin(view: View, moment: Moment, agent: Agent, deps: Parameters<typeof demandProvider>[1]): boolean {
  if (!mayBeShared(agent, modelProvider(agent) !== undefined, moment.config)) return false;
  try {
    demandProvider(view, deps, agent);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** A run that this process may join: how many contacts have a result and how many have none, and whether a model is asked. */
export type JoinableRun = { run_id: string; done: number; left: number; isModel: boolean };

/** What there is to join of a run that others evaluate; undefined where this process can't. */
export function joinable(
  view: View,
  moment: Moment,
  runId: string,
  deps: Parameters<typeof demandProvider>[1],
): JoinableRun | undefined {
  const run = view.run(runId);
  const agent = run && agentOfRun(view, run);
  // Who has left it would fail at its contacts again.
  if (!agent || !isShared(run) || run.left?.includes(moment.holder) || !mayJoin(view, moment, agent, deps))
    return undefined;
  const { contacts_targeted, contacts_evaluated: done } = run.summary;
  return { run_id: runId, done, left: contacts_targeted - done, isModel: modelProvider(agent) !== undefined };
}

/** A run that goes on, as it stood at a time in ms. */
type Stand = { at: number; done: number };

/** What a process remembers of the runs that others have, from one look to the next, so that it helps where that pays. Times are in ms. */
export class RunWatch {
  private stands: ReadonlyMap<string, Stand> = new Map();
  private waiting: ReadonlyMap<string, number> = new Map();

  /** Takes in which runs could begin now, and gives those that nobody begins. */
  leftWaiting(runIds: readonly string[], now: number): string[] {
    this.waiting = new Map(runIds.map((id) => [id, this.waiting.get(id) ?? now]));
    return runIds.filter((id) => now - (this.waiting.get(id) ?? now) >= BEGUN_MS);
  }

  /**
   * Takes in how the runs stand that this process could join, and gives those that get done sooner with one process more. Answers
   * of a model are waited for, so with them each does. Rules take the processor, and so does whoever joins in: it loads the run, and
   * results are written behind one lock. So a run by rules is joined where it is far from its end at the pace that it shows, or
   * shows none, because those who evaluate it hang.
   */
  worthJoining(runs: readonly JoinableRun[], now: number): string[] {
    const stands = new Map<string, Stand>();
    const worth = runs.filter(({ run_id, done, left, isModel }) => {
      const known = this.stands.get(run_id);
      // Before its first results a run shows no pace: those who began it read it first.
      const since = known && (known.done > 0 || done === 0) ? known : { at: now, done };
      const lasted = now - since.at;
      const isShown = lasted >= SHOWN_MS;
      stands.set(run_id, isShown ? { at: now, done } : since);
      return isModel || (isShown && left * lasted >= WORTH_MS * (done - since.done));
    });
    this.stands = stands;
    return worth.map(({ run_id }) => run_id);
  }
}
