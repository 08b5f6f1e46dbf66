import type { Agent } from '../../domain/agents/agent.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import { AppError } from '../../domain/base/errors.ts';
import { spentIn } from '../../domain/runs/spent.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import type { WiderCap } from './purse.ts';

const HOME_FILE = 'config.json';

/** A cap beyond one run, with what counts for it now. Days and months are those of UTC. */
export type CapNow = { name: string; cap: number; spent: number };

/** The caps of an agent and of the home that are set, with what was spent of each. A faulty config.json throws. */
function capsOf(
  looker: View,
  { config, now }: Pick<Moment, 'config' | 'now'>,
  { id, limits }: Pick<Agent, 'id' | 'limits'>,
): CapNow[] {
  const spent = wholeOf(looker).spent();
  const [own, all] = [spentIn(spent, now, id), spentIn(spent, now)];
  const home = config().limits;
  const caps: [name: string, cap: number | undefined, spent: number][] = [
    ['limits.max_cost_usd_per_day', limits.max_cost_usd_per_day, own.day],
    ['limits.max_cost_usd_per_month', limits.max_cost_usd_per_month, own.month],
    [`limits.max_cost_usd_per_day of ${HOME_FILE}, for all agents,`, home.max_cost_usd_per_day, all.day],
    [`limits.max_cost_usd_per_month of ${HOME_FILE}, for all agents,`, home.max_cost_usd_per_month, all.month],
  ];
  return caps.flatMap(([name, cap, used]) => (cap === undefined ? [] : [{ name, cap, spent: used }]));
}

/** The caps as they are shown to whoever looks: what the home spends in all is told only to who sees all of it. */
export function shownCaps(view: View, terms: Pick<Moment, 'config' | 'now'>, agent: Agent): CapNow[] {
  const all = modelProvider(agent) ? capsOf(view, terms, agent) : [];
  return wholeOf(view) === view ? all : all.filter(({ name }) => !name.includes(HOME_FILE));
}

/** Refuses to begin what a model would be asked in where a cap is used up already: LIMIT_EXCEEDED. */
export function demandMoney(view: View, moment: Moment, agent: Agent, so = 'No run was made'): void {
  if (!modelProvider(agent)) return;
  const used = capsOf(view, moment, agent).find(({ cap, spent }) => spent >= cap);
  if (!used) return;
  throw new AppError(
    'LIMIT_EXCEEDED',
    `${so}: ${used.name} is ${used.cap} USD, and ${used.spent.toFixed(6)} are spent. It begins anew at midnight UTC, or with the month; a person can raise it.`,
    { cap: used.cap, spent: used.spent },
  );
}

/**
 * The caps beyond one run, for a purse. What the purse has spent itself is in the state as soon as it is written, so that is
 * taken off again: `ownNow` tells it.
 */
export async function widerCaps(house: House, agent: Agent, ownNow: (view: View) => number): Promise<WiderCap[]> {
  const { began, caps } = await house.read((view, moment) => ({
    began: ownNow(wholeOf(view)),
    caps: capsOf(view, moment, agent),
  }));
  const spentFor = (name: string) =>
    house.read((view, moment) => {
      const spent = capsOf(view, moment, agent).find((each) => each.name === name)?.spent ?? 0;
      return Math.max(0, spent - (ownNow(wholeOf(view)) - began));
    });
  return caps.map(({ name, cap }) => ({ name, cap, before: () => spentFor(name) }));
}
