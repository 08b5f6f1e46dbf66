import type { Agent } from '../../domain/agents/agent.ts';
import { effectiveProvider } from '../../domain/agents/agent.ts';
import { threadNow } from '../../domain/agents/thread.ts';
import { canonical } from '../../domain/base/json.ts';
import {
  completedTasks,
  conversationCounts,
  conversationFigures,
  sentimentOf,
} from '../../domain/learning/conversation-figures.ts';
import {
  decisionCounts,
  decisionFigures,
  judgedOf,
  rounded4,
  shownRate,
} from '../../domain/learning/decision-figures.ts';
import type { AgentFacts } from '../../domain/learning/facts.ts';
import { rateOf } from '../../domain/learning/intervals.ts';
import {
  approvedOf,
  byVersion,
  cleanOf,
  compareVersions,
  driftOf,
  type Judged,
} from '../../domain/learning/over-time.ts';
import { inSpan, type Period, type PeriodName, periodOf } from '../../domain/learning/period.ts';
import { recommendationsOf } from '../../domain/learning/recommendations.ts';
import { topIssues } from '../../domain/learning/top-issues.ts';
import { spentIn } from '../../domain/runs/spent.ts';
import type { View } from '../../domain/state/view.ts';
import { shortened } from '../../domain/text/shortened.ts';
import { endInTurns } from '../../store/turns.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import type { Insights } from '../base/shown/insights.ts';
import { shownCaps } from '../money/caps.ts';
import { factsFor } from './kept-facts.ts';
import { trustRows } from './trust.ts';

/** The most versions that are told, the newest ones with decisions. */
const MOST_VERSIONS = 20;
const LONGEST_QUOTE = 300;

function modelOf(agent: Agent | undefined): string {
  return agent === undefined ? 'unknown' : (agent.llm_config.model ?? effectiveProvider(agent));
}

/** When the playbook changed last; null where it is the first one. */
function lastOptimized(versions: readonly Agent[]): string | null {
  const changed = versions.findLast((version, at) => {
    const before = versions[at - 1];
    return before !== undefined && canonical(before.playbook) !== canonical(version.playbook);
  });
  return changed?.updated_at ?? null;
}

/** Figures over all time: what each version came to, the newest two of them, and whether the last decisions drifted. */
function overTime(judged: readonly Judged[], versions: readonly Agent[]) {
  const named = new Map(versions.map((agent) => [agent.version, agent]));
  const told = byVersion(judged).map(([version, same]) => {
    const { rate, n, low, high } = shownRate(rateOf(approvedOf(same)));
    const clean_rate = shownRate(rateOf(cleanOf(same))).rate;
    return { version, model: modelOf(named.get(version)), n, approval_rate: rate, low, high, clean_rate };
  });
  const drift = driftOf(judged);
  const compare = compareVersions(judged);
  return {
    versions: told.slice(-MOST_VERSIONS).reverse(),
    compare: compare && {
      ...compare,
      difference: rounded4(compare.difference),
      low: rounded4(compare.low),
      high: rounded4(compare.high),
    },
    drift: drift && {
      verdict: drift.verdict,
      last: { n: drift.last.n, rate: rounded4(drift.last.rate) },
      before: { n: drift.before.n, rate: rounded4(drift.before.rate) },
      ...(drift.coincides === undefined
        ? {}
        : { coincides_with: `version ${drift.coincides} (${modelOf(named.get(drift.coincides))}) began then` }),
    },
  };
}

/** An agent's status by all of its conversations. */
function learningStatus(
  view: View,
  agent: Agent,
  versions: readonly Agent[],
  conversations: AgentFacts['conversations'],
) {
  const isTesting = view.unfinished(agent.id).some(({ run_id }) => view.run(run_id)?.trigger === 'backtest');
  return {
    optimization_state: isTesting ? ('backtesting' as const) : ('idle' as const),
    last_optimized: lastOptimized(versions),
    conversation_count: conversations.length,
    task_completion_rate: rounded4(completedTasks(conversations)),
    avg_sentiment: sentimentOf(conversations).average,
  };
}

/** Conversations as they stand now: one that nobody touched for a day is abandoned. */
function asOfNow(conversations: AgentFacts['conversations'], now: Date): AgentFacts['conversations'] {
  return conversations.map((fact) => {
    const thread = { thread_id: '', agent_id: '', created_by: '', ...fact };
    return { ...fact, status: threadNow(thread, now).status };
  });
}

function issuesOf({ decisions }: AgentFacts, span: { from: string; to: string }) {
  const decided = inSpan(decisions, span);
  const reasons = decided.flatMap(({ decision, reason }) => (decision === 'rejected' && reason ? [reason] : []));
  return topIssues(reasons, decided.length).map(({ issue, quotes, ...rest }) => ({
    issue: shortened(issue, LONGEST_QUOTE),
    ...rest,
    quotes: quotes.map((quote) => shortened(quote, LONGEST_QUOTE)),
  }));
}

function oldestPending(view: View, agent: Agent, now: Date): number | null {
  const query = { agent_id: agent.id, statuses: ['pending_approval' as const] };
  const [oldest] = view.find.open(query, { limit: 1, offset: 0 }).rows;
  return oldest ? Math.max(0, Math.round((now.getTime() - Date.parse(oldest.proposed_at)) / 1000)) : null;
}

/** What an agent's model cost of late, and how far the caps beyond one run are used up. */
function spendingOf(view: View, terms: Pick<Moment, 'config' | 'now'>, agent: Agent) {
  const { day, month } = spentIn(view.spent(), terms.now, agent.id);
  return { today_usd: day, month_usd: month, caps: shownCaps(view, terms, agent) };
}

/** The figures that rest on facts alone, one after the other, so that other calls get their turn in between. */
function* figuresFrom(facts: AgentFacts, period: Period, versions: readonly Agent[]) {
  const counts = decisionCounts(facts, period.span);
  yield;
  const figures = decisionFigures(facts, period);
  yield;
  const compared = overTime(facts.decisions.map(judgedOf), versions);
  yield;
  return { counts, figures, compared, issues: issuesOf(facts, period.span) };
}

/** An agent, a period, and what was told of the facts in it. */
type Asked = { id: string; period: Period; facts: AgentFacts; told: FiguresTold };
type FiguresTold = ReturnType<typeof figuresFrom> extends Generator<unknown, infer T> ? T : never;

/** All figures of an agent, of facts that were collected before. */
function insightsIn(view: View, { now, env, config }: Moment, { id, period, facts, told }: Asked): Insights {
  const agent = findAgent(view, id);
  const { versions: all } = view.agentFile(agent.id);
  const conversations = asOfNow(facts.conversations, now);
  const { counts, figures, issues } = told;
  const { versions, compare, drift } = told.compared;
  const trust = trustRows(view, { agent, versions: all, env }, facts.decisions);
  const recommendations = recommendationsOf({
    ...{ decisions: counts.decisions, edited: counts.edited, expired: counts.expired, issues, compare, drift },
    ...{ approval: figures.approval_rate, clean: figures.clean_rate, edits: figures.edit_distance },
    blocked: figures.blocked_by,
    offers: trust.flatMap(({ type, offer }) => (offer === undefined ? [] : [type])),
  });
  return {
    agent_id: agent.id,
    period: { days: period.days, ...period.span },
    summary: { ...conversationCounts(conversations, period.span), ...counts },
    metrics: {
      ...conversationFigures(conversations, period),
      ...figures,
      spent: spendingOf(view, { config, now }, agent),
      oldest_pending_s: oldestPending(view, agent, now),
    },
    ...{ versions, compare, drift, trust },
    top_issues: issues,
    recommendations,
    status: learningStatus(view, agent, all, conversations),
  };
}

/** What an agent's decisions and conversations say, with how many cases each figure rests on (docs/insights.md). */
export async function agentInsights(house: House, idOrName: string, days: PeriodName): Promise<Insights> {
  const { id } = await house.read((view) => findAgent(view, idOrName));
  const facts = await factsFor(house, id);
  const { agent, versions } = await house.read((view) => ({
    agent: findAgent(view, id),
    versions: view.agentFile(id).versions,
  }));
  const period = periodOf(days, house.deps.now(), agent.created_at);
  const told = await endInTurns(figuresFrom(facts, period, versions));
  return house.read((view, moment) => insightsIn(view, moment, { id, period, facts, told }));
}
