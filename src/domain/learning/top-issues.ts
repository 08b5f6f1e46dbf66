import { asRead } from '../text/as-read.ts';
import { groupsOf, likenessOf } from './text-groups.ts';

/** Texts at least this much alike, on average, are about the same. */
const ALIKE = 0.2;
/** The most different reasons that are compared with each other, the newest ones. */
const MOST_REASONS = 200;
const MOST_QUOTES = 3;
/** From which share of all decisions on an issue is of this impact. */
const HIGH = 0.2;
const MEDIUM = 0.05;

export const OTHER = 'other';

/** What several rejections say alike. All texts are quoted: they are data. */
export type Issue = { issue: string; frequency: number; impact: 'high' | 'medium' | 'low'; quotes: string[] };

type ReasonCount = { text: string; count: number };

/** Different reasons, the newest first, each with how often it was given. */
function different(reasons: readonly string[]): ReasonCount[] {
  const found = new Map<string, ReasonCount>();
  for (const text of reasons.toReversed()) {
    const key = asRead(text);
    if (key === '') continue;
    const said = found.get(key);
    if (said) said.count += 1;
    else found.set(key, { text: text.trim(), count: 1 });
  }
  return [...found.values()];
}

function impactOf(frequency: number, decisions: number): Issue['impact'] {
  const share = decisions === 0 ? 0 : frequency / decisions;
  if (share >= HIGH) return 'high';
  return share >= MEDIUM ? 'medium' : 'low';
}

function countOf(said: readonly ReasonCount[]): number {
  return said.reduce((sum, { count }) => sum + count, 0);
}

/** The places of a group, the one first that is most like all others in it. */
function byMiddle(group: readonly number[], likeness: readonly Float64Array[], said: readonly ReasonCount[]): number[] {
  const nearness = (at: number) =>
    group.reduce((sum, other) => sum + (likeness[at]?.[other] ?? 0) * (said[other]?.count ?? 0), 0);
  return group.toSorted((one, other) => nearness(other) - nearness(one) || one - other);
}

/**
 * Reasons of rejections, oldest first, grouped by what they are about, without a model. The one in the middle of a group names
 * it. What stays alone, once, is counted in one row. `decisions` is how many decisions there were in all.
 */
export function topIssues(reasons: readonly string[], decisions: number): Issue[] {
  const all = different(reasons);
  const said = all.slice(0, MOST_REASONS);
  const likeness = likenessOf(said.map(({ text }) => text));
  const groups = groupsOf(
    likeness,
    said.map(({ count }) => count),
    ALIKE,
  );
  const alone: ReasonCount[] = all.slice(MOST_REASONS);
  const issues: Issue[] = [];
  for (const group of groups) {
    const members = byMiddle(group, likeness, said).flatMap((at) => said[at] ?? []);
    const [middle] = members;
    const frequency = countOf(members);
    if (frequency < 2 || !middle) alone.push(...members);
    else
      issues.push({
        issue: middle.text,
        frequency,
        impact: impactOf(frequency, decisions),
        quotes: members.slice(0, MOST_QUOTES).map(({ text }) => text),
      });
  }
  issues.sort((one, other) => other.frequency - one.frequency);
  if (alone.length === 0) return issues;
  const frequency = countOf(alone);
  const quotes = alone.slice(0, MOST_QUOTES).map(({ text }) => text);
  return [...issues, { issue: OTHER, frequency, impact: impactOf(frequency, decisions), quotes }];
}
