import {
  type Difference,
  differenceOf,
  differenceVerdict,
  type FigureVerdict,
  type Share,
  Z_REPEATED,
} from './intervals.ts';

/** A decision as the comparisons need it. */
export type Judged = { at: string; version: number; isApproved: boolean; isEdited: boolean };

/** How many decisions a version needs to be compared. */
const ENOUGH = 10;
const LAST = 20;
const BEFORE = 60;

export function approvedOf(judged: readonly Judged[]): Share {
  return { k: judged.filter(({ isApproved }) => isApproved).length, n: judged.length };
}

export function cleanOf(judged: readonly Judged[]): Share {
  return { k: judged.filter(({ isApproved, isEdited }) => isApproved && !isEdited).length, n: judged.length };
}

/** The decisions on what each version of an agent proposed, the oldest version first. */
export function byVersion(judged: readonly Judged[]): [version: number, judged: Judged[]][] {
  const found = new Map<number, Judged[]>();
  for (const each of judged) {
    const same = found.get(each.version);
    if (same) same.push(each);
    else found.set(each.version, [each]);
  }
  return [...found].sort(([one], [other]) => one - other);
}

export type VersionComparison = {
  from: number;
  to: number;
  verdict: FigureVerdict;
  difference: number;
  low: number;
  high: number;
};

/**
 * The newest version with ten decisions against the one before it with ten, by approvals; null where there aren't two. The
 * interval is wide enough for somebody who looks after every decision.
 */
export function compareVersions(judged: readonly Judged[]): VersionComparison | null {
  const [before, newest] = byVersion(judged)
    .filter(([, same]) => same.length >= ENOUGH)
    .slice(-2);
  const told = before && newest && differenceOf(approvedOf(before[1]), approvedOf(newest[1]), Z_REPEATED);
  if (!told) return null;
  const { change, low, high } = told;
  return { from: before[0], to: newest[0], verdict: differenceVerdict(told), difference: change, low, high };
}

export type Drift = {
  verdict: FigureVerdict;
  last: { n: number; rate: number };
  before: { n: number; rate: number };
  /** The version that began among the last decisions. It coincides; whether it is the cause nobody knows. */
  coincides?: number;
};

/** The last 20 decisions, in order, against the 60 before them, by the same rule; null where there aren't so many. */
export function driftOf(judged: readonly Judged[]): Drift | null {
  if (judged.length < LAST + BEFORE) return null;
  const last = approvedOf(judged.slice(-LAST));
  const before = approvedOf(judged.slice(-LAST - BEFORE, -LAST));
  const told: Difference | null = differenceOf(before, last, Z_REPEATED);
  if (!told) return null;
  const earlier = new Set(judged.slice(0, -LAST).map(({ version }) => version));
  const began = judged.slice(-LAST).find(({ version }) => !earlier.has(version))?.version;
  const rate = ({ k, n }: Share) => ({ n, rate: k / n });
  return {
    verdict: differenceVerdict(told),
    last: rate(last),
    before: rate(before),
    ...(began === undefined ? {} : { coincides: began }),
  };
}
