import type { Agent } from '../../domain/agents/agent.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';
import { demandProvider } from '../money/model-check.ts';

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

/** Whether this process may evaluate contacts of a run that another one shares: it needs the same keys, and no cap of its own. */
export function canJoin(view: View, moment: Moment, agent: Agent, deps: Parameters<typeof demandProvider>[1]): boolean {
  if (!mayBeShared(agent, modelProvider(agent) !== undefined, moment.config)) return false;
  try {
    demandProvider(view, deps, agent);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
