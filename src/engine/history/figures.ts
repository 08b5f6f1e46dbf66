import { decisionCounts, judgedOf, shownRate } from '../../domain/learning/decision-figures.ts';
import type { AgentFacts } from '../../domain/learning/facts.ts';
import { type Rate, rateOf } from '../../domain/learning/intervals.ts';
import { approvedOf, cleanOf } from '../../domain/learning/over-time.ts';
import { inSpan, type TimeSpan } from '../../domain/learning/period.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { factsFor } from '../learning/kept-facts.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const WEEKS = 12;

/** What people said to an agent's proposals in a period. `approved` is without the edited ones. */
type SaidInPeriod = Pick<ReturnType<typeof decisionCounts>, 'approved' | 'edited' | 'rejected'> & {
  approval_rate: Rate;
  clean_rate: Rate;
};
/** A week of an agent, by the time at which it begins: what it proposed, and what people said in it. */
type Week = { from: string; proposed: number; approved: number; edited: number; rejected: number };

/** What of an agent's proposals people approved, edited and rejected, to be drawn: in a period, in the one before, by week. */
export type AgentFigures = {
  days: number;
  from: string;
  to: string;
  now: SaidInPeriod;
  before: SaidInPeriod;
  /** Oldest first; the last one isn't over. */
  weeks: Week[];
};

function saidIn(facts: AgentFacts, span: TimeSpan): SaidInPeriod {
  const { approved, edited, rejected } = decisionCounts(facts, span);
  const judged = inSpan(facts.decisions, span).map(judgedOf);
  return {
    ...{ approved, edited, rejected },
    approval_rate: shownRate(rateOf(approvedOf(judged))),
    clean_rate: shownRate(rateOf(cleanOf(judged))),
  };
}

type ProposedAt = { at: string; count: number };

/** What an agent proposed in each of the last weeks, and what people said in it. */
function weeksUntil(to: number, facts: AgentFacts, proposed: readonly ProposedAt[]): Week[] {
  const iso = (time: number) => new Date(time).toISOString();
  return Array.from({ length: WEEKS }, (_, index) => {
    const begin = to - (WEEKS - index) * WEEK_MS;
    const span = { from: iso(begin), to: iso(begin + WEEK_MS) };
    const { approved, edited, rejected } = decisionCounts(facts, span);
    const made = inSpan(proposed, span).reduce((sum, { count }) => sum + count, 0);
    return { from: span.from, proposed: made, approved, edited, rejected };
  });
}

/** How an agent's proposals fared: figures to draw, by the facts that its insights rest on. */
export async function figuresOf(house: House, idOrName: string, days: number): Promise<AgentFigures> {
  const { id, proposed } = await house.read((view) => {
    const agent = findAgent(view, idOrName);
    const runs = view.runsOf(agent.id).filter((run) => !run.dry_run && run.trigger !== 'backtest');
    const made = runs.map(
      ({ created_at, summary }): ProposedAt => ({ at: created_at, count: summary.actions_proposed }),
    );
    return { id: agent.id, proposed: made };
  });
  const facts = await factsFor(house, id);
  const now = house.deps.now().getTime();
  const at = (back: number) => new Date(now - back * days * DAY_MS).toISOString();
  return {
    ...{ days, from: at(1), to: at(0) },
    now: saidIn(facts, { from: at(1), to: at(0) }),
    before: saidIn(facts, { from: at(2), to: at(1) }),
    weeks: weeksUntil(now, facts, proposed),
  };
}
