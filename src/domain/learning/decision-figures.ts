import type { AgentFacts, DecisionFact } from './facts.ts';
import { type Difference, differenceOf, type Rate, rateOf, type Share } from './intervals.ts';
import type { Judged } from './over-time.ts';
import { approvedOf, cleanOf } from './over-time.ts';
import { inSpan, type Period, type TimeSpan } from './period.ts';
import { medianOf, p90Of } from './quantiles.ts';

export type Trended = Rate & { trend: Difference | null };

/** An edit that changes more than this share of a text is a large one. */
const LARGE_EDIT = 0.2;
/** The most kinds of reasons that are told. */
const MOST_REASONS = 10;
const BY_PROOF = ['client', 'elicited', 'human', 'signed'] as const;

/** A decision as comparisons over time need it. */
export function judgedOf({ at, version, decision, edited }: DecisionFact): Judged {
  const isApproved = decision === 'approved';
  return { at, version, isApproved, isEdited: isApproved && edited };
}

function places(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A share as it is shown: with four places. */
export function rounded4<T extends number | null>(value: T): T | number {
  return value === null ? value : places(value, 4);
}

export function shownRate({ rate, n, low, high }: Rate): Rate {
  return { rate: rounded4(rate), n, low: rounded4(low), high: rounded4(high) };
}

function shownDifference(told: Difference | null): Difference | null {
  return told && { change: rounded4(told.change), low: rounded4(told.low), high: rounded4(told.high) };
}

function trended(of: (judged: readonly Judged[]) => Share, now: readonly Judged[], before: readonly Judged[]): Trended {
  return { ...shownRate(rateOf(of(now))), trend: shownDifference(differenceOf(of(before), of(now))) };
}

/** The decisions of a period, counted. `decisions` is approved, edited and rejected; `approved` is without the edited ones. */
export function decisionCounts(facts: AgentFacts, span: TimeSpan) {
  const decided = inSpan(facts.decisions, span);
  const apart = inSpan(facts.apart, span);
  const outcomes = inSpan(facts.outcomes, span);
  const judged = decided.map(judgedOf);
  const edited = judged.filter(({ isEdited }) => isEdited).length;
  const rejected = judged.filter(({ isApproved }) => !isApproved).length;
  const told = (kind: string) => apart.filter((each) => each.kind === kind).length;
  const came = (status: string) => outcomes.filter((each) => each.status === status).length;
  const proofs = BY_PROOF.map((proof) => [proof, decided.filter(({ via }) => String(via) === proof).length]);
  return {
    decisions: decided.length,
    by_proof: { client: 0, elicited: 0, human: 0, signed: 0, ...Object.fromEntries(proofs) },
    ...{ approved: decided.length - edited - rejected, edited, rejected },
    ...{ expired: told('expired'), cancelled: told('cancelled') },
    blocked: inSpan(facts.blocked, span).reduce((sum, { n }) => sum + n, 0),
    auto_approved: told('auto_approved'),
    ...{ executed: came('executed'), failed: came('failed'), unknown: came('unknown') },
  };
}

function editsOf(decided: readonly DecisionFact[]) {
  const distances = decided.flatMap(({ edited, distance }) => (edited && distance !== undefined ? [distance] : []));
  const n = distances.length;
  const large = distances.filter((distance) => distance > LARGE_EDIT).length;
  return { median: rounded4(medianOf(distances)), share_over_20: n === 0 ? null : rounded4(large / n), n };
}

function timesOf(decided: readonly DecisionFact[]) {
  const seconds = decided.flatMap(({ waited_s }) => (waited_s === undefined ? [] : [waited_s]));
  return { median_s: medianOf(seconds), p90_s: p90Of(seconds), n: seconds.length };
}

/** What evaluations of a period cost for each action that a person approved; null where one of them has no price. */
function costOfApproved(facts: AgentFacts, span: TimeSpan, approved: number) {
  const evaluations = inSpan(facts.evaluations, span);
  const sum = (of: (each: AgentFacts['evaluations'][number]) => number) =>
    evaluations.reduce((total, each) => total + of(each), 0);
  const [priced, total, usd] = [sum((each) => each.priced), sum((each) => each.n), sum((each) => each.usd)];
  const known = places(usd / Math.max(1, approved), 6);
  return { usd: priced === total && approved > 0 ? known : null, at_least_usd: known, priced, total };
}

function blockedBy(facts: AgentFacts, span: TimeSpan): { reason: string; n: number }[] {
  const counts = new Map<string, number>();
  for (const { reason, n } of inSpan(facts.blocked, span)) counts.set(reason, (counts.get(reason) ?? 0) + n);
  const told = [...counts].map(([reason, n]) => ({ reason, n })).sort((one, other) => other.n - one.n);
  return told.slice(0, MOST_REASONS);
}

/** The figures of a period's decisions, against the period before. */
export function decisionFigures(facts: AgentFacts, { span, before }: Period) {
  const decided = inSpan(facts.decisions, span);
  const [judged, earlier] = [decided.map(judgedOf), before ? inSpan(facts.decisions, before).map(judgedOf) : []];
  return {
    approval_rate: trended(approvedOf, judged, earlier),
    clean_rate: trended(cleanOf, judged, earlier),
    edit_distance: editsOf(decided),
    time_to_decide: timesOf(decided),
    cost_per_approved: costOfApproved(facts, span, approvedOf(judged).k),
    blocked_by: blockedBy(facts, span),
  };
}
